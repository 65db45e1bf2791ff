"""The named officers of a call sheet: beside its numbers, the parties whose matter it is, by their telephones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from cloud.domain.community.contacts import Contact
from cloud.domain.community.party import Member, Party, PartyKind, Role
from cloud.domain.duties.call_sheet import to_dial
from cloud.domain.duties.reach import Ground, reach
from cloud.domain.duties.register import Register
from cloud.domain.duties.targets import targets_of
from cloud.domain.tasks.assignment import AssignmentState
from cloud.domain.tasks.fire import PRESUMED, has_word
from cloud.domain.tasks.task import Task

_OUT: Final = (AssignmentState.DECLINED, AssignmentState.TRANSFERRED, AssignmentState.RELEASED)
_ROOMS: Final = frozenset({PartyKind.PROPERTY_MANAGER, PartyKind.FIRE_CONTROL_ROOM})
_TELEPHONES: Final = frozenset({"voice", "sms"})


def officers(register: Register, task: Task, place_id: str, moment: datetime) -> list[Party]:
    """Who has a part in it and has not declined, then whom its ladder calls, each once, without the numbers that the sheet
    has anyway. A household is none of them: its telephone is a home's.
    """
    numbers = {party.id for party in to_dial(register, task.duty.call_sheet, place_id)}
    found = dict.fromkeys((*_at_work(register, task), *_climbed(register, task, place_id, moment)))
    return [party for party in found if party.id not in numbers and party.kind is not PartyKind.HOUSEHOLD]


def _at_work(register: Register, task: Task) -> Iterator[Party]:
    for part in task.assignments:
        if part.works and part.state not in _OUT:
            yield register.party(part.party_id)


def _climbed(register: Register, task: Task, place_id: str, moment: datetime) -> Iterator[Party]:
    local = register.estate.local(moment)
    for step in task.duty.ladder.steps:
        meant = targets_of(register, step, place_id, local, life_safety=task.life_safety)
        yield from (*meant.called, *meant.numbers)


def is_to_phone(task: Task) -> bool:
    """Whether there is a sheet to phone from, and nobody is there yet. Never in an exercise: nobody outside is called for one."""
    sheet = bool(task.duty.call_sheet) or task.hazard == PRESUMED
    return task.life_safety and task.undone and task.mode == "real" and sheet and not has_word(task)


def on_the_roster(register: Register, party: Party, moment: datetime) -> tuple[Member, ...]:
    """Who of a party is on duty by its roster. Where it has none nobody is, and its own telephone is what there is."""
    reached = reach(register, party.id, moment)
    return reached.first if reached.ground is Ground.ROSTER else ()


def sees_numbers_of_persons(register: Register, viewer: Member, place_id: str) -> bool:
    """Whether somebody phones from a duty room: of the property or the fire control room that serves the place."""
    for one in viewer.memberships:
        party = register.parties.get(one.party_id)
        if (
            party is not None
            and party.kind in _ROOMS
            and one.role is not Role.RESIDENT
            and party.closeness(place_id) >= 0
        ):
            return True
    return False


def telephone(contacts: tuple[Contact, ...]) -> str | None:
    """The number by which a person is phoned: one that was proven to be theirs."""
    proven = (one for one in contacts if one.channel in _TELEPHONES and one.relied_upon)
    return next((one.address for one in sorted(proven, key=lambda one: (one.preference, one.channel != "voice"))), None)
