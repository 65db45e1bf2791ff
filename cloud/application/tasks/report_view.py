"""What a reporter sees of their report: where it is, who has it, what was done, and what they may say of it now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.application.ports import UnitOfWork
from cloud.domain.community.names import Names
from cloud.domain.community.party import WELFARE, PartyKind
from cloud.domain.duties.register import Register
from cloud.domain.incidents.report import HAZARDS, MORE, Concern, Report, number_for
from cloud.domain.records.ledger import Kind
from cloud.domain.records.narrative import sentence
from cloud.domain.records.personal import PersonalRecord
from cloud.domain.tasks.task import ResolutionReason, Task, TaskState
from cloud.domain.tasks.witness import Judged, Verdict
from schemas.hazards import hazard

TOLD: Final = frozenset(
    {
        Kind.OTHERS_JOINED,
        Kind.TASK_ACKNOWLEDGED,
        Kind.PARTY_JOINED,
        Kind.TASK_STARTED,
        Kind.PARTY_ARRIVED,
        Kind.PARTY_FINISHED,
        Kind.HELD,
        Kind.HOLD_ENDED,
        Kind.DECAYED,
        Kind.ESCALATED,
        Kind.CLOCK_BREACHED,
        Kind.TASK_RESOLVED,
        Kind.CLAIM_CONTRADICTED,
        Kind.TASK_CHECKED,
        Kind.RESULT_JUDGED,
        Kind.TASK_REOPENED,
        Kind.TASK_CLOSED,
        Kind.CLOSED_UNVERIFIED,
        Kind.TASK_CANCELLED,
    }
)
"""What was done, and what failed. Nothing of who else reported, of people, nor of messages."""


@dataclass(frozen=True, slots=True)
class ToldParty:
    names: Names
    state: str


@dataclass(frozen=True, slots=True)
class ToldStep:
    """One thing that was done, or failed to be."""

    at: datetime
    text: Names


@dataclass(frozen=True, slots=True)
class SaidMore:
    """What the reporter said after reporting."""

    at: datetime
    words: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """What its reporter sees. `verdicts`: what they may say now, if anything; `call` is the number to dial themselves;
    `said`: what they said since; `says_more`: whether more is taken; `expected_at`: when it is to be done, while it is not; `responsible` None: it went on in a matter that is not public. Times are in the estate's zone.
    """

    id: str
    estate: str
    estate_names: Names
    time_zone: str
    region: str
    reported_at: datetime
    concern: Concern | None
    hazard_names: Names
    life_safety: bool
    where: Names
    address: Names
    state: TaskState
    open: bool
    responsible: Names | None
    parties: Sequence[ToldParty]
    steps: Sequence[ToldStep]
    notes: Sequence[str]
    said: Sequence[SaidMore]
    says_more: bool
    expected_at: datetime | None
    resolved_at: datetime | None
    reason: ResolutionReason | None
    judged: Verdict | None
    verdicts: Sequence[Verdict]
    call: str | None


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report among others of one reporter. `judges`: the result waits for their word; `judged`: what they said of it."""

    id: str
    reported_at: datetime
    hazard_names: Names
    where: Names
    address: Names
    life_safety: bool
    state: TaskState
    open: bool
    judges: bool
    judged: Verdict | None


def report_view(uow: UnitOfWork, report: Report, task: Task, register: Register) -> ReportView:
    estate, since = register.estate, task.resolved_at
    mine = _judgements(report, task)
    # It may have been merged into what concerns somebody's home: of that the reporter hears no more than the state.
    private = task.hazard.startswith(WELFARE)
    call = number_for(report.concern, register, report.place_id, report.at) if report.concern else None
    return ReportView(
        id=report.id,
        estate=estate.id,
        estate_names=estate.names,
        time_zone=estate.time_zone,
        region=estate.days.region,
        reported_at=estate.local(report.at),
        concern=report.concern,
        hazard_names=_hazard_names(report, task),
        life_safety=task.life_safety,
        where=register.names_of(report.equipment_id),
        address=register.places.address(report.place_id),
        state=task.state,
        open=task.open,
        responsible=None if private else register.party(task.responsible_id).names,
        parties=[] if private else _parties(task, register),
        steps=[] if private else _steps(uow, task, register),
        notes=[] if private else _notes(uow, task),
        said=[SaidMore(estate.local(one.at), one.text) for one in said_more(uow, report) if one.erased_at is None],
        says_more=task.undone,
        expected_at=estate.local(task.ttr.due_at) if task.undone else None,
        resolved_at=estate.local(since) if since else None,
        reason=task.resolution.reason if task.resolution else None,
        judged=mine[-1].verdict if mine else None,
        verdicts=list(Verdict) if _judges(task, mine) else [],
        call=call,
    )


def _hazard_names(report: Report, task: Task) -> Names:
    """What it is called; of what went on in a matter that is not public, what the reporter called it."""
    private = task.hazard.startswith(WELFARE)
    if private and not report.concern:
        return Names("已并入其他事件", "merged into another matter")
    known = hazard(HAZARDS[report.concern] if report.concern and private else task.hazard)
    return Names(known.zh, known.en)


def task_now(uow: UnitOfWork, report: Report) -> Task | None:
    """The task that answers the report now, whatever it was merged into."""
    task = uow.tasks.of_incident(report.incident_id or "")
    while task is not None and task.merged_into is not None:
        task = uow.tasks.of_incident(task.merged_into)
    return task


def report_row(report: Report, task: Task, register: Register) -> ReportRow:
    mine = _judgements(report, task)
    return ReportRow(
        id=report.id,
        reported_at=register.estate.local(report.at),
        hazard_names=_hazard_names(report, task),
        where=register.names_of(report.equipment_id),
        address=register.places.address(report.place_id),
        life_safety=task.life_safety,
        state=task.state,
        open=task.open,
        judges=_judges(task, mine),
        judged=mine[-1].verdict if mine else None,
    )


def said_more(uow: UnitOfWork, report: Report) -> list[PersonalRecord]:
    """What its reporter said after reporting, oldest first, erased places included."""
    begins = f"{report.id}{MORE}"
    return [one for one in uow.personal.of_subject(report.estate, report.subject) if one.id.startswith(begins)]


def _judgements(report: Report, task: Task) -> list[Judged]:
    """What its reporter has said of the claim that stands."""
    return [one for one in task.judgements if one.report_id == report.id and one.claim == task.reopened_count]


def _judges(task: Task, mine: Sequence[Judged]) -> bool:
    return task.resolved_at is not None and task.state in (TaskState.RESOLVED, TaskState.CLOSED) and not mine


def _parties(task: Task, register: Register) -> list[ToldParty]:
    """Organisations; of households nobody is told."""
    parts = ((register.party(part.party_id), part.state.value) for part in task.assignments)
    return [ToldParty(party.names, state) for party, state in parts if party.kind is not PartyKind.HOUSEHOLD]


def _steps(uow: UnitOfWork, task: Task, register: Register) -> list[ToldStep]:
    entries = (one for one in uow.ledger.of_incident(task.incident_id) if one.kind in TOLD)
    return [ToldStep(register.estate.local(one.at), sentence(one, register)) for one in entries]


def _notes(uow: UnitOfWork, task: Task) -> list[str]:
    return [note.text for note in uow.notes.of_incident(task.incident_id) if note.public and note.erased_at is None]
