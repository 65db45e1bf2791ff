"""Webhooks as Standard Webhooks has them: a CloudEvents document, signed by every secret that is valid now."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from standardwebhooks import Webhook as Signing

from cloud.adapters.notify.outward import Outward
from cloud.application.messages import Event, NotTaken
from cloud.domain.community.faults import fault


class WebhookPoster:
    """Implements `messages.Poster`. `ahead`: by how much our time is later than the machine's: a receiver refuses what is
    signed at another time than its own.
    """

    def __init__(self, outward: Outward, ahead: Callable[[], timedelta] = timedelta) -> None:
        self._outward, self._ahead = outward, ahead

    def check(self, url: str) -> None:
        self._outward.check(url)

    def post(self, event: Event) -> None:
        body = json.dumps(event.document, ensure_ascii=False, separators=(",", ":"))
        at = event.at - self._ahead()
        signatures = [Signing(secret).sign(event.id, at, body) for secret in event.secrets]
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "User-Agent": "tocsin-webhook",
            "webhook-id": event.id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }
        answer = self._outward.post(event.url, body.encode(), headers)
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            rest = resting(answer.retry_after, datetime.now(UTC))
            raise NotTaken(fault("answered", status=answer.status), gone=answer.status == HTTPStatus.GONE, rest=rest)


def resting(retry_after: str | None, now: datetime) -> timedelta:
    """For how long `Retry-After` asks to be left alone: seconds, or a date (RFC 9110, section 10.2.3). What cannot be read
    asks nothing.
    """
    if retry_after is None:
        return timedelta()
    given = retry_after.strip()
    if given.isascii() and given.isdigit():
        return timedelta(seconds=min(int(given[:10]), _LONGEST_S))
    try:
        until = parsedate_to_datetime(given)
    except ValueError:
        return timedelta()
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(until - now, timedelta())


_LONGEST_S: Final = 366 * 86400
"""More than anybody heeds; keeps nonsense within what a time can hold."""
