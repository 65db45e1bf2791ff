"""What became of a year: figures by hazard, each explained, and what must never have happened."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from statistics import median, quantiles
from typing import Any, Final

from cloud.application.ports import UnitOfWork, UnitsOfWork
from cloud.domain.duties.duty import Need
from cloud.domain.duties.register import Register
from cloud.domain.records.ledger import GENESIS, Entry, Head, Kind
from cloud.domain.records.ledger_chain import verify
from cloud.domain.tasks.assignment import AssignmentRole
from cloud.domain.tasks.clock import ClockKind
from cloud.domain.tasks.task import ResolutionReason, Task
from schemas.hazards import hazard

_PAGE: Final = 500

EXPLAINED: Final = {
    "incidents": "matters; a mishap on what is a matter already joins it",
    "answered_median_min": "from opening to the first acceptance by who is responsible",
    "answered_p90_min": "nine in ten were answered within",
    "on_site_median_min": "from opening to the first party at work on site, of those where anybody had to go",
    "closed_median_min": "from opening to verified closing",
    "breached": "share whose time to own ran out before who is responsible had answered",
    "overran": "share whose time to resolve ran out, for whoever had it by then",
    "escalated": "share in which the ladder took a step",
    "self_cleared": "share that passed before anybody had acknowledged (never life safety)",
    "false": "share closed as a false alarm",
    "declined": "parts given back",
    "reopened": "re-openings",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One hazard, or all of them. Times in minutes; None where nothing was to be measured."""

    hazard: str
    incidents: int
    answered_median_min: float | None
    answered_p90_min: float | None
    on_site_median_min: float | None
    closed_median_min: float | None
    breached: float
    overran: float
    escalated: float
    self_cleared: float
    false: float
    declined: int
    reopened: int


@dataclass(frozen=True, slots=True)
class Report:
    """`never`: what must not happen, with how often it did. `fingerprint`: of all that was
    recorded; the same seed gives the same.
    """

    seed: int
    days: int
    onsets: int
    rows: tuple[Row, ...]
    notifications: Mapping[str, int]
    ledger_entries: int
    still_open: int
    never: Mapping[str, int]
    fingerprint: str
    explained: Mapping[str, str] = field(default_factory=lambda: EXPLAINED)

    @property
    def good(self) -> bool:
        return not any(self.never.values())

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "good": self.good}


@dataclass
class _Told:
    """What the ledger says, read once from its first entry to its last."""

    entries: int = 0
    last: Head = field(default_factory=Head)
    misfits: int = 0
    by_incident: dict[str, Counter[str]] = field(default_factory=dict)
    breached: dict[str, set[str]] = field(default_factory=dict)
    notified: Counter[str] = field(default_factory=Counter)
    closers: dict[str, set[str]] = field(default_factory=dict)
    content: Any = field(default_factory=hashlib.sha256)

    def read(self, page: Sequence[Entry]) -> None:
        self.misfits += verify(page, self.last if self.last.hash != GENESIS else None) is not None
        self.last = Head(page[-1].seq, page[-1].hash)
        self.entries += len(page)
        for entry in page:
            # A note's digest is salted afresh in every run, and the chain with it.
            facts = sorted((key, str(value)) for key, value in entry.data.items() if key != "digest")
            self.content.update(repr((entry.kind, entry.at, entry.actor, entry.subject, facts)).encode())
            if entry.incident_id is not None:
                self.by_incident.setdefault(entry.incident_id, Counter())[entry.kind] += 1
            if entry.kind == Kind.CLOCK_BREACHED and entry.incident_id is not None:
                self.breached.setdefault(str(entry.data["clock"]), set()).add(entry.incident_id)
            if entry.kind == Kind.NOTIFIED:
                self.notified[str(entry.data["reason"])] += 1
            if entry.kind in (Kind.TASK_RESOLVED, Kind.TASK_CLOSED) and entry.incident_id:
                self.closers.setdefault(entry.incident_id, set()).add(entry.actor)


def report(units: UnitsOfWork, register: Register, *, seed: int, days: int, onsets: int) -> Report:
    """Reads the whole year back."""
    estate, told = register.estate.id, _Told()
    with units.reading() as uow:
        while page := uow.ledger.since(estate, told.last.seq, _PAGE):
            told.read(page)
        tasks = [*uow.tasks.open(estate), *_over(uow, estate)]
    hazards = sorted({task.hazard for task in tasks})
    rows = [_row(name, [t for t in tasks if t.hazard == name], told) for name in hazards]
    return Report(
        seed,
        days,
        onsets,
        (*rows, _row("all", tasks, told)),
        dict(sorted(told.notified.items())),
        told.entries,
        sum(task.open for task in tasks),
        _never(tasks, told),
        _fingerprint(tasks, told),
    )


def _over(uow: UnitOfWork, estate: str) -> Iterator[Task]:
    before = None
    while page := uow.tasks.closed(estate, limit=_PAGE, before=before):
        yield from page
        last = page[-1]
        assert last.closed_at is not None
        before = (last.closed_at, last.id)


def _row(name: str, tasks: Sequence[Task], told: _Told) -> Row:
    count = max(len(tasks), 1)
    kinds = [told.by_incident.get(task.incident_id, Counter()) for task in tasks]
    answered = [_minutes(t.acknowledged_at - t.opened_at) for t in tasks if t.acknowledged_at]
    on_site = [
        _minutes(min(at) - t.opened_at) for t in tasks if (at := [a.arrived_at for a in t.assignments if a.arrived_at])
    ]
    closed = [_minutes(t.closed_at - t.opened_at) for t in tasks if t.closed_at]
    reasons = Counter(task.resolution.reason for task in tasks if task.resolution)
    return Row(
        hazard=name,
        incidents=len(tasks),
        answered_median_min=_middle(answered),
        answered_p90_min=round(quantiles(answered, n=10)[-1], 1) if len(answered) > 1 else None,
        on_site_median_min=_middle(on_site),
        closed_median_min=_middle(closed),
        breached=round(_how_many(tasks, told.breached.get(ClockKind.TTO, set())) / count, 3),
        overran=round(_how_many(tasks, told.breached.get(ClockKind.TTR, set())) / count, 3),
        escalated=round(sum(bool(k[Kind.ESCALATED]) for k in kinds) / count, 3),
        self_cleared=round(reasons[ResolutionReason.SELF_CLEARED] / count, 3),
        false=round(reasons[ResolutionReason.FALSE_ALARM] / count, 3),
        declined=sum(k[Kind.DECLINED] for k in kinds),
        reopened=sum(task.reopened_count for task in tasks),
    )


def _how_many(tasks: Sequence[Task], of: AbstractSet[str]) -> int:
    return sum(task.incident_id in of for task in tasks)


def _never(tasks: Sequence[Task], told: _Told) -> dict[str, int]:
    safety = [task for task in tasks if task.life_safety]
    return {
        "ledger entries that do not fit": told.misfits,
        "tasks without a responsible party": sum(not task.responsible_id for task in tasks),
        "life safety closed by one person": sum(
            task.closed_at is not None and len(told.closers.get(task.incident_id, set())) < 2  # noqa: PLR2004 - two people
            for task in safety
        ),
        "life safety closed by nobody's check": sum(
            task.closed_at is not None and Need.INDEPENDENT not in {check.need for check in task.checks} for task in safety
        ),
        "life safety cleared by itself": sum(
            task.resolution is not None and task.resolution.reason is ResolutionReason.SELF_CLEARED for task in safety
        ),
        "open tasks whose ladder has ended in silence": sum(
            task.undone and task.life_safety and not task.lead.joined and task.ladder.due_at is None for task in tasks
        ),
        "volunteers or outside bodies that lead": sum(
            part.role is AssignmentRole.LEAD and part.party_id in ("volunteers", "household")
            and not hazard(task.hazard).id.startswith("welfare.")
            for task in tasks for part in task.assignments
        ),
    }  # fmt: skip


def _fingerprint(tasks: Sequence[Task], told: _Told) -> str:
    """Of the whole year: all that the ledger says, and every task's end."""
    ends = sorted(f"{task.id}:{task.state}:{task.closed_at}" for task in tasks)
    return hashlib.sha256("\n".join([told.content.hexdigest(), *ends]).encode()).hexdigest()


def _minutes(span: timedelta) -> float:
    return span / timedelta(minutes=1)


def _middle(figures: Sequence[float]) -> float | None:
    return round(median(figures), 1) if figures else None
