"""What people do about topics and ballots on pages: plain forms that post, act, and lead back to the topic."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from typing import Annotated

from babel.numbers import get_currency_precision
from fastapi import Form, Path
from fastapi.responses import RedirectResponse

from cloud.application.consultation.ballots import Entry
from cloud.application.consultation.seat import MAX_WORDS
from cloud.domain.consultation.ballot import Choice
from cloud.domain.consultation.proposal import DEAREST, Cost, MatterKind, Payer
from cloud.domain.consultation.topic import TopicState
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.ballots import Here as ThisBallot
from cloud.entrypoints.api.consultation import KnownPetition
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.api.topics import Here
from cloud.entrypoints.web.page_router import PageRouter
from cloud.errors import Invalid

router = PageRouter()

Words = Annotated[str, Form(min_length=1, max_length=MAX_WORDS)]
Amount = Annotated[Decimal, Form(ge=0, le=DEAREST)]
Name = Annotated[str, Form(min_length=1, max_length=128)]


@router.post("/topics/{topic_id}/contributions")
def contribute(here: Here, text: Words) -> RedirectResponse:
    here.consulting.talk.contribute(here.id, text, here.member, cause=here.cause)
    return _topic(here.id)


@router.post("/topics/{topic_id}/proposals")
def propose(
    here: Here,
    text: Words,
    matter: Annotated[MatterKind, Form()],
    amount: Amount,
    *,
    payer: Annotated[Payer, Form()],
    party: Name,
) -> RedirectResponse:
    cost = _cost(here, amount)
    here.consulting.talk.propose(
        here.id, text, here.member, matter=matter, cost=cost, payer=payer, party_id=party, cause=here.cause
    )
    return _topic(here.id)


@router.post("/topics/{topic_id}/move")
def move(here: Here, to: Annotated[TopicState, Form()]) -> RedirectResponse:
    here.consulting.talk.move(here.id, to, here.member, cause=here.cause)
    return _topic(here.id)


@router.post("/topics/{topic_id}/fund-applications")
def apply_for_fund(here: Here, ground: Words, amount: Amount) -> RedirectResponse:
    here.consulting.talk.apply_for_fund(here.id, ground, _cost(here, amount), here.member, cause=here.cause)
    return _topic(here.id)


@router.post("/topics/{topic_id}/ballots")
def open_ballot(
    here: Here, services: Given, proposal: Name, days: Annotated[int, Form(ge=1, le=180)]
) -> RedirectResponse:
    closes_at = services.clock.now() + timedelta(days=days)
    here.consulting.ballots.open(here.id, proposal, closes_at, here.member, cause=here.cause)
    return _topic(here.id)


@router.post("/ballots/{ballot_id}/votes")
def vote(here: ThisBallot, choice: Annotated[Choice, Form()]) -> RedirectResponse:
    here.consulting.ballots.vote(here.id, choice, here.member, cause=here.cause)
    return _back(here)


@router.post("/ballots/{ballot_id}/entries")
def enter(
    here: ThisBallot,
    owner: Name,
    choice: Annotated[Choice, Form()],
    *,
    delegate: Annotated[str, Form(max_length=128)] = "",
) -> RedirectResponse:
    entry = Entry(owner, choice, delegate.strip() or None)
    here.consulting.ballots.enter(here.id, entry, here.member, cause=here.cause)
    return _back(here)


@router.post("/ballots/{ballot_id}/entries/{entry_id}/confirm")
def confirm(here: ThisBallot, entry_id: Annotated[str, Path(max_length=64)]) -> RedirectResponse:
    here.consulting.ballots.confirm(here.id, entry_id, here.member, cause=here.cause)
    return _back(here)


@router.post("/ballots/{ballot_id}/close")
def close_ballot(here: ThisBallot) -> RedirectResponse:
    here.consulting.ballots.close_early(here.id, here.member, cause=here.cause)
    return _back(here)


@router.post("/petitions")
def start_petition(services: Given, member: CurrentNeighbour, estate: SharedEstate, text: Words) -> RedirectResponse:
    services.consulting.petitions.start(estate, text, member)
    return RedirectResponse(f"/topics?estate={estate}", HTTPStatus.SEE_OTHER)


@router.post("/petitions/{petition_id}/sign")
def sign(petition: KnownPetition, services: Given, member: CurrentNeighbour) -> RedirectResponse:
    signed = services.consulting.petitions.sign(petition, member)
    return RedirectResponse(f"/topics?estate={signed.estate}", HTTPStatus.SEE_OTHER)


def _topic(topic_id: str) -> RedirectResponse:
    return RedirectResponse(f"/topics/{topic_id}", HTTPStatus.SEE_OTHER)


def _back(here: ThisBallot) -> RedirectResponse:
    return _topic(here.consulting.ask.ballot(here.id, here.member).topic_id)


def _cost(here: Here, amount: Decimal) -> Cost:
    """What is typed in whole units as minor units of the estate's currency. Raises Invalid."""
    estate = here.consulting.ask.seen(here.id, here.member)
    currency = here.consulting.roll.terms(estate, here.member).currency
    minor = amount.scaleb(get_currency_precision(currency))
    if minor != minor.to_integral_value():
        raise Invalid("It was not taken.", ["amount: the currency has no smaller unit than that"])
    return Cost(int(minor), currency)
