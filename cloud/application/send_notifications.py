"""What the commits left in the outbox is delivered, at least once, and the ledger says whether it was."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.application.ports import Clock, Notifier, UnitOfWork, UnitsOfWork
from cloud.domain.ledger import Draft, Kind
from cloud.domain.notification import Notification
from cloud.errors import Unavailable

_log = logging.getLogger(__name__)

FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Delivered:
    sent: int
    failed: int


class SendNotifications:
    """One run over what is due. Sending happens outside any transaction, for a slow provider must not hold up an alarm;
    a crash between sending and noting it sends again rather than not at all.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, notifier: Notifier) -> None:
        self._units, self._clock, self._notifier = units, clock, notifier

    def __call__(self, limit: int = 50) -> Delivered:
        with self._units.reading() as uow:
            due = uow.outbox.unsent(self._clock.now(), limit)
        if not due:
            return Delivered(0, 0)
        failures = [self._attempt(notification) for notification in due]
        with self._units.writing() as uow:
            for notification, failure in zip(due, failures, strict=True):
                self._settle(uow, notification, failure)
            uow.commit()
        failed = sum(failure is not None for failure in failures)
        return Delivered(len(due) - failed, failed)

    def _attempt(self, notification: Notification) -> str | None:
        """Why it could not be delivered; None when it was."""
        try:
            self._notifier.deliver(notification)
        except Unavailable as error:
            return str(error)[:200] or "unavailable"
        except Exception as error:  # noqa: BLE001 - logged, recorded and tried again
            # One message that no channel can take must not hold back those behind it, nor have those before it sent again.
            _log.exception("a notification fails unexpectedly: %s", notification.id)
            return type(error).__name__
        return None

    def _settle(self, uow: UnitOfWork, notification: Notification, failure: str | None) -> None:
        now, attempts = self._clock.now(), notification.attempts + 1
        if failure is None:
            uow.outbox.save(replace(notification, attempts=attempts, sent_at=now))
            _note(uow, notification, now, Kind.NOTIFIED, notification.reason.value)
            return
        wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
        uow.outbox.save(replace(notification, attempts=attempts, next_attempt_at=now + wait))
        _note(uow, notification, now, Kind.NOT_NOTIFIED, failure)


def _note(uow: UnitOfWork, notification: Notification, now: datetime, kind: Kind, reason: str) -> None:
    data = {
        "party": notification.party_id,
        "channel": notification.channel,
        "reason": reason,
        "importance": notification.importance.value,
        **({"phone": notification.phone} if notification.phone else {}),
    }
    draft = Draft(kind, now, "system", notification.incident_id, notification.task_id, notification.id, data)
    uow.ledger.append(notification.estate, [draft])
