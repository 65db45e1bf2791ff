"""Offers and needs over REST, and the published list of work that never stands among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from http import HTTPStatus
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.exchange.board import Page, Wording
from cloud.application.exchange.views import MatchView, PostingView
from cloud.domain.community.hours import Hours
from cloud.domain.community.public_days import DEFAULT_REGION
from cloud.domain.exchange.posting import MAX_TEXT, Good, Side
from cloud.domain.exchange.regulated import RegulatedList
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.api.problems import documented
from cloud.entrypoints.api.services import Services

router = Interface(tags=["offers and needs"])

T = TypeVar("T")
Id = Annotated[str, Path(max_length=64)]
Cursor = Annotated[str | None, Query(max_length=512)]
Limit = Annotated[int, Query(ge=1, le=200)]
DEEDS = documented(HTTPStatus.CONFLICT)


class WeeklyHours(BaseModel):
    """`days`: ISO weekdays, 1 is Monday. An `end` that is not after `start` runs past midnight. By default always."""

    model_config = ConfigDict(extra="forbid")

    days: list[Annotated[int, Field(ge=1, le=7)]] = Field(default=[1, 2, 3, 4, 5, 6, 7], min_length=1, max_length=7)
    start: time = time(0)
    end: time = time(0)

    def hours(self) -> Hours:
        naive = (moment.replace(tzinfo=None, second=0, microsecond=0) for moment in (self.start, self.end))
        return Hours(frozenset(self.days), *naive)


class Worded(BaseModel):
    """`capability`: in one word what it takes, as parties declare theirs (`first-aid`, `ladder`, `shopping`)."""

    model_config = ConfigDict(extra="forbid")

    capability: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    text: str = Field(min_length=1, max_length=MAX_TEXT)
    place: str = Field(max_length=512, description="A place of the estate, by its path.")
    hours: WeeklyHours = WeeklyHours()

    def wording(self) -> Wording:
        return Wording(self.capability, self.text, self.place, self.hours.hours())


class PostingOrder(Worded):
    """An offer or a need as its member words it."""

    good: Good


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """Newest first. `next`: the cursor of the following page; null on the last."""

    items: list[T]
    next: str | None


def following(page: Page[T], last: tuple[datetime, str] | None) -> str | None:
    return cursors.encode([last[0].isoformat(), last[1]]) if page.more and last else None


def known_offer(services: Given, member: CurrentNeighbour, offer_id: Id) -> PostingView:
    """The offer, if this member may see it at all; to anyone else it does not exist."""
    return services.exchange.board.read(offer_id, Side.OFFER, member)


def known_need(services: Given, member: CurrentNeighbour, need_id: Id) -> PostingView:
    return services.exchange.board.read(need_id, Side.NEED, member)


Region = Annotated[str, Query(pattern=r"^[A-Z]{2}$", description="The country whose list it is (ISO 3166).")]
KnownOffer = Annotated[PostingView, Depends(known_offer)]
KnownNeed = Annotated[PostingView, Depends(known_need)]


@router.get("/regulated-work", summary="Work that is refused here, with the legal basis of each row; public")
def read_regulated(services: Given, region: Region = DEFAULT_REGION) -> RegulatedList:
    return services.exchange.regulated.of(region)


def _listed(
    services: Services, side: Side, member: CurrentNeighbour, estate: str, *, cursor: str | None, limit: int
) -> Listing[PostingView]:
    before = cursors.decode_closing(cursor) if cursor else None
    page = services.exchange.board.listed(estate, side, member, limit=limit, before=before)
    last = (page.items[-1].posted_at, page.items[-1].id) if page.items else None
    return Listing(page.items, following(page, last))


@router.get("/offers", summary="Open offers, newest first")
def list_offers(
    services: Given, member: CurrentNeighbour, estate: SharedEstate, cursor: Cursor = None, limit: Limit = 50
) -> Listing[PostingView]:
    return _listed(services, Side.OFFER, member, estate, cursor=cursor, limit=limit)


@router.get("/needs", summary="Open needs, newest first")
def list_needs(
    services: Given, member: CurrentNeighbour, estate: SharedEstate, cursor: Cursor = None, limit: Limit = 50
) -> Listing[PostingView]:
    return _listed(services, Side.NEED, member, estate, cursor=cursor, limit=limit)


@router.post("/offers", summary="Offer a skill, time or a tool", status_code=HTTPStatus.CREATED, responses=DEEDS)
def post_offer(services: Given, member: CurrentNeighbour, estate: SharedEstate, order: PostingOrder) -> PostingView:
    """Regulated work is refused with the reason and its legal basis."""
    return services.exchange.board.post(estate, Side.OFFER, order.good, order.wording(), member)


@router.post("/needs", summary="Say what is needed", status_code=HTTPStatus.CREATED, responses=DEEDS)
def post_need(services: Given, member: CurrentNeighbour, estate: SharedEstate, order: PostingOrder) -> PostingView:
    """Regulated work is refused with the reason and its legal basis."""
    return services.exchange.board.post(estate, Side.NEED, order.good, order.wording(), member)


@router.get("/offers/{offer_id}", summary="One offer")
def read_offer(offer: KnownOffer) -> PostingView:
    return offer


@router.get("/needs/{need_id}", summary="One need")
def read_need(need: KnownNeed) -> PostingView:
    return need


@router.put("/offers/{offer_id}", summary="Word one's own offer anew", responses=DEEDS)
def change_offer(services: Given, member: CurrentNeighbour, offer: KnownOffer, order: PostingOrder) -> PostingView:
    return services.exchange.board.change(offer.id, Side.OFFER, order.good, order.wording(), member)


@router.put("/needs/{need_id}", summary="Word one's own need anew", responses=DEEDS)
def change_need(services: Given, member: CurrentNeighbour, need: KnownNeed, order: PostingOrder) -> PostingView:
    return services.exchange.board.change(need.id, Side.NEED, order.good, order.wording(), member)


@router.post("/offers/{offer_id}/withdraw", summary="Withdraw one's own offer", responses=DEEDS)
def withdraw_offer(services: Given, member: CurrentNeighbour, offer_id: Id) -> PostingView:
    return services.exchange.board.withdraw(offer_id, Side.OFFER, member)


@router.post("/needs/{need_id}/withdraw", summary="Withdraw one's own need", responses=DEEDS)
def withdraw_need(services: Given, member: CurrentNeighbour, need_id: Id) -> PostingView:
    return services.exchange.board.withdraw(need_id, Side.NEED, member)


@router.post("/needs/{need_id}/meet", summary="Say that one's own need has been met", responses=DEEDS)
def meet_need(services: Given, member: CurrentNeighbour, need_id: Id) -> PostingView:
    return services.exchange.board.meet(need_id, member)


@router.get("/needs/{need_id}/matches", summary="Who can meet a need: offers, and parties by capability and hours")
def read_matches(services: Given, member: CurrentNeighbour, need_id: Id) -> list[MatchView]:
    return services.exchange.board.matches(need_id, member)
