"""What is shown of consultation: topics with their words, ballots with their counts, and the chain from alarm to effect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from cloud.domain.community.names import Names
from cloud.domain.consultation.ballot import BallotState, Channel, Choice
from cloud.domain.consultation.majorities import Outcome
from cloud.domain.consultation.proposal import MatterKind, Payer
from cloud.domain.consultation.topic import Origin, TopicState


@dataclass(frozen=True, slots=True)
class WordsView:
    """What somebody said. `text` None: it was erased."""

    id: str
    party: Names
    at: datetime
    text: str | None


@dataclass(frozen=True, slots=True)
class CostView:
    """`minor` units of the currency, as a whole number."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class ProposalView:
    id: str
    at: datetime
    text: str | None
    matter: MatterKind
    cost: CostView
    payer: Payer
    party_id: str
    party: Names
    duty: str | None


@dataclass(frozen=True, slots=True)
class ApplicationView:
    """An application for the fund in an emergency. No vote was taken."""

    id: str
    party: Names
    at: datetime
    ground: str | None
    cost: CostView


@dataclass(frozen=True, slots=True)
class CountView:
    heads: int
    area_m2: Decimal


@dataclass(frozen=True, slots=True)
class ResultView:
    """Heads and area, never who voted what."""

    outcome: Outcome
    roll: CountView
    participating: CountView
    by_choice: Mapping[Choice, CountView]


@dataclass(frozen=True, slots=True)
class BallotView:
    """`mine`: what counts of the viewer's own; `may_vote`: whether they are on its roll; `handed_in`: whether others have entered
    a vote for them, on paper or by delegation. While it is open nothing is said of how it stands.
    """

    id: str
    topic_id: str
    estate: str
    proposal_id: str
    matter: MatterKind
    rule: str
    rule_names: Names
    state: BallotState
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    roll: CountView
    result: ResultView | None
    may_vote: bool = False
    mine: Choice | None = None
    handed_in: bool = False


@dataclass(frozen=True, slots=True)
class PendingVoteView:
    """A vote that was entered and waits for a second person. For convenors only."""

    id: str
    owner: str
    choice: Choice
    channel: Channel
    at: datetime
    entered_by: str


@dataclass(frozen=True, slots=True)
class PublicBallotView:
    """What everybody may see of a ballot: nothing that people wrote, and nobody's name."""

    id: str
    subject: Names
    origin: Origin
    matter: MatterKind
    cost: CostView
    payer: Payer
    party: Names
    rule_names: Names
    state: BallotState
    opened_at: datetime
    closes_at: datetime
    closed_at: datetime | None
    roll: CountView
    result: ResultView | None


@dataclass(frozen=True, slots=True)
class StretchView:
    """`per_30_days`: to one decimal; None where the stretch is too short to say."""

    since: datetime
    until: datetime
    days: int
    alarms: int
    per_30_days: str | None


@dataclass(frozen=True, slots=True)
class EffectView:
    measured_at: datetime
    before: StretchView
    after: StretchView
    told: Names


@dataclass(frozen=True, slots=True)
class TopicView:
    """`subject`: what it is about, told from what is known rather than from what people wrote. `convenes`: whether the
    viewer may move it.
    """

    id: str
    estate: str
    origin: Origin
    subject: Names
    equipment: str | None
    hazard: str | None
    state: TopicState
    opened_at: datetime
    evidence: Sequence[str]
    days: int
    false_alarms: int
    before: int | None
    outcome: Outcome | None
    review_on: date | None
    resolution_task: str | None
    revision: int


@dataclass(frozen=True, slots=True)
class TopicPageView:
    topic: TopicView
    contributions: Sequence[WordsView]
    proposals: Sequence[ProposalView]
    applications: Sequence[ApplicationView]
    ballots: Sequence[BallotView]
    effect: EffectView | None
    convenes: bool


LinkKind = Literal["alarm", "topic", "ballot", "task", "effect"]


@dataclass(frozen=True, slots=True)
class LinkView:
    """One link of the chain. `href`: where it is read; None: it is told here in full."""

    kind: LinkKind
    id: str
    at: datetime
    told: Names
    href: str | None


@dataclass(frozen=True, slots=True)
class ChainView:
    topic_id: str
    links: Sequence[LinkView]


@dataclass(frozen=True, slots=True)
class PetitionView:
    """`signed`: whether the viewer has."""

    id: str
    estate: str
    started_at: datetime
    text: str | None
    equipment: str | None
    signatures: int
    needed: int
    signed: bool
    topic_id: str | None
