"""Messages to members and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Query

from cloud.domain.records.delivery import Delivery, DeliveryState
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import CurrentOperator, EstateId, Given
from cloud.entrypoints.api.attempts import FailureShown, shown_failure
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented

router = Interface(tags=["deliveries"])
DeliveryId = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True, slots=True)
class DeliveryShown:
    """`channel`: the one tried last; `why`: why that failed, if it did, and `failure` the same by its code. Addresses are not shown."""

    id: str
    incident_id: str
    task_id: str
    party_id: str
    member_id: str | None
    state: DeliveryState
    channel: str | None
    attempts: int
    rounds: int
    created_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None
    withdrawn_at: datetime | None
    answered_at: datetime | None
    why: str | None
    failure: FailureShown | None


@router.get("/deliveries", summary="Messages to members, newest first", responses=documented(HTTPStatus.FORBIDDEN))
def list_deliveries(  # noqa: PLR0917 - a listing's filters
    services: Given,
    member: CurrentOperator,
    estate: EstateId,
    onward: cursors.ThisPage,
    failed: Annotated[bool, Query(description="Only those that have failed at least once.")] = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[DeliveryShown]:
    before = onward.id
    found = services.messaging.sent(estate, failed, limit + 1, member, before=before)
    return [shown_delivery(one) for one in onward.page(found, limit, lambda one: [one.id])]


@router.get("/deliveries/{delivery_id}", summary="One message to a member, and what became of it")
def show_delivery(
    services: Given, member: CurrentOperator, estate: EstateId, *, delivery_id: DeliveryId
) -> DeliveryShown:
    return shown_delivery(services.messaging.sent.one(estate, delivery_id, member))


@router.post(
    "/deliveries/{delivery_id}/try-again",
    summary="Send a message that has failed once more",
    description="For when there is a way now: a channel was set up, a contact corrected. Refused as a conflict where it has not failed, "
    "or nobody needs to be told any more. The ledger says who asked.",
    responses=documented(HTTPStatus.CONFLICT),
)
def try_delivery_again(
    services: Given, member: CurrentOperator, estate: EstateId, *, delivery_id: DeliveryId
) -> DeliveryShown:
    services.tuning.try_again(estate, delivery_id, member)
    return shown_delivery(services.messaging.sent.one(estate, delivery_id, member))


def shown_delivery(one: Delivery) -> DeliveryShown:
    return DeliveryShown(
        one.id, one.incident_id, one.task_id, one.party_id, one.member_id, one.state, one.channel, one.attempts,
        one.rounds, one.created_at, one.next_attempt_at if one.state is DeliveryState.WAITING else None, one.sent_at,
        one.failed_at, one.withdrawn_at, one.answered_at, one.why,
        shown_failure(one.why),
    )  # fmt: skip
