"""What an incident asks of the parties: its state, its clocks, its ladder, and who is responsible at every moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.duties.duty import Duty, Need
from cloud.domain.duties.escalation import Ladder
from cloud.domain.duties.routing import TraceLine
from cloud.domain.incidents.alert import Mode
from cloud.domain.tasks.arbitration import Arbitration
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.calls import Call, Wish
from cloud.domain.tasks.clock import Clock, ClockKind
from cloud.domain.tasks.custody import Bounce, Holding, Passing, follow
from cloud.domain.tasks.dialling import Dialled
from cloud.domain.tasks.witness import Judged, Look, Mute, Photo


class TaskState(StrEnum):
    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    PENDING = "pending"
    RESOLVED = "resolved"
    CLOSED = "closed"
    MERGED = "merged"
    CANCELLED = "cancelled"


class ResolutionReason(StrEnum):
    """Why a task is said to be over (Netflix Dispatch, ours added)."""

    FIXED = "fixed"
    MITIGATED = "mitigated"
    SELF_CLEARED = "self_cleared"
    FALSE_ALARM = "false_alarm"
    DUPLICATE = "duplicate"
    NOT_ACTIONABLE = "not_actionable"
    UNABLE_TO_FIX = "unable_to_fix"


_S = TaskState
OVER: Final = frozenset({_S.CLOSED, _S.MERGED, _S.CANCELLED})
OPEN: Final = frozenset(TaskState) - OVER
UNDONE: Final = frozenset({_S.NEW, _S.ACKNOWLEDGED, _S.IN_PROGRESS, _S.PENDING})

NEXT: Final[dict[TaskState, frozenset[TaskState]]] = {
    _S.NEW: frozenset({_S.ACKNOWLEDGED, _S.RESOLVED, _S.MERGED, _S.CANCELLED}),
    _S.ACKNOWLEDGED: frozenset({_S.NEW, _S.IN_PROGRESS, _S.PENDING, _S.RESOLVED, _S.MERGED, _S.CANCELLED}),
    _S.IN_PROGRESS: frozenset({_S.NEW, _S.ACKNOWLEDGED, _S.PENDING, _S.RESOLVED, _S.MERGED, _S.CANCELLED}),
    _S.PENDING: frozenset({_S.NEW, _S.ACKNOWLEDGED, _S.IN_PROGRESS, _S.RESOLVED, _S.MERGED, _S.CANCELLED}),
    _S.RESOLVED: frozenset({_S.NEW, _S.ACKNOWLEDGED, _S.CLOSED, _S.MERGED}),
    _S.CLOSED: frozenset({_S.NEW, _S.ACKNOWLEDGED}),
    _S.MERGED: frozenset({_S.NEW, _S.ACKNOWLEDGED, _S.IN_PROGRESS}),
    _S.CANCELLED: frozenset(),
}
"""Which state may follow which. new → resolved is the machine's own (`self_cleared`); back to new is a re-opening,
a worse hazard, or an acknowledgement without sign of work. From merged a person brings it back."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """The claim that it is done. `member_id` None: the sensor's quiet resolved it, no person did."""

    reason: ResolutionReason
    at: datetime
    member_id: str | None = None
    party_id: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One verification that was made."""

    need: Need
    at: datetime
    member_id: str


@dataclass
class Task:
    """One task; exactly one per incident. `duty` is the one it began with and keeps, whatever the matrix becomes.

    `named_lead_id` is the lead the duty names; `quiet_since` the moment since which no alert of the incident fires;
    `workers` the members who did the work and so never verify it alone; `track_lost`: the node no longer knows of an
    alarm that a person must therefore look after; `contested`: a person said that it is not over although the sensor is
    quiet, so its quiet alone proves nothing until it has fired again; `deferred_until` and `pending_reason` hold while it is on
    hold, which began at `held_since`; `active_at`: the lead's last sign of work, `reminded_at`: when
    it was reminded since; `look_asked_at`: when people were last asked to look after the claim, `looks`: who said that they go, `contradicted_at`: when a
    sensor was found to contradict it; `presume_at`: until when a fire alarm waits for word
    from the site, `presumed_at`: since when a fire is presumed; `custody` who answered for it when, `bounces` who let go of
    the lead; `calls`: who was called to join in; `wish`: a whistle that the lead asks for; `arbitration`: who decides on the
    lead, or did; `merged` the incidents merged into this one's, `merged_into` the incident that this one's was merged into;
    `sensed`: whether a sensor ever spoke of it, not people alone; `reports` those of residents, `judgements` what their
    reporters said of each result; `others_at`: when the other parties join a report that nothing has borne out yet;
    `muted`: who keeps the sounder quiet, and until when; `unverified`: closed because no reporter answered;
    `next_level_at`: its ladder has ended, and when the next level is asked, or the highest once more, should nobody have
    answered by then; `hidden_since`: since when its cause hides it, so that nobody is asked; `refused_at`: since when who obstructs it refuses to clear it; `dialled`: the last call by phone to each of whom people called;
    `doubted_until`: until when the clock is not trusted to close it by itself;
    `revision` grows by one with every saving.
    """

    id: str
    estate: str
    incident_id: str
    hazard: str
    life_safety: bool
    mode: Mode
    duty: Duty
    named_lead_id: str
    assignments: list[Assignment]
    opened_at: datetime
    tto: Clock
    ttr: Clock
    ladder: Ladder
    trace: tuple[TraceLine, ...] = ()
    state: TaskState = TaskState.NEW
    acknowledged_at: datetime | None = None
    started_at: datetime | None = None
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    resolution: Resolution | None = None
    quiet_since: datetime | None = None
    workers: frozenset[str] = frozenset()
    checks: tuple[Check, ...] = ()
    reopened_count: int = 0
    deferred_until: datetime | None = None
    pending_reason: str | None = None
    held_since: datetime | None = None
    track_lost: bool = False
    contested: bool = False
    active_at: datetime | None = None
    reminded_at: datetime | None = None
    presume_at: datetime | None = None
    presumed_at: datetime | None = None
    custody: tuple[Holding, ...] = ()
    bounces: tuple[Bounce, ...] = ()
    calls: list[Call] = field(default_factory=list)
    wish: Wish | None = None
    arbitration: Arbitration | None = None
    merged: tuple[str, ...] = ()
    merged_into: str | None = None
    sensed: bool = True
    reports: tuple[str, ...] = ()
    judgements: tuple[Judged, ...] = ()
    others_at: datetime | None = None
    photos: tuple[Photo, ...] = ()
    muted: Mute | None = None
    unverified: bool = False
    next_level_at: datetime | None = None
    hidden_since: datetime | None = None
    look_asked_at: datetime | None = None
    contradicted_at: datetime | None = None
    looks: tuple[Look, ...] = ()
    refused_at: datetime | None = None
    dialled: tuple[Dialled, ...] = ()
    doubted_until: datetime | None = None
    revision: int = 0

    def __post_init__(self) -> None:
        if not any(a.role is AssignmentRole.LEAD for a in self.assignments):
            raise ValueError(f"task {self.id} has no lead: a task without a responsible party cannot exist")

    @property
    def lead(self) -> Assignment:
        """The lead's part: the accepted one, also once it is done; else the one that the duty, or an arbiter, names."""
        leads = [a for a in self.assignments if a.role is AssignmentRole.LEAD]
        accepted = [a for a in leads if a.joined] or [a for a in leads if a.state is AssignmentState.DONE]
        return accepted[0] if accepted else self.part_of(self.named_lead_id) or leads[0]

    @property
    def led(self) -> bool:
        """Whether anybody has accepted the lead and holds it."""
        return any(part.role is AssignmentRole.LEAD and part.joined for part in self.assignments)

    @property
    def responsible_id(self) -> str:
        """The party responsible now: the accepted lead; else the lead the duty names, declined or not."""
        return self.lead.party_id

    @property
    def open(self) -> bool:
        return self.state in OPEN

    @property
    def undone(self) -> bool:
        """Whether work is still asked for."""
        return self.state in UNDONE

    def part_of(self, party_id: str) -> Assignment | None:
        return next((a for a in self.assignments if a.party_id == party_id), None)

    def open_calls(self, party_id: str) -> list[Call]:
        return [call for call in self.calls if call.party_id == party_id and call.open]

    def note_custody(self, now: datetime) -> None:
        """Whoever answers for it from now on is on the record; nobody does once it is over."""
        lead = self.lead
        accepted = lead.joined or lead.state is AssignmentState.DONE
        holder = lead.party_id if self.open else None
        self.custody = follow(self.custody, holder, accepted=self.open and accepted, now=now)

    def settle_dispute(self, now: datetime) -> None:
        """Nobody has to decide on the lead any more."""
        if self.arbitration is not None and self.arbitration.open:
            self.arbitration = self.arbitration.settle(now, len(self.bounces))

    def note_bounce(self, party_id: str, how: Passing, now: datetime) -> None:
        self.bounces += (Bounce(party_id, now, how),)

    def parties(self, *roles: AssignmentRole) -> tuple[str, ...]:
        return tuple(a.party_id for a in self.assignments if not roles or a.role in roles)

    @property
    def _silence_limit(self) -> timedelta:
        """How long the lead may show no sign of work: on its way the limit to be on site, else the one to be done."""
        there = self.lead.state in (AssignmentState.ARRIVED, AssignmentState.DONE)
        return self.duty.ttr if there else self.duty.arrive or self.duty.ttr

    @property
    def _idle_since(self) -> datetime | None:
        """Since when the lead, which has accepted, has shown no sign of work; None where nobody waits for one. That it is there
        is one sign and no end of the matter, and that a supporter has begun says nothing of it.
        """
        awaited = self.state in (TaskState.ACKNOWLEDGED, TaskState.IN_PROGRESS)
        return self.active_at or self.acknowledged_at or self.opened_at if awaited else None

    @property
    def remind_at(self) -> datetime | None:
        """When the lead is reminded of what it has acknowledged: half-way to its decay, once."""
        since = self._idle_since if self.reminded_at is None else None
        return self.duty.after(since, self._silence_limit / 2) if since else None

    @property
    def decay_at(self) -> datetime | None:
        """When an acknowledgement without sign of work is none any more. Any activity of the lead postpones it."""
        since = self._idle_since
        return self.duty.after(since, self._silence_limit) if since else None

    def shows_work(self, party_id: str, now: datetime) -> None:
        """A party did something. Only what the lead does is a sign that it works."""
        if party_id == self.responsible_id:
            self.active_at, self.reminded_at = now, None

    def heard_from(self, party_id: str, now: datetime) -> bool:
        """Whether that was a sign of work for which somebody waits."""
        awaited = self._idle_since is not None and party_id == self.responsible_id
        if awaited:
            self.shows_work(party_id, now)
        return awaited

    @property
    def level_due(self) -> datetime | None:
        """When the level above is asked, because the ladder has ended and still nobody answers."""
        ended = self.state is TaskState.NEW and self.ladder.due_at is None
        return self.next_level_at if ended else None

    def fires(self) -> None:
        """An alert of its incident fires: whatever the sensor's quiet proved or failed to prove is over."""
        self.quiet_since, self.contested, self.sensed = None, False, True

    def restart_clocks(self, now: datetime) -> None:
        self.settle_dispute(now)
        self.next_level_at = None
        self.tto = Clock.start(ClockKind.TTO, now, self.duty.tto, self.duty.calendar)
        self.ttr = Clock.start(ClockKind.TTR, now, self.duty.ttr, self.duty.calendar)
        self.ladder = Ladder.start(self.duty.ladder, now, self.duty.calendar)
        if self.state is TaskState.PENDING:
            # It waits on: of what runs anew nothing has passed yet.
            self.held_since, self.ttr = now, self.ttr.pause(now)
