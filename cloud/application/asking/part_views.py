"""What is shown of the parties of a task: their parts and clocks, calls for help, who held it, who decides on the lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyKind, Role
from cloud.domain.tasks.assignment import AssignmentRole, AssignmentState
from cloud.domain.tasks.calls import CallKind, Ground
from cloud.domain.tasks.clock import ClockKind, ClockState
from cloud.domain.tasks.refusals import Action


@dataclass(frozen=True, slots=True)
class PartyView:
    id: str
    kind: PartyKind
    names: Names
    phone: str | None


@dataclass(frozen=True, slots=True)
class MemberView:
    id: str
    party_id: str
    names: Names
    role: Role


@dataclass(frozen=True, slots=True)
class ClockView:
    """`used`: share of the limit used up at `now`; amber from 0.75, red from 1."""

    kind: ClockKind
    started_at: datetime
    due_at: datetime
    met_at: datetime | None
    state: ClockState
    used: float


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """`clocks`: to accept, to arrive, to finish, as far as they concern this part. `bound_by`: whom it may not simply
    decline; `objecting`: what it objected waits for that party's judgement; `lead_asked`: it has joined, and is asked
    whether it takes the lead too; `handing_to`: whom it has asked to take over from it.
    """

    party: PartyView
    role: AssignmentRole
    state: AssignmentState
    requested_at: datetime
    assumed_at: datetime | None
    assumed_by: MemberView | None
    arrived_at: datetime | None
    done_at: datetime | None
    clocks: Sequence[ClockView]
    bound_by: PartyView | None
    objecting: bool
    lead_asked: bool
    handing_to: PartyView | None


@dataclass(frozen=True, slots=True)
class CustodyView:
    """How long a party answered for the task in all, how much of that as the accepted lead (seconds); `now`: it does."""

    party: PartyView
    held_s: float
    accepted_s: float
    now: bool


@dataclass(frozen=True, slots=True)
class LookView:
    """Whose people go and look after a claim, and until when nobody else is asked to."""

    party: PartyView
    until: datetime


@dataclass(frozen=True, slots=True)
class WishView:
    """A whistle that the lead asks the street or township for."""

    party: PartyView
    at: datetime
    ground: Ground
    parties: Sequence[PartyView]
    capabilities: Sequence[str]


@dataclass(frozen=True, slots=True)
class ArbitrationView:
    """`arbiter` is asked who leads since `asked_at`; `passed_over` did not decide in time. `lead`: whom it decided on."""

    arbiter: PartyView
    asked_at: datetime
    clock: ClockView
    passed_over: Sequence[PartyView]
    settled_at: datetime | None
    lead: PartyView | None


@dataclass(frozen=True, slots=True)
class HelpView:
    """One call of one party, with the facts by which both caller and called are assessed."""

    id: str
    kind: CallKind
    caller: PartyView
    called: PartyView
    at: datetime
    ground: Ground | None
    wish_of: PartyView | None
    capability: str | None
    accept_by: datetime | None
    arrive_by: datetime | None
    finish_by: datetime | None
    accepted_at: datetime | None
    arrived_at: datetime | None
    finished_at: datetime | None
    declined_at: datetime | None
    expired_at: datetime | None
    released_at: datetime | None
    objections: int
    insisted: int


@dataclass(frozen=True, slots=True)
class BarredView:
    """A step that the member who asked cannot take now, and why."""

    action: Action
    why: Names


@dataclass(frozen=True, slots=True)
class MergeableView:
    """A task into which this one may be merged."""

    task_id: str
    incident_id: str
    hazard_names: Names
    address: Names
