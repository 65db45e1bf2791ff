"""The small estate with people who live and help in it: a volunteer team and two households."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cloud.application.estates.sign_in import Identity
from cloud.domain.community.access import Purpose
from cloud.domain.community.hours import Hours
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Party, PartyKind, PartyRef, Role
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.register import Register
from tests.fakes.estate import ESTATE, HOME, description

_PARTIES = (
    ("volunteers", PartyKind.VOLUNTEER_TEAM, "志愿队", "Volunteers"),
    ("flat-1", PartyKind.HOUSEHOLD, "1户", "Flat 1"),
    ("flat-2", PartyKind.HOUSEHOLD, "2户", "Flat 2"),
)
_MEMBERS = (
    ("ann", "volunteers", Role.RESPONDER),
    ("ben", "volunteers", Role.RESPONDER),
    ("cao", "flat-1", Role.RESIDENT),
    ("dan", "flat-1", Role.RESIDENT),
    ("eve", "flat-2", Role.RESIDENT),
)
"""Stand-ins by letter, nobody's names."""

DOORS = Duty(
    "doors-with-neighbours",
    ("access.forced-open",),
    (PartyRef("kind", "property_manager"),),
    timedelta(minutes=10),
    timedelta(hours=1),
    Names("示例", "an example"),
    supports=(PartyRef("kind", "volunteer_team"), PartyRef("kind", "lift_maintainer")),
)


def neighbourhood() -> EstateDescription:
    known = description()
    parties = tuple(Party(id_, kind, Names(zh, en), (HOME,)) for id_, kind, zh, en in _PARTIES)
    clinic = Party(
        "clinic", PartyKind.SOCIAL_ORGANISATION, Names("卫生站", "Clinic"), (HOME,), capabilities=frozenset({"first-aid"}),
        hours=Hours(frozenset({1, 2, 3, 4, 5})),
    )  # fmt: skip
    members = tuple(Member(id_, party, Names(id_, id_), role) for id_, party, role in _MEMBERS)
    return replace(
        known,
        parties=(*known.parties, *parties, clinic),
        members=(*known.members, *members),
        duties=(*known.duties, DOORS),
    )


def register() -> Register:
    return neighbourhood().register(1)


def viewer(member_id: str) -> Identity:
    return Identity(register().members[member_id], Purpose.SESSION, frozenset(), (ESTATE,))
