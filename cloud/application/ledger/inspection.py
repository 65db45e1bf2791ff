"""A register for an inspector, printed from the ledger: a period, line by line, each with its number in the chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.sight import Sight
from cloud.domain.community.names import Names, from_large_to_small
from cloud.domain.community.place import PlaceKind
from cloud.domain.duties.register import Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.records import narrative
from cloud.domain.records.inspection import Book, belongs, details
from cloud.domain.records.ledger import Entry, Head, Kind
from cloud.errors import Invalid, NotFound

MOST_ENTRIES: Final = 50_000
"""Of a period: what is read at once, and more than anybody prints."""


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One entry as a line. `details`: what it says where no sentence does."""

    seq: int
    at: datetime
    what: Names
    where: Names
    who: Names
    incident_id: str | None
    exercise: bool
    failure: bool
    details: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RegisterCounts:
    """What the register's first line sums up."""

    incidents: int
    alarms: int
    exercises: int
    false_alarms: int
    failures: int


@dataclass(frozen=True, slots=True)
class PrintedRegister:
    """`first` and `head`: from which entry to which the period reaches in the chain, and the hash of its last; None where
    nothing at all happened in it.
    """

    book: Book
    start: datetime
    end: datetime
    made_at: datetime
    lines: Sequence[RegisterLine]
    counts: RegisterCounts
    first: int | None
    head: Head | None


class PrintRegister:
    """Raises NotFound, and Invalid for a period that is empty or holds too much to print."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(
        self, estate: str, book: Book, start: datetime, end: datetime, viewer: Identity | None
    ) -> PrintedRegister:
        if start >= end:
            raise Invalid("There is no such period.", ["from, to: the last day must not be before the first"])
        with self._units.reading() as uow:
            register = uow.registers.find(estate)
            if register is None or (viewer is not None and estate not in viewer.estates):
                raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
            entries = uow.ledger.between(estate, start, end, MOST_ENTRIES + 1)
            if len(entries) > MOST_ENTRIES:
                raise Invalid(
                    "The period holds too much to be printed.",
                    [f"from, to: it has more than {MOST_ENTRIES} entries; choose fewer days"],
                )
            entries = Sight(uow, register, viewer).shown(entries)
            incidents = self._incidents(uow, entries)
        chosen = [(entry, incidents.get(entry.incident_id or "")) for entry in entries]
        chosen = [(entry, about) for entry, about in chosen if belongs(book, entry, about.hazard if about else None)]
        return PrintedRegister(
            book,
            start,
            end,
            self._clock.now(),
            [_line(entry, about, register) for entry, about in chosen],
            _counts([entry for entry, _ in chosen], incidents),
            entries[0].seq if entries else None,
            Head(entries[-1].seq, entries[-1].hash) if entries else None,
        )

    @staticmethod
    def _incidents(uow: UnitOfWork, entries: Sequence[Entry]) -> Mapping[str, Incident]:
        ids = sorted({entry.incident_id for entry in entries if entry.incident_id})
        found: dict[str, Incident] = {}
        for start in range(0, len(ids), 500):
            found.update(uow.incidents.among(ids[start : start + 500]))
        return found


def _line(entry: Entry, incident: Incident | None, register: Register) -> RegisterLine:
    what = narrative.sentence(entry, register)
    told = what != Names(entry.kind, entry.kind)
    handover = entry.kind.startswith("shift.")
    if handover and not told:
        what = Names("交接班", "shift handover")
    return RegisterLine(
        entry.seq,
        entry.at,
        what,
        _where(entry, incident, register),
        _who(entry, register),
        entry.incident_id,
        _is_exercise(entry, incident),
        entry.kind in narrative.FAILURES,
        _beside(entry) if handover and told else [] if told else details(entry),
    )


def _beside(entry: Entry) -> list[tuple[str, str]]:
    """What a handover says beside its sentence, which names the party; a person has no use for its number."""
    return [(key, value) for key, value in details(entry) if key not in {"handover", "party"}]


def _is_exercise(entry: Entry, incident: Incident | None) -> bool:
    return entry.data.get("mode") == "exercise" or (incident is not None and incident.mode == "exercise")


def _where(entry: Entry, incident: Incident | None, register: Register) -> Names:
    equipment = entry.data.get("equipment") or (incident.equipment_id if incident else None)
    place = str(entry.data.get("place") or (incident.place_id if incident else ""))
    there = register.places.address(place, PlaceKind.BUILDING) if place in register.places else Names("", "")
    if equipment is None:
        return there
    thing = register.names_of(str(equipment))
    return from_large_to_small((there, thing))


def _who(entry: Entry, register: Register) -> Names:
    """Who did it, and for which party."""
    person = narrative.actor(entry, register)
    sort, _, identity = entry.actor.partition(":")
    member = register.members.get(identity) if sort == "member" else None
    party = register.parties.get(member.party_id) if member else None
    if party is None:
        return person
    return Names(f"{party.names.zh} {person.zh}", f"{person.en}, {party.names.en}")


def _counts(entries: Sequence[Entry], incidents: Mapping[str, Incident]) -> RegisterCounts:
    ids = {entry.incident_id for entry in entries if entry.incident_id in incidents}
    drills = {id_ for id_ in ids if id_ and incidents[id_].mode == "exercise"}
    fired = [entry for entry in entries if entry.kind == Kind.ALERT_FIRED]
    false = {e.incident_id for e in entries if e.kind == Kind.TASK_RESOLVED and e.data.get("reason") == "false_alarm"}
    return RegisterCounts(
        incidents=len(ids - drills),
        alarms=sum(entry.incident_id not in drills for entry in fired),
        exercises=len(drills),
        false_alarms=len(false - drills),
        failures=sum(entry.kind in narrative.FAILURES for entry in entries),
    )
