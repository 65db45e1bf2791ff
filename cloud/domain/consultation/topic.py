"""A topic: from its evidence to what was decided, done, and measured afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from cloud.domain.consultation.effect import Effect
from cloud.domain.consultation.majorities import Outcome
from cloud.domain.consultation.proposal import Cost, Proposal
from cloud.errors import Conflict, NotFound


class Origin(StrEnum):
    """What opened it."""

    REPEATED_EQUIPMENT = "repeated-equipment"
    REPEATED_HAZARD = "repeated-hazard"
    RISING_RATE = "rising-rate"
    DISPUTED_DUTY = "disputed-duty"
    PETITION = "petition"


class TopicState(StrEnum):
    OPEN = "open"
    DELIBERATING = "deliberating"
    VOTING = "voting"
    DECIDED = "decided"
    ACTING = "acting"
    REVIEWED = "reviewed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


_S = TopicState
NEXT: Final[dict[TopicState, frozenset[TopicState]]] = {
    _S.OPEN: frozenset({_S.DELIBERATING, _S.WITHDRAWN}),
    _S.DELIBERATING: frozenset({_S.VOTING, _S.WITHDRAWN}),
    _S.VOTING: frozenset({_S.DECIDED}),
    _S.DECIDED: frozenset({_S.ACTING, _S.DELIBERATING, _S.CLOSED}),
    _S.ACTING: frozenset({_S.REVIEWED}),
    _S.REVIEWED: frozenset({_S.CLOSED}),
    _S.CLOSED: frozenset(),
    _S.WITHDRAWN: frozenset(),
}
"""Which state may follow which. A matter that did not carry may be talked over again."""

OVER: Final = frozenset({_S.CLOSED, _S.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Contribution:
    """That somebody said something; the words stand in the store of personal data under this id."""

    id: str
    member_id: str
    party_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FundApplication:
    """In an emergency the owners' assembly or committee applies for the maintenance fund (Civil Code art. 281). It is an
    application and no vote: the ground stands in the store of personal data under this id.
    """

    id: str
    by: str
    party_id: str
    at: datetime
    cost: Cost


@dataclass
class Topic:
    """`key` names its pattern: one topic per pattern is open at a time. `evidence`: incident ids; `false_alarms`: how
    many were left out as such. `review_on`: the day on which the effect is measured; `due_at`: when time has to look.
    """

    id: str
    estate: str
    key: str
    origin: Origin
    opened_at: datetime
    equipment: str | None = None
    hazard: str | None = None
    task_id: str | None = None
    evidence: tuple[str, ...] = ()
    days: int = 0
    false_alarms: int = 0
    before: int | None = None
    state: TopicState = TopicState.OPEN
    contributions: tuple[Contribution, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    applications: tuple[FundApplication, ...] = ()
    outcome: Outcome | None = None
    decided_at: datetime | None = None
    carried: str | None = None
    resolution_incident: str | None = None
    resolution_task: str | None = None
    review_on: date | None = None
    due_at: datetime | None = None
    effect: Effect | None = None
    over_at: datetime | None = None
    revision: int = 0

    @property
    def over(self) -> bool:
        return self.state in OVER

    def enter(self, state: TopicState, now: datetime) -> None:
        if state not in NEXT[self.state]:
            raise Conflict(
                f"A topic that is {self.state} cannot become {state}.", "议题当前阶段不允许此操作，请刷新后查看"
            )
        self.state = state
        if state in OVER:
            self.over_at, self.due_at = now, None

    def check_talks(self) -> None:
        """Whether anything may still be said or proposed."""
        if self.state not in (TopicState.OPEN, TopicState.DELIBERATING):
            raise Conflict("The talk about this topic is over.", "该议题的讨论已结束")

    def proposal(self, proposal_id: str) -> Proposal:
        found = next((one for one in self.proposals if one.id == proposal_id), None)
        if found is None:
            raise NotFound(f"There is no proposal {proposal_id!r} in this topic.", "该议题没有这项提案")
        return found

    def see(self, evidence: tuple[str, ...], false_alarms: int) -> tuple[str, ...]:
        """Take new evidence; what of it is new. Once a vote has begun it stands as it was."""
        if self.state not in (TopicState.OPEN, TopicState.DELIBERATING):
            return ()
        new = tuple(one for one in evidence if one not in self.evidence)
        if new:
            self.evidence, self.false_alarms = (*self.evidence, *new), false_alarms
        return new

    def decide(self, outcome: Outcome, proposal_id: str, now: datetime) -> None:
        self.enter(TopicState.DECIDED, now)
        self.outcome, self.decided_at = outcome, now
        self.carried = proposal_id if outcome is Outcome.CARRIED else None
