"""Whether a party may be asked, here and now: it serves the place, somebody of it is here, and it is at work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import IntEnum

from cloud.domain.community.party import Party
from cloud.domain.duties.reach import reach
from cloud.domain.duties.register import Register
from cloud.domain.duties.target import Only


class Availability(IntEnum):
    """How well a party can be asked, best first. `NOBODY`: a call to it goes to nobody; a body without an account is
    dialled instead. `ELSEWHERE`: it does not serve the place.
    """

    AT_WORK = 0
    OUT_OF_HOURS = 1
    NOBODY = 2
    ELSEWHERE = 3


def available(register: Register, party: Party, place_id: str, moment: datetime) -> Availability:
    """The one answer for whoever looks for a party: routing, succession, joint work, reports and ladders."""
    if party.closeness(place_id) < 0:
        return Availability.ELSEWHERE
    if not has_people(register, party, moment):
        return Availability.NOBODY
    at_work = party.hours.cover(register.estate.local(moment))
    return Availability.AT_WORK if at_work else Availability.OUT_OF_HOURS


def at_work(register: Register, party: Party, place_id: str, moment: datetime) -> bool:
    return available(register, party, place_id, moment) is Availability.AT_WORK


def best_first(register: Register, parties: Iterable[Party], place_id: str, moment: datetime) -> list[Party]:
    """Those that can be asked at all, in their order; whoever is out of its service hours comes last."""
    judged = [(available(register, party, place_id, moment), party) for party in parties]
    return [
        party for wanted in (Availability.AT_WORK, Availability.OUT_OF_HOURS) for how, party in judged if how is wanted
    ]


def has_people(register: Register, party: Party, moment: datetime, only: Sequence[Only] = ()) -> bool:
    """Whether a call to the party, or to `only` some of it, goes to anybody here. An empty roster means everybody, so only a
    party without people is nobody.
    """
    return not party.external and bool(reach(register, party.id, moment, only).first)
