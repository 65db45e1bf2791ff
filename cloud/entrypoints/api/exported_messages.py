"""Lists of those who run an estate, as files: what was told to whom, and what nobody could take. No addresses, no secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from cloud.domain.records.webhook import Posting
from cloud.entrypoints.api.deliveries import DeliveryShown, shown_delivery
from cloud.entrypoints.api.exported import STRETCH, Asked, Export, as_operator, fields, listed, of_its, through
from cloud.entrypoints.api.webhooks import PostingShown, shown_posting, shown_webhook


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent to one webhook."""

    webhook: str
    posting: PostingShown


def _deliveries(asked: Asked) -> Iterator[Any]:
    sent = asked.services.messaging.sent
    found = through(
        lambda before: sent(asked.estate, False, STRETCH, asked.member, before=before),
        lambda one: one.id,
    )
    return map(shown_delivery, found)


def _postings(asked: Asked) -> Iterator[Sent]:
    book, who = asked.services.messaging.webhooks, asked.member.member.id
    for webhook in book.all(asked.estate, who):
        read = partial(book.postings, asked.estate, webhook.id, who, failed=False, limit=STRETCH)
        for posting in through(_before(read), lambda one: one.id):
            yield Sent(webhook.id, shown_posting(posting))


def _before(read: Callable[..., Sequence[Posting]]) -> Callable[[str | None], Sequence[Posting]]:
    return lambda before: read(before=before)


def _letters(asked: Asked) -> Iterator[Any]:
    return through(
        lambda before: asked.services.queries.dead_letters(asked.member, limit=STRETCH, before=before),
        lambda one: one.id,
    )


def _failure_code(one: DeliveryShown | PostingShown) -> str | None:
    return one.failure.code if one.failure else None


MESSAGES: Final[Mapping[str, Export]] = {
    "deliveries": Export(
        "/deliveries",
        "Messages to members and what became of them, the latest first; no addresses",
        as_operator,
        _deliveries,
        {
            **fields(
                "id", "incident_id", "task_id", "party_id", "member_id", "state", "channel", "attempts", "rounds",
                "created_at", "next_attempt_at", "sent_at", "failed_at", "withdrawn_at", "answered_at", "why",
            ),
            "failure": _failure_code,
        },
    ),
    "webhooks": Export(
        "/webhooks",
        "Systems that are told; no secrets",
        as_operator,
        lambda asked: map(shown_webhook, asked.services.messaging.webhooks.all(asked.estate, asked.member.member.id)),
        {
            **fields("id", "url"), "kinds": lambda one: listed(one.kinds),
            **fields("active", "created_at", "created_by", "position", "former_secret_until", "gone_at"),
        },
    ),
    "webhook-deliveries": Export(
        "/webhooks/{webhook_id}/deliveries",
        "What was sent to every webhook, the latest first",
        as_operator,
        _postings,
        {
            **fields("webhook"),
            **of_its(
                "posting",
                {
                    **fields("id", "seq", "created_at", "attempts", "next_attempt_at", "sent_at", "failed_at", "why"),
                    "failure": _failure_code,
                },
            ),
        },
    ),
    "dead-letters": Export(
        "/dead-letters",
        "What could never be taken, and why, the latest first",
        as_operator,
        _letters,
        fields(
            "id", "received_at", "estate", "node_id", "topic", "reason", "size", "excerpt", "replayed_at",
            "replayed_by",
        ),
    ),
}  # fmt: skip
