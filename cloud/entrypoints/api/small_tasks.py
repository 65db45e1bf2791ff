"""Small tasks over REST: posted by organisations, claimed by residents, done, confirmed by another."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field

from cloud.application.exchange.views import SmallTaskView
from cloud.domain.exchange.small_task import MAX_HELPERS, SmallTaskKind
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.exchange import DEEDS, Cursor, Id, Limit, Listing, Worded, following
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate

router = Interface("/small-tasks", tags=["offers and needs"])


class SmallTaskOrder(Worded):
    """`wanted`: how many may do it together. `need`: the need that is met when it is confirmed."""

    kind: SmallTaskKind = SmallTaskKind.SMALL_TASK
    wanted: int = Field(default=1, ge=1, le=MAX_HELPERS)
    need: str | None = Field(default=None, max_length=64)


@router.get("", summary="Small tasks, newest first")
def list_small_tasks(  # noqa: PLR0917 - a listing's filters
    services: Given,
    member: CurrentNeighbour,
    estate: SharedEstate,
    state: Annotated[Literal["open", "over"], Query(description="Open: not confirmed or withdrawn yet.")] = "open",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listing[SmallTaskView]:
    before = cursors.decode_closing(cursor) if cursor else None
    board = services.exchange.small_tasks
    page = board.listed(estate, member, over=state == "over", limit=limit, before=before)
    last = (page.items[-1].posted_at, page.items[-1].id) if page.items else None
    return Listing(page.items, following(page, last))


@router.post("", summary="Ask neighbours for a small safe task", status_code=HTTPStatus.CREATED, responses=DEEDS)
def post_small_task(services: Given, member: CurrentMember, estate: EstateId, order: SmallTaskOrder) -> SmallTaskView:
    """Regulated work is refused with the reason and its legal basis."""
    board, kind = services.exchange.small_tasks, order.kind
    return board.post(estate, kind, order.wording(), member, wanted=order.wanted, need_id=order.need)


@router.get("/{small_task_id}", summary="One small task")
def read_small_task(services: Given, member: CurrentNeighbour, small_task_id: Id) -> SmallTaskView:
    return services.exchange.small_tasks.read(small_task_id, member)


@router.post("/{small_task_id}/claim", summary="Take it on", responses=DEEDS)
def claim(services: Given, member: CurrentNeighbour, small_task_id: Id) -> SmallTaskView:
    return services.exchange.small_tasks.claim(small_task_id, member)


@router.post("/{small_task_id}/release", summary="Give it back", responses=DEEDS)
def release(services: Given, member: CurrentNeighbour, small_task_id: Id) -> SmallTaskView:
    return services.exchange.small_tasks.release(small_task_id, member)


@router.post("/{small_task_id}/finish", summary="Say that it is done", responses=DEEDS)
def finish(services: Given, member: CurrentNeighbour, small_task_id: Id) -> SmallTaskView:
    return services.exchange.small_tasks.finish(small_task_id, member)


@router.post(
    "/{small_task_id}/confirm", summary="Confirm, as another, that it was done; it is credited", responses=DEEDS
)
def confirm(services: Given, member: CurrentNeighbour, small_task_id: Id) -> SmallTaskView:
    return services.exchange.small_tasks.confirm(small_task_id, member)


@router.post("/{small_task_id}/send-back", summary="Say, as another, that it was not done", responses=DEEDS)
def send_back(services: Given, member: CurrentNeighbour, small_task_id: Id) -> SmallTaskView:
    return services.exchange.small_tasks.send_back(small_task_id, member)


@router.post("/{small_task_id}/withdraw", summary="Withdraw what one posted", responses=DEEDS)
def withdraw(services: Given, member: CurrentNeighbour, small_task_id: Id) -> SmallTaskView:
    return services.exchange.small_tasks.withdraw(small_task_id, member)
