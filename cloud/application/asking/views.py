"""What a page or an answer shows: read models, complete and in both languages, with nothing left to look up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloud.application.asking.call_views import CallView, OfficerView
from cloud.application.asking.part_views import (
    ArbitrationView,
    AssignmentView,
    BarredView,
    ClockView,
    CustodyView,
    HelpView,
    LookView,
    MemberView,
    MergeableView,
    PartyView,
    WishView,
)
from cloud.domain.community.hours import Hours
from cloud.domain.community.names import Names
from cloud.domain.community.place import PlaceKind
from cloud.domain.duties.register import EquipmentKind
from cloud.domain.duties.routing import TraceLine
from cloud.domain.incidents.alert import Mode
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.ending import Ending
from cloud.domain.tasks.task import ResolutionReason, TaskState
from cloud.domain.tasks.verification import Tick
from schemas.hazards import Severity


@dataclass(frozen=True, slots=True)
class FloodView:
    """Incidents that came as a flood and are told as one entry; never life safety. `tasks`: by id."""

    id: str
    words: Names
    incidents: frozenset[str]


@dataclass(frozen=True, slots=True)
class EstateView:
    """`rescue_number`: whom one phones there when it burns."""

    id: str
    names: Names
    place_id: str
    time_zone: str
    address: Names
    rescue_number: str


@dataclass(frozen=True, slots=True)
class ServingPartyView(PartyView):
    """A party with what it serves, what it can do, and in which hours (ISO weekdays, the estate's own time)."""

    serves: Sequence[str]
    capabilities: Sequence[str]
    hours: Hours


@dataclass(frozen=True, slots=True)
class PlaceView:
    id: str
    kind: PlaceKind
    names: Names
    address: Names
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class EquipmentView:
    """`known` False: it stands in no register; its id serves as its name."""

    id: str
    kind: EquipmentKind
    names: Names
    place_id: str
    address: Names
    node_id: str | None
    known: bool
    firing: int = 0


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task with its incident, as a row of the board and as the head of its page.

    `address` is the place and the equipment, large to small in Chinese, small to large in English. `alerts` and
    `firing` count the incident's alerts, `raises` all their raises (×N). `hidden_by`: the incident that causes this
    one. `allowed` is for the member who asked. `revision` is what `If-Match` carries.
    `read_out`: where a fire is presumed, what to say to 119. `custody`: who held it for how long; `bounces`: how often a
    party let go of the lead or did not take it; `look`: who goes and looks after the claim; `merged_into`: the incident in which it goes on.
    `ending`: how it ended; `to_phone`: there is a call sheet, and nobody has arrived yet.
    """

    id: str
    incident_id: str
    estate: str
    state: TaskState
    mode: Mode
    hazard: str
    hazard_names: Names
    severity: Severity
    life_safety: bool
    late: bool
    place: PlaceView
    equipment: EquipmentView
    address: Names
    opened_at: datetime
    quiet_since: datetime | None
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    closed_at: datetime | None
    resolution_reason: ResolutionReason | None
    pause_reasons: Sequence[str]
    pending_reason: str | None
    deferred_until: datetime | None
    read_out: Names | None
    responsible: PartyView
    assignments: Sequence[AssignmentView]
    clocks: Sequence[ClockView]
    custody: Sequence[CustodyView]
    bounces: int
    wish: WishView | None
    arbitration: ArbitrationView | None
    merged_into: str | None
    next_step_at: datetime | None
    muted_until: datetime | None
    look: LookView | None
    unverified: bool
    ending: Ending | None
    to_phone: bool
    reopened_count: int
    alerts: int
    firing: int
    raises: int
    hidden_by: str | None
    mine: bool
    allowed: Sequence[Action]
    revision: int


@dataclass(frozen=True, slots=True)
class AlertView:
    """`suppressed_by`: the alert that hides it. `behind`: of a silent node, the equipment that it would speak for."""

    id: str
    hazard: str
    hazard_names: Names
    severity: Severity
    life_safety: bool
    equipment: EquipmentView
    state: str
    started_at: datetime | None
    resolved_at: datetime | None
    raises: int
    lost_track: bool
    late: bool
    suppressed_by: str | None
    point: str | None
    value: str | None
    threshold: float | None
    behind: Sequence[Names]


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a timeline or feed: the ledger's entry, with a sentence for people. `failure`: something did not work.
    `private`: it concerns a home, and is shown to few.
    """

    seq: int
    at: datetime
    kind: str
    actor: str
    actor_names: Names
    text: Names
    failure: bool
    incident_id: str | None
    subject: str | None
    data: Mapping[str, Any]
    private: bool = False


@dataclass(frozen=True, slots=True)
class NoteView:
    id: str
    at: datetime
    member: MemberView
    party: PartyView
    text: str
    public: bool
    erased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PhotoView:
    """`by`: the member who took it; None where it was the reporter."""

    id: str
    stage: str
    at: datetime
    by: MemberView | None
    public: bool
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class SaidView:
    """What a reporter said afterwards; `id` stands in its line of the timeline. Erased words are empty."""

    id: str
    at: datetime
    words: str
    erased_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportedView:
    """What a resident reported; for the parties of the task. Erased words are empty. `slip`: the viewer
    may print the caller's own link for the caller. `more`: what was said since.
    """

    id: str
    at: datetime
    way: str
    words: str
    contact: str
    slip: bool = False
    more: Sequence[SaidView] = ()


@dataclass(frozen=True, slots=True)
class IncidentView:
    """Everything about one incident. `seq` is the ledger's head when it was read: a live stream resumes from there.
    `eligible`: the parties that may be asked to lead, `nameable` those that the member who asked may name as arbiter, `helpers` those that may be called to join in, `capabilities` what
    those can do; `officers`: whom to phone after the call sheet; `calls`: who was called by whom; `merged`: the incidents that were merged into this one, whose entries
    stand in the timeline too; `mergeable`: the tasks that this one may be merged into; `releasable`: the helpers that the
    lead may let go; `barred`: the next steps that the member who asked cannot take now, each with why. Of the notes, private
    ones are for the parties of the task.
    """

    task: TaskView
    alerts: Sequence[AlertView]
    timeline: Sequence[LineView]
    notes: Sequence[NoteView]
    trace: Sequence[TraceLine]
    ticks: Sequence[Tick]
    basis: Names
    basis_seen: bool | None
    duty_id: str
    duty_hazards: Sequence[str]
    duty_version: int
    call_sheet: Sequence[CallView]
    officers: Sequence[OfficerView]
    hides: Sequence[str]
    eligible: Sequence[PartyView]
    nameable: Sequence[PartyView]
    helpers: Sequence[PartyView]
    capabilities: Sequence[str]
    calls: Sequence[HelpView]
    merged: Sequence[str]
    mergeable: Sequence[MergeableView]
    releasable: Sequence[PartyView]
    barred: Sequence[BarredView]
    photos: Sequence[PhotoView]
    reports: Sequence[ReportedView]
    seq: int


@dataclass(frozen=True, slots=True)
class BoardView:
    """The board of an estate: open tasks, most urgent first. `seq`: the ledger's head; the live stream resumes there."""

    estate: EstateView
    seq: int
    now: datetime
    tasks: Sequence[TaskView]
    nodes_online: int
    nodes_total: int
    equipment: Mapping[EquipmentKind, int]
    oldest_word_at: datetime | None
    floods: Sequence[FloodView] = ()
