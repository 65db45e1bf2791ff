"""Credit over REST: the public table and rates, one's own account, an estate's sums, reversals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import BaseModel, ConfigDict

from cloud.application.credit.views import AccountView, RatesView, SumsView, TableView
from cloud.domain.credit.account import CreditEntry, ReversalReason
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.api.problems import documented
from schemas.base import NAME_PATTERN

router = Interface(tags=["credit"])

PublicEstate = Annotated[str, Path(pattern=NAME_PATTERN)]
Version = Annotated[int | None, Query(ge=1, lt=2**31, description="By default the version in force.")]
Day = Annotated[date | None, Query(description="A day of the estate; both are included.")]


@dataclass(frozen=True, slots=True)
class Statement:
    """Entries of one account, newest first. `next`: the cursor of the following page; null on the last."""

    items: list[CreditEntry]
    next: str | None


class ReversalOrder(BaseModel):
    """Why the points are taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: ReversalReason


@router.get("/public/{estate}/credit-table", summary="What an act is worth here, and how credit is computed; public")
def read_table(services: Given, estate: PublicEstate, version: Version = None) -> TableView:
    return services.credit.table(estate, version)


@router.get("/public/{estate}/rates", summary="Organisations' rates over some days, each explained; public")
def read_rates(services: Given, estate: PublicEstate, first: Day = None, last: Day = None) -> RatesView:
    """Response, solution, satisfaction, joint work as caller and called - whether those called came, by help and by whistle,
    and objections upheld -, median times. Exercises never count, nor what
    concerns a person's welfare. By default the 30 days until today; at most 366. At most a minute old.
    """
    return services.credit.rating(estate, first, last)


@router.get("/credit/account", summary="The member's own account")
def read_account(services: Given, member: CurrentNeighbour, estate: SharedEstate) -> AccountView:
    return services.credit.account(estate, member)


@router.get("/credit/statement", summary="The entries of the member's own account, newest first")
def read_statement(
    services: Given,
    member: CurrentNeighbour,
    estate: SharedEstate,
    cursor: Annotated[str | None, Query(max_length=512)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Statement:
    before = cursors.decode_closing(cursor) if cursor else None
    page = services.credit.statement(estate, member, limit=limit, before=before)
    last = page.entries[-1] if page.more else None
    return Statement(page.entries, cursors.encode([last.at.isoformat(), last.id]) if last else None)


@router.get("/credit/sums", summary="What all accounts of an estate come to; for its managers and overseers")
def read_sums(services: Given, member: CurrentMember, estate: EstateId) -> SumsView:
    return services.credit.sums(estate, member)


def known_entry(services: Given, member: CurrentMember, entry_id: Annotated[str, Path(max_length=64)]) -> CreditEntry:
    """The entry, where it lies in the member's estates; to anyone else it does not exist."""
    return services.credit.entry(entry_id, member)


@router.post(
    "/credit/entries/{entry_id}/reverse",
    summary="Take back what one entry paid, as a new entry",
    status_code=HTTPStatus.NO_CONTENT,
    responses=documented(HTTPStatus.CONFLICT),
)
def reverse_entry(
    services: Given, member: CurrentMember, entry: Annotated[CreditEntry, Depends(known_entry)], order: ReversalOrder
) -> None:
    services.credit.reverse(entry.id, member, order.reason)
