"""What sending messages to people needs from outside: the outbox that commits fill, and a channel that delivers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cloud.domain.records.notification import Notification


class Notifier(Protocol):
    """Delivers one message, within `send_notifications.TAKES_AT_MOST`. Raises cloud.errors.Unavailable when trying again
    may help.
    """

    def deliver(self, notification: Notification) -> None: ...


class NotificationOutbox(Protocol):
    def put(self, notifications: Sequence[Notification]) -> None: ...

    def unsent(self, now: datetime, limit: int = 20) -> Sequence[Notification]:
        """Those whose next attempt is due and which no worker holds, oldest first."""
        ...

    def claim(self, now: datetime, *, by: str, until: datetime, limit: int = 20) -> Sequence[Notification]:
        """Those of `unsent`, held by that worker from the commit on: no other gets them before `until`, nor, on a
        storage with several writers, while this unit of work lasts.
        """
        ...

    def settle(self, notification: Notification, *, by: str) -> bool:
        """What came of it; nobody holds it any more. False, and nothing changes, where that worker does not hold it."""
        ...
