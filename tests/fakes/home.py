"""A home in the small estate: its door, the people who live there, a home beside it, and what its door tells."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cache

from cloud.application.timeseries import Origin, StoredBatch, to_micros
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.register import Equipment, EquipmentKind
from tests.fakes.estate import ESTATE, HOME, OUTBOX, description

DOOR, POINT, LIGHT = "b1/flat-door", "b1/flat-door/contact", "b1/flat-door/lux"
OTHER_POINT = "b2/flat-door/contact"


@cache
def with_a_home() -> EstateDescription:
    return lived_in(description())


def lived_in(plain: EstateDescription) -> EstateDescription:
    """`grandmother` and `her-daughter` live on the second floor of building 1, `widower` in building 2."""
    families = (
        Party("home", PartyKind.HOUSEHOLD, Names("一户", "A household"), (f"{HOME}/b1/f2",)),
        Party("beside", PartyKind.HOUSEHOLD, Names("另一户", "Another household"), (f"{HOME}/b2",)),
    )
    people = (
        ("grandmother", "home", Role.RESIDENT),
        ("her-daughter", "home", Role.RESPONDER),
        ("widower", "beside", Role.RESIDENT),
    )
    doors = (
        Equipment(DOOR, EquipmentKind.ACCESS_GATE, f"{HOME}/b1/f2", Names("入户门", "Flat door"), "b1-node"),
        Equipment("b2/flat-door", EquipmentKind.ACCESS_GATE, f"{HOME}/b2", Names("入户门", "Flat door"), "b2-node"),
    )
    return replace(
        plain,
        parties=plain.parties + families,
        members=plain.members + tuple(Member(id_, party, Names(id_, id_), role) for id_, party, role in people),
        equipment=plain.equipment + doors,
    )


def door_tells(readings, now, value, point=POINT, *, quality=0, ago=timedelta()):
    """One reading of the point."""
    at = to_micros(now - ago)
    origin = Origin(ESTATE, "b1-node", OUTBOX)
    readings.record([StoredBatch(origin, len(readings.recorded_at) + 1, bytes(16), [(point, at, value, quality)])], at)
