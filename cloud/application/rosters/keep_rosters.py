"""A manager says who is on duty: rosters, overrides, and calendars brought in from elsewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.rosters.calendar_files import CalendarReader
from cloud.application.rosters.keeping import Act, check_keeper, register_for
from cloud.domain.community.faults import fault
from cloud.domain.community.roster import Override, Roster, override_problems, roster_problems
from cloud.domain.duties.description import strangers
from cloud.domain.duties.register import Register
from cloud.domain.records.ledger import Kind
from cloud.errors import Conflict, Invalid, NotFound


class KeepRosters:
    """Raises NotFound, NotAllowed, Invalid (naming each fault), and Conflict where `seen` is no longer the revision."""

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids, reader: CalendarReader) -> None:
        self._units, self._clock, self._ids, self._reader = units, clock, ids, reader

    def put(
        self, roster: Roster, viewer: Identity, *, new: bool, seen: int | None = None, cause: str | None = None
    ) -> Roster:
        """A roster as a whole, its overrides apart: those of a known one stay."""
        with self._units.writing() as uow:
            uow.ledger.hold(roster.estate)
            register = register_for(uow, roster.estate, viewer)
            check_keeper(register, viewer.member, roster.party_id)
            known = next((one for one in register.rosters if one.id == roster.id), None)
            if new and known is not None:
                raise Conflict(f"There is a roster {roster.id!r} already: choose another id.", "值班表编号已存在")
            if known is None and not new:
                raise _unknown(roster.id)
            if known is not None:
                check_keeper(register, viewer.member, known.party_id)
                _check_revision(known, seen)
                roster = replace(roster, overrides=known.overrides, revision=known.revision + 1, laid=known.laid)
            self._save(uow, register, roster, Act(Kind.ROSTER_CHANGED, viewer.member.id, cause))
            return roster

    def remove(self, estate: str, roster_id: str, viewer: Identity, *, cause: str | None = None) -> None:
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            _, roster = self._find(uow, estate, roster_id, viewer)
            uow.rosters.remove(estate, roster_id)
            self._note(uow, roster, Act(Kind.ROSTER_REMOVED, viewer.member.id, cause))
            uow.commit()

    def override(
        self,
        estate: str,
        roster_id: str,
        viewer: Identity,
        *,
        starts_at: datetime,
        ends_at: datetime,
        members: tuple[str, ...],
        replaces: str | None = None,
        note: str = "",
        cause: str | None = None,
    ) -> Override:
        """From then until then these members are on duty, instead of one or of everybody."""
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            register, roster = self._find(uow, estate, roster_id, viewer)
            made = Override(self._ids.new(self._clock.now()), starts_at, ends_at, members, replaces, note)
            problems: list[str] = list(override_problems(made, new=True))
            if replaces is not None and replaces not in roster.people():
                problems.append(fault("replaces-nobody", member=replaces))
            if problems:
                raise Invalid("The override was not taken.", problems)
            for known in roster.overrides:
                if replace(known, id=made.id) == made:
                    return known
            data = {"from": starts_at.isoformat(), "until": ends_at.isoformat(), "members": list(members)}
            changed = replace(roster.with_override(made), revision=roster.revision + 1)
            self._save(
                uow, register, changed, Act(Kind.OVERRIDE_ADDED, viewer.member.id, cause, {**data, "override": made.id})
            )
            return made

    def end_override(
        self, estate: str, roster_id: str, override_id: str, viewer: Identity, *, cause: str | None = None
    ) -> None:
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            register, roster = self._find(uow, estate, roster_id, viewer)
            if all(one.id != override_id for one in roster.overrides):
                raise NotFound(f"Roster {roster_id!r} has no override {override_id!r}.", "没有这条替班")
            changed = replace(roster.without_override(override_id), revision=roster.revision + 1)
            self._save(
                uow, register, changed, Act(Kind.OVERRIDE_REMOVED, viewer.member.id, cause, {"override": override_id})
            )

    def take_calendar(
        self, estate: str, roster_id: str, content: bytes, viewer: Identity, *, cause: str | None = None
    ) -> Roster:
        """Events of a calendar become overrides, recurring ones shifts. All of them or none; brought in again they
        replace themselves.
        """
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            register, roster = self._find(uow, estate, roster_id, viewer)
            read = self._reader.read(content, register, roster.party_id)
            fresh = {one.id for one in read.overrides}
            kept = tuple(one for one in roster.overrides if one.id not in fresh)
            shifts = (*roster.shifts, *(one for one in read.shifts if one not in roster.shifts))
            same = {one.id: one for one in roster.overrides} == {one.id: one for one in (*kept, *read.overrides)}
            if same and shifts == roster.shifts:
                return roster
            changed = replace(roster, overrides=(*kept, *read.overrides), shifts=shifts, revision=roster.revision + 1)
            data = {"overrides": len(read.overrides), "shifts": len(read.shifts)}
            self._save(uow, register, changed, Act(Kind.CALENDAR_IMPORTED, viewer.member.id, cause, data))
            return changed

    @staticmethod
    def _find(uow: UnitOfWork, estate: str, roster_id: str, viewer: Identity) -> tuple[Register, Roster]:
        register = register_for(uow, estate, viewer)
        roster = next((one for one in register.rosters if one.id == roster_id), None)
        if roster is None:
            raise _unknown(roster_id)
        check_keeper(register, viewer.member, roster.party_id)
        return register, roster

    def _save(self, uow: UnitOfWork, register: Register, roster: Roster, act: Act) -> None:
        problems = [*roster_problems(roster), *strangers(roster, register.members.values())]
        if problems:
            raise Invalid(f"Roster {roster.id!r} does not hold together.", problems)
        uow.rosters.save(replace(roster, changed_at=self._clock.now()))
        self._note(uow, roster, act)
        uow.commit()

    def _note(self, uow: UnitOfWork, roster: Roster, act: Act) -> None:
        facts = {"roster": roster.id, "party": roster.party_id, "revision": roster.revision}
        uow.ledger.append(roster.estate, [act.draft(self._clock.now(), roster.id, facts)])


def _unknown(roster_id: str) -> NotFound:
    return NotFound(f"There is no roster {roster_id!r} in this estate.", "没有这份值班表")


def _check_revision(known: Roster, seen: int | None) -> None:
    if seen is not None and seen != known.revision:
        raise Conflict(
            f"Roster {known.id!r} is at revision {known.revision}; you saw {seen}. Read it again and decide anew.",
            "值班表已被他人修改，请刷新后再操作",
        )
