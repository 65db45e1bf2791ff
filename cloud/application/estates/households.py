"""A resident is asked in where they live: their household is made there, and stays when the estate's file is loaded again."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from cloud.application.ports import UnitOfWork
from cloud.domain.community.home import HOMES_IN, household, moved
from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.community.place import is_within
from cloud.domain.duties.description import EstateDescription
from cloud.domain.duties.register import Register
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import NotFound


def home_at(register: Register, place_id: str, new_id: str) -> Party:
    """A household there that is not in the register yet. Raises NotFound."""
    known = place_id in register.places and is_within(place_id, register.estate.place_id)
    if not known or register.places.get(place_id).kind not in HOMES_IN:
        raise NotFound(
            f"Nobody lives at {place_id!r}: choose a building, a unit or a floor of this estate.",
            "请选择本小区的楼栋、单元或楼层",
        )
    return household(f"household-{new_id}", place_id, register.places)


def waiting_home(uow: UnitOfWork, register: Register, names: Names, place_id: str, now: datetime) -> Party | None:
    """The household of somebody of that name who is asked in there and has not come yet: whoever heard no answer asks again."""
    waiting = (one for one in uow.accounts.invitations([register.estate.id]) if one.open(now) and one.new)
    homes = (register.parties.get(one.member.party_id) for one in waiting if one.member.names == names)
    there = (home for home in homes if home is not None and home.kind is PartyKind.HOUSEHOLD)
    return next((home for home in there if home.serves == (place_id,)), None)


def move_in(uow: UnitOfWork, register: Register, home: Party, *, by: str, now: datetime) -> None:
    """The next version of the register has it too; nothing else of it changes. The digest is by content, for a version that is
    rolled back must leave no number behind.
    """
    parties = {**register.parties, home.id: home}
    changed = replace(register, version=register.version + 1, parties=parties, _by_closeness={})
    estate = register.estate.id
    before = uow.registers.digest(estate) or ""
    uow.registers.store(changed, hashlib.sha256(f"{before}{home!r}".encode()).hexdigest())
    facts = {"version": changed.version, "changed": ["parties"]}
    uow.ledger.append(estate, [Draft(Kind.ESTATE_LOADED, now, by, None, estate, "invitation", facts)])


def with_homes(
    uow: UnitOfWork, known: Register | None, description: EstateDescription, now: datetime
) -> EstateDescription:
    """Households that were made for who was asked in stand in no file, and neither do those: they stay while somebody belongs
    to them or is still asked in.
    """
    if known is None:
        return description
    estate = known.estate.id
    members = (known.members[id_] for id_ in uow.accounts.added_members(estate) if id_ in known.members)
    waiting = (one.member for one in uow.accounts.invitations([estate]) if one.open(now))
    lived_in = {one.party_id for member in (*members, *waiting) for one in member.memberships}
    places, root = [place.id for place in description.places], description.estate.place_id
    kept = tuple(
        replace(party, serves=moved(party, places, root))
        for party in known.parties.values()
        if party.kind is PartyKind.HOUSEHOLD and party.id in lived_in - {one.id for one in description.parties}
    )
    return replace(description, parties=(*description.parties, *kept)) if kept else description
