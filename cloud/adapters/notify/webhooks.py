"""Webhooks as Standard Webhooks has them: a CloudEvents document, signed by every secret that is valid now."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from standardwebhooks import Webhook as Signing

from cloud.adapters.notify.outward import Outward
from cloud.application.messages import Event
from cloud.errors import Unavailable


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
            raise Unavailable(f"it answered {answer.status}")
