"""An estate's matrix is tried on what happened, and changed: as a whole, as a new version, by those who may."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.faults import called, fault
from cloud.domain.community.party import STREETS, Member, PartyKind, Role
from cloud.domain.duties.description import matrix_problems
from cloud.domain.duties.dry_run import Difference, PastCase, dry_run
from cloud.domain.duties.duty import Duty, DutyMatrix
from cloud.domain.duties.matrix_warnings import matrix_warnings
from cloud.domain.duties.register import Register
from cloud.domain.duties.register_warnings import way_warnings
from cloud.domain.duties.target_problems import target_problems, target_warnings
from cloud.domain.fleet.document_difference import DifferentLine, differences
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound

_ROLES: Final = frozenset({Role.MANAGER, Role.OVERSEER, Role.ADMINISTRATOR})
_BODIES: Final = frozenset(
    {PartyKind.PROPERTY_MANAGER, *STREETS, PartyKind.RESIDENTS_COMMITTEE, PartyKind.OWNERS_COMMITTEE}
)
"""Who runs or oversees an estate. A firm that works for it does not write its own duties."""

UNREPLAYED: Final = "none"
"""Says that a matrix is put in force although nobody has seen what it would have meant."""

LONGEST: Final = timedelta(days=366)
_PAGE: Final = 200


Told = Callable[[int, int], None]
"""How many past incidents were looked at, of how many."""


def _untold(_done: int, _total: int) -> None:
    """Nobody watches."""


def _watched(cases: Sequence[PastCase], told: Told) -> Iterator[PastCase]:
    for number, case in enumerate(cases):
        told(number, len(cases))
        yield case
    told(len(cases), len(cases))


@dataclass(frozen=True, slots=True)
class Changed:
    """`version` now in force; `changed` False when it said so already. `warnings`: what of it will not hold as it stands."""

    version: int
    changed: bool
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tried:
    """How many incidents were looked at, since when, and which of them would have been answered otherwise. `warnings`: what of
    it will not hold as it stands. `replayed`: the mark of these rows against the version in force, which putting them in force
    wants.
    """

    cases: int
    since: datetime
    differences: tuple[Difference, ...]
    warnings: tuple[str, ...] = ()
    replayed: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a text would change of the version in force: rows, the lines of the sheet that differ, and past incidents. `hazards`: for
    which a row that changes is or was, by its id.
    """

    against: int
    rows: Changed
    lines: Sequence[DifferentLine]
    tried: Tried
    hazards: Mapping[str, Sequence[str]]


class DutySheet(Protocol):
    """A matrix as a text that people edit."""

    def read(self, text: str) -> tuple[Duty, ...]:
        """Raises Invalid, which names line and remedy."""
        ...

    def write(self, duties: Iterable[Duty]) -> str:
        """A text that reads back as the same."""
        ...

    def located(self, text: str) -> AbstractContextManager[None]:
        """What is found to be wrong within, with its line in the text."""
        ...


@dataclass(frozen=True, slots=True)
class Exported:
    """The matrix in force."""

    version: int
    rows: int
    text: str


class ChangeDuties:
    """Raises NotFound, NotAllowed, Conflict (`seen` is not the version in force, or these rows were not replayed), Invalid with every fault and its remedy,
    Unavailable - and then nothing has changed. `member` None is the command line. Running tasks keep the duty they began with.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, sheet: DutySheet) -> None:
        self._units, self._clock, self._sheet = units, clock, sheet

    def export(self, estate: str) -> Exported:
        """What is in force, to be edited and given back."""
        with self._units.reading() as uow:
            matrix = _register(uow, estate).matrix
        return Exported(matrix.version, len(matrix.duties), self._sheet.write(matrix.duties))

    def may(self, estate: str, member: Member) -> bool:
        """Whether this member may change them."""
        with self._units.reading() as uow:
            return _may(_register(uow, estate), member)

    def replace(
        self, estate: str, text: str, member: Member | None, *, replayed: str, seen: int | None = None,
        cause: str | None = None,
    ) -> Changed:  # fmt: skip
        """Put these rows in force instead of all that there are. `replayed`: what the dry run of these rows against this
        version gave as its mark, or `UNREPLAYED`.
        """
        duties = self._sheet.read(text)
        with self._sheet.located(text), self._units.writing() as uow:
            uow.ledger.hold(estate)
            known = _register(uow, estate)
            _allowed(known, member)
            _same(known, seen)
            changed = _changed(known, duties)
            told = replace(_compared(known.matrix, changed.matrix), warnings=_warnings(changed))
            if not told.changed:
                return told
            if replayed not in (UNREPLAYED, self._mark(known, changed)):
                raise _not_replayed()
            digest = uow.registers.digest(estate) or ""
            uow.registers.store(changed, f"{digest[:32]}{changed.version:032d}")
            actor = f"member:{member.id}" if member else "system"
            data = {
                "version": told.version,
                "added": list(told.added),
                "removed": list(told.removed),
                "edited": list(told.edited),
            }
            uow.ledger.append(estate, [Draft(Kind.DUTIES_CHANGED, self._clock.now(), actor, None, estate, cause, data)])
            uow.commit()
            return told

    def _mark(self, known: Register, changed: Register) -> str:
        """Tells these rows, tried against the version in force, from all others."""
        said = f"{known.estate.id}\n{known.matrix.version}\n{self._sheet.write(changed.matrix.duties)}"
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def dry_run(self, estate: str, text: str, member: Member | None, *, days: int = 30, told: Told = _untold) -> Tried:
        """The same checks, and what it would have meant for the incidents of so many days; nothing is changed."""
        return self.check(estate, text, member, days=days, told=told).tried

    def check(
        self, estate: str, text: str, member: Member | None, *, days: int = 30, seen: int | None = None,
        told: Told = _untold,
    ) -> Checked:  # fmt: skip
        """The dry run, and what the text changes of what is in force; nothing is changed. Lines are those of the sheet as it is
        exported, so that notes and order of keys in the text make no difference.
        """
        now, duties = self._clock.now(), self._sheet.read(text)
        since = now - min(timedelta(days=days), LONGEST)
        with self._units.reading() as uow:
            known = _register(uow, estate)
            _allowed(known, member)
            _same(known, seen)
            cases = [_case(incident) for incident in _incidents(uow, estate, since)]
        with self._sheet.located(text):
            changed = _changed(known, duties)
        warnings = _warnings(changed)
        found = tuple(dry_run(known, changed, _watched(cases, told)))
        tried = Tried(len(cases), since, found, warnings, self._mark(known, changed))
        before, after = (self._sheet.write(one.matrix.duties) for one in (known, changed))
        rows = _compared(known.matrix, changed.matrix)
        hazards = {duty.id: duty.hazards for one in (known, changed) for duty in one.matrix.duties}
        return Checked(known.matrix.version, rows, differences(before, after), tried, hazards)


def _not_replayed() -> Conflict:
    return Conflict(
        "These rows were not replayed on past incidents against the version in force. Try them (dry-run) and give the mark that"
        f" it answers as `replayed`; or say `replayed={UNREPLAYED}` to put them in force unseen.",
        "尚未用以往事件对照现行版本试算这些职责，请先试算，并附上试算结果的标记",
    )


def _same(known: Register, seen: int | None) -> None:
    if seen is not None and seen != known.matrix.version:
        raise Conflict(
            f"The matrix has changed since you saw it (version {known.matrix.version}, yours {seen}). Export it anew.",
            "职责矩阵已被他人更新，请重新导出",
        )


def _register(uow: UnitOfWork, estate: str) -> Register:
    register = uow.registers.find(estate)
    if register is None:
        raise NotFound(f"There is no estate {estate!r}.", "没有这个小区")
    return register


def _may(register: Register, member: Member) -> bool:
    party = register.parties.get(member.party_id)
    runs = party is not None and party.kind in _BODIES and party.closeness(register.estate.place_id) >= 0
    return runs and member.role in _ROLES


def _allowed(register: Register, member: Member | None) -> None:
    if member is not None and not _may(register, member):
        raise NotAllowed(
            "Duties are changed by managers and overseers of the property, the committees, the street or the township.",
            "职责由物业、居委会、业委会或街道（乡镇）的管理者修改",
        )


def _changed(known: Register, duties: Sequence[Duty]) -> Register:
    parties = known.parties.values()
    problems = [*_doubled(duties), *matrix_problems(duties, known.places, parties)]
    problems += target_problems(duties, parties, known.members.values(), known.rosters)
    if problems:
        raise Invalid("The matrix does not hold together; nothing was changed.", problems)
    version = known.version + 1
    return replace(known, version=version, matrix=DutyMatrix(version, tuple(duties)), _by_closeness={})


def _warnings(changed: Register) -> tuple[str, ...]:
    return (*matrix_warnings(changed.matrix.duties), *target_warnings(changed), *way_warnings(changed))


def _doubled(duties: Sequence[Duty]) -> Iterator[str]:
    seen: set[str] = set()
    for duty in duties:
        if duty.id in seen:
            yield fault("duty-twice", sort="duty", sort_zh=called("duty"), name=duty.id)
        seen.add(duty.id)


def _compared(old: DutyMatrix, new: DutyMatrix) -> Changed:
    before, after = ({duty.id: duty for duty in matrix.duties} for matrix in (old, new))
    if old.duties == new.duties:
        return Changed(old.version, changed=False)
    return Changed(
        new.version,
        changed=True,
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        edited=tuple(sorted(id_ for id_ in before.keys() & after.keys() if before[id_] != after[id_])),
    )


def _incidents(uow: UnitOfWork, estate: str, since: datetime) -> Iterator[Incident]:
    """Those opened since then, the oldest first; exercises are not what a matrix is for."""
    tasks = [*uow.tasks.open(estate)]
    before = None
    while page := uow.tasks.closed(estate, limit=_PAGE, before=before):
        tasks += page
        last = page[-1]
        if last.closed_at is None or last.closed_at < since:
            break
        before = (last.closed_at, last.id)
    ids = [task.incident_id for task in tasks if task.opened_at >= since and task.mode == "real"]
    found = uow.incidents.among(ids)
    yield from sorted(found.values(), key=lambda incident: (incident.opened_at, incident.id))


def _case(incident: Incident) -> PastCase:
    return PastCase(
        incident.id, incident.hazard, incident.severity, incident.place_id, incident.equipment_id, incident.opened_at
    )
