"""Ballots over REST: owners vote, two people enter what came on paper or by delegation, everybody sees the counts."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.consultation.ballots import Entry
from cloud.application.consultation.consulting import Consulting
from cloud.application.consultation.views import BallotView, PendingVoteView, PublicBallotView
from cloud.application.estates.sign_in import Identity
from cloud.domain.consultation.ballot import Choice
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.neighbours import CurrentNeighbour
from cloud.entrypoints.api.tasks import Cause
from cloud.entrypoints.api.topics import ANSWERS, Id, Kept
from schemas.base import NAME_PATTERN

router = Interface(tags=["consultation"])


@dataclass(frozen=True, slots=True)
class ThisBallot:
    """A ballot that this member may see; to anyone else it does not exist."""

    id: str
    member: Identity
    consulting: Consulting
    cause: str | None


def this_ballot(ballot_id: Id, services: Given, member: CurrentNeighbour, cause: Cause) -> ThisBallot:
    services.consulting.ask.ballot(ballot_id, member)
    return ThisBallot(ballot_id, member, services.consulting, cause)


Here = Annotated[ThisBallot, Depends(this_ballot)]


class VoteGiven(BaseModel):
    model_config = ConfigDict(extra="forbid")

    choice: Choice


class EntryGiven(BaseModel):
    """A vote that somebody else hands in. `delegate`: the member whom the owner asked in writing; without, it is on paper."""

    model_config = ConfigDict(extra="forbid")

    owner: str = Field(min_length=1, max_length=128)
    choice: Choice
    delegate: str | None = Field(default=None, max_length=128)


@router.get("/ballots/{ballot_id}", summary="One ballot; its counts once it is over", responses=ANSWERS)
def read_ballot(here: Here) -> BallotView:
    return here.consulting.ask.ballot(here.id, here.member)


@router.post("/ballots/{ballot_id}/votes", summary="Vote, or vote anew, as the owner one is", responses=ANSWERS)
def vote(given: VoteGiven, here: Here) -> BallotView:
    here.consulting.ballots.vote(here.id, given.choice, here.member, cause=here.cause)
    return here.consulting.ask.ballot(here.id, here.member)


@router.get("/ballots/{ballot_id}/entries", summary="Entered votes that wait for a second person", responses=ANSWERS)
def list_entries(here: Here, cut: cursors.Cut) -> list[PendingVoteView]:
    return cut.of(here.consulting.ask.pending(here.id, here.member), lambda one: (one.id,))


@router.post(
    "/ballots/{ballot_id}/entries",
    summary="Enter a vote on paper or by delegation; it counts once a second person confirms it",
    status_code=HTTPStatus.CREATED,
    responses=ANSWERS,
)
def enter(given: EntryGiven, here: Here) -> Kept:
    entry = Entry(given.owner, given.choice, given.delegate)
    return Kept(here.consulting.ballots.enter(here.id, entry, here.member, cause=here.cause).id)


@router.post(
    "/ballots/{ballot_id}/entries/{entry_id}/confirm", summary="A second person confirms it", responses=ANSWERS
)
def confirm(entry_id: Annotated[str, Path(max_length=64)], here: Here) -> Kept:
    return Kept(here.consulting.ballots.confirm(here.id, entry_id, here.member, cause=here.cause).id)


@router.post(
    "/ballots/{ballot_id}/close", summary="Close early, where the rule lets and all have voted", responses=ANSWERS
)
def close_ballot(here: Here) -> BallotView:
    here.consulting.ballots.close_early(here.id, here.member, cause=here.cause)
    return here.consulting.ask.ballot(here.id, here.member)


@router.get(
    "/public/{estate}/ballots", summary="Open ballots and results, without personal data; public", responses=ANSWERS
)
def read_public(
    services: Given, estate: Annotated[str, Path(pattern=NAME_PATTERN)], piece: cursors.Piece
) -> list[PublicBallotView]:
    found = services.consulting.ask.public(estate, limit=piece.asked, before=piece.moment)
    return piece.of(found, lambda one: (cursors.at(one.opened_at), one.id))
