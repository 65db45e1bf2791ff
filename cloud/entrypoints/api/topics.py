"""Topics over REST: what is consulted about, what people say and propose, and the chain from alarm to effect."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.consultation.consulting import Consulting
from cloud.application.consultation.seat import MAX_WORDS
from cloud.application.consultation.views import BallotView, ChainView, TopicPageView, TopicView
from cloud.application.estates.sign_in import Identity
from cloud.domain.consultation.proposal import DEAREST, Cost, MatterKind, Payer
from cloud.domain.consultation.topic import OVER, TopicState
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.moments import Moment
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.api.problems import documented
from cloud.entrypoints.api.tasks import Cause

router = Interface("/topics", tags=["consultation"])

ANSWERS: Final = documented(
    HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY
)
Id = Annotated[str, Path(max_length=64)]
Words = Annotated[str, Field(min_length=1, max_length=MAX_WORDS)]


@dataclass(frozen=True, slots=True)
class ThisTopic:
    """A topic that this member may see; to anyone else it does not exist."""

    id: str
    member: Identity
    consulting: Consulting
    cause: str | None


def this_topic(topic_id: Id, services: Given, member: CurrentNeighbour, cause: Cause) -> ThisTopic:
    services.consulting.ask.seen(topic_id, member)
    return ThisTopic(topic_id, member, services.consulting, cause)


Here = Annotated[ThisTopic, Depends(this_topic)]


class CostGiven(BaseModel):
    """`minor`: a whole number of the currency's minor unit (fen, pence)."""

    model_config = ConfigDict(extra="forbid")

    minor: int = Field(ge=0, le=DEAREST, strict=True)
    currency: str = Field(default="CNY", pattern=r"^[A-Z]{3}$", description="ISO 4217.")

    def made(self) -> Cost:
        return Cost(self.minor, self.currency)


class ContributionGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Words


class ProposalGiven(BaseModel):
    """`party` would act, by `duty` where one of the matrix says so."""

    model_config = ConfigDict(extra="forbid")

    text: Words
    matter: MatterKind
    cost: CostGiven
    payer: Payer
    party: str = Field(min_length=1, max_length=128)
    duty: str | None = Field(default=None, max_length=128)


class ApplicationGiven(BaseModel):
    """An application for the maintenance fund in an emergency: no vote is taken, and none is claimed."""

    model_config = ConfigDict(extra="forbid")

    ground: Words
    cost: CostGiven


class BallotGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    proposal: str = Field(min_length=1, max_length=64)
    closes_at: Moment


@dataclass(frozen=True, slots=True)
class Kept:
    """The id of what was said."""

    id: str


@router.get("", summary="Topics of an estate: those that are not over first")
def list_topics(
    services: Given, member: CurrentNeighbour, estate: SharedEstate, piece: cursors.Piece
) -> list[TopicView]:
    found = services.consulting.ask.topics(estate, member, limit=piece.asked, before=piece.topic)
    return piece.of(found, lambda one: (one.state in OVER, cursors.at(one.opened_at), one.id))


@router.get("/{topic_id}", summary="One topic with what was said, proposed and decided", responses=ANSWERS)
def read_topic(here: Here) -> TopicPageView:
    return here.consulting.ask.topic(here.id, here.member)


@router.get("/{topic_id}/chain", summary="Alarms, topic, ballot, task, effect: one chain", responses=ANSWERS)
def read_chain(here: Here) -> ChainView:
    return here.consulting.ask.chain(here.id, here.member)


@router.post("/{topic_id}/contributions", summary="Say something", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def contribute(given: ContributionGiven, here: Here) -> Kept:
    return Kept(here.consulting.talk.contribute(here.id, given.text, here.member, cause=here.cause))


@router.post("/{topic_id}/proposals", summary="Propose something", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def propose(given: ProposalGiven, here: Here) -> Kept:
    made = here.consulting.talk.propose(
        here.id,
        given.text,
        here.member,
        matter=given.matter,
        cost=given.cost.made(),
        payer=given.payer,
        party_id=given.party,
        duty=given.duty,
        cause=here.cause,
    )
    return Kept(made.id)


@router.post("/{topic_id}/deliberate", summary="Convene: the talk begins, or begins again", responses=ANSWERS)
def deliberate(here: Here) -> TopicPageView:
    return _moved(here, TopicState.DELIBERATING)


@router.post("/{topic_id}/withdraw", summary="It will not be decided", responses=ANSWERS)
def withdraw(here: Here) -> TopicPageView:
    return _moved(here, TopicState.WITHDRAWN)


@router.post("/{topic_id}/close", summary="Nothing more is to be done", responses=ANSWERS)
def close(here: Here) -> TopicPageView:
    return _moved(here, TopicState.CLOSED)


@router.post(
    "/{topic_id}/fund-applications",
    summary="In an emergency the owners' committee applies for the maintenance fund",
    status_code=HTTPStatus.CREATED,
    responses=ANSWERS,
)
def apply_for_fund(given: ApplicationGiven, here: Here) -> Kept:
    cost = given.cost.made()
    return Kept(here.consulting.talk.apply_for_fund(here.id, given.ground, cost, here.member, cause=here.cause).id)


@router.post(
    "/{topic_id}/ballots", summary="Put a proposal to the vote", status_code=HTTPStatus.CREATED, responses=ANSWERS
)
def open_ballot(given: BallotGiven, here: Here) -> BallotView:
    opened = here.consulting.ballots.open(here.id, given.proposal, given.closes_at, here.member, cause=here.cause)
    return here.consulting.ask.ballot(opened.id, here.member)


def _moved(here: ThisTopic, to: TopicState) -> TopicPageView:
    here.consulting.talk.move(here.id, to, here.member, cause=here.cause)
    return here.consulting.ask.topic(here.id, here.member)
