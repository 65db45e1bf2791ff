"""Systems that are told what the ledger gains: for those who run the estate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from cloud.application.notices.webhook_book import Shown, WebhookBook
from cloud.domain.records.webhook import Posting, Webhook
from cloud.entrypoints.api import cursors, unchanged
from cloud.entrypoints.api.access import CurrentOperator, EstateId, Given
from cloud.entrypoints.api.attempts import FailureShown, TestShown, shown_failure
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented

router = Interface(tags=["webhooks"])

ANSWERS: Final = documented(
    HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY
)

Url = Annotated[str, Field(max_length=2048, examples=["https://example.org/hooks/tocsin"])]
Kinds = Annotated[
    list[Annotated[str, Field(max_length=64)]],
    Field(max_length=100, description="Kinds of ledger entries; none means every kind."),
]


class ThisBook:
    """The webhooks of an estate, for members who run it."""

    def __init__(self, services: Given, member: CurrentOperator, estate: EstateId) -> None:
        self.book: WebhookBook = services.messaging.webhooks
        self.estate, self.member_id, self.clock = estate, member.member.id, services.clock


OfEstate = Annotated[ThisBook, Depends(ThisBook)]
WebhookId = Annotated[str, Path(max_length=64)]
PostingId = Annotated[str, Path(max_length=64)]
Limit = Annotated[int, Query(ge=1, le=500)]


class WebhookGiven(BaseModel):
    """Where to tell what. It is told what happens from now on."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    kinds: Kinds = []


class WebhookChange(BaseModel):
    """What is left away stays."""

    model_config = ConfigDict(extra="forbid")

    url: Url | None = None
    kinds: Kinds | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True)
class WebhookShown:
    """`former_secret_until`: until when what is sent is signed by the former secret too. `gone_at`: when it answered that it
    is gone (410), which switched it off.
    """

    id: str
    url: str
    kinds: list[str]
    active: bool
    created_at: datetime
    created_by: str
    position: int
    former_secret_until: datetime | None
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """The secret is shown this once."""

    webhook: WebhookShown
    secret: str


@dataclass(frozen=True, slots=True)
class PostingShown:
    id: str
    seq: int
    created_at: datetime
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    failed_at: datetime | None
    why: str | None
    failure: FailureShown | None


@router.get("/webhooks", summary="Webhooks of the estate", responses=ANSWERS)
def list_webhooks(at: OfEstate) -> list[WebhookShown]:
    return [shown_webhook(webhook) for webhook in at.book.all(at.estate, at.member_id)]


@router.post("/webhooks", summary="Add a webhook", status_code=HTTPStatus.CREATED, responses=ANSWERS)
def add_webhook(given: WebhookGiven, at: OfEstate) -> WebhookSecret:
    return _with_secret(at.book.add(at.estate, given.url, given.kinds, at.member_id))


@router.get("/webhooks/{webhook_id}", summary="One webhook", responses=ANSWERS)
def read_webhook(webhook_id: WebhookId, at: OfEstate, response: Response) -> WebhookShown:
    shown = shown_webhook(at.book.one(at.estate, webhook_id, at.member_id))
    unchanged.tagged(response, _tag(shown))
    return shown


@router.patch("/webhooks/{webhook_id}", summary="Change a webhook", responses={**ANSWERS, **unchanged.CHANGED})
def change_webhook(
    webhook_id: WebhookId, given: WebhookChange, at: OfEstate, response: Response, if_match: unchanged.IfMatch = None
) -> WebhookShown:
    changed = at.book.change(
        at.estate,
        webhook_id,
        at.member_id,
        url=given.url,
        kinds=given.kinds,
        active=given.active,
        check=lambda standing: unchanged.require(if_match, _tag(shown_webhook(standing))),
    )
    shown = shown_webhook(changed)
    unchanged.tagged(response, _tag(shown))
    return shown


def _tag(shown: WebhookShown) -> str:
    """Not of how far it has been told: that moves with every entry of the ledger."""
    return unchanged.tag_of([shown.url, shown.kinds, shown.active])


@router.delete(
    "/webhooks/{webhook_id}", summary="Remove a webhook", status_code=HTTPStatus.NO_CONTENT, responses=ANSWERS
)
def remove_webhook(webhook_id: WebhookId, at: OfEstate) -> None:
    at.book.remove(at.estate, webhook_id, at.member_id)


@router.post("/webhooks/{webhook_id}/rotate", summary="Give it a new secret", responses=ANSWERS)
def rotate_secret(webhook_id: WebhookId, at: OfEstate) -> WebhookSecret:
    return _with_secret(at.book.rotate(at.estate, webhook_id, at.member_id))


@router.post("/webhooks/{webhook_id}/test", summary="Send it a test message now", responses=ANSWERS)
def try_webhook(webhook_id: WebhookId, at: OfEstate) -> TestShown:
    tried = at.book.try_out(at.estate, webhook_id, at.member_id)
    return TestShown(tried.taken, tried.why, shown_failure(tried.why))


@router.get("/webhooks/{webhook_id}/deliveries", summary="What was sent to it, newest first", responses=ANSWERS)
def list_postings(
    webhook_id: WebhookId, at: OfEstate, onward: cursors.ThisPage, failed: bool = False, limit: Limit = 100
) -> list[PostingShown]:
    found = at.book.postings(at.estate, webhook_id, at.member_id, failed=failed, limit=limit + 1, before=onward.id)
    return [shown_posting(one) for one in onward.page(found, limit, lambda one: [one.id])]


@router.post(
    "/webhooks/{webhook_id}/deliveries/{posting_id}/again",
    summary="Send what was given up once more",
    description="Under the same `webhook-id`, from the first attempt on. Refused as a conflict where it was not given up, or the webhook "
    "is switched off. The ledger says who asked.",
    responses=ANSWERS,
)
def post_again(webhook_id: WebhookId, posting_id: PostingId, at: OfEstate) -> PostingShown:
    return shown_posting(at.book.again(at.estate, webhook_id, posting_id, at.member_id))


def shown_webhook(webhook: Webhook) -> WebhookShown:
    return WebhookShown(
        webhook.id,
        webhook.url,
        sorted(webhook.kinds),
        webhook.active,
        webhook.created_at,
        webhook.created_by,
        webhook.position,
        webhook.former_until,
        webhook.gone_at,
    )


def _with_secret(shown: Shown) -> WebhookSecret:
    return WebhookSecret(shown_webhook(shown.webhook), shown.secret)


def shown_posting(posting: Posting) -> PostingShown:
    over = posting.sent_at is not None or posting.failed_at is not None
    return PostingShown(
        posting.id,
        posting.seq,
        posting.created_at,
        posting.attempts,
        None if over else posting.next_attempt_at,
        posting.sent_at,
        posting.failed_at,
        posting.why,
        shown_failure(posting.why),
    )
