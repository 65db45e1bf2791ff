"""What the commits left in the outbox is delivered, at least once, and the ledger says whether it was."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.application.messages import Notifier
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import Notification
from cloud.errors import Unavailable

_log = logging.getLogger(__name__)

FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(minutes=10)

LEASE: Final = timedelta(seconds=30)
"""How long a claim lasts: what a worker had in hand when it died is sent by another after this."""

TAKES_AT_MOST: Final = timedelta(seconds=10)
"""The longest that a channel may take for one message; it gives up before."""

_LONGEST_SERVICE_NUMBER: Final = 6


@dataclass(frozen=True, slots=True)
class Delivered:
    sent: int
    failed: int


class SendNotifications:
    """One run over what is due. Each message is claimed durably before it is sent, so that two workers never send the
    same; sending happens outside any transaction, for a slow provider must not hold up an alarm. A crash between
    sending and noting it sends again once the claim has run out, rather than not at all.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, notifier: Notifier) -> None:
        self._units, self._clock, self._notifier = units, clock, notifier

    def __call__(self, limit: int = 50) -> Delivered:
        by = secrets.token_hex(8)
        claimed = self._claim(by, limit)
        if not claimed:
            return Delivered(0, 0)
        tried = [(notification, self._attempt(notification)) for notification in claimed if self._in_time(notification)]
        with self._units.writing() as uow:
            for notification, failure in tried:
                self._settle(uow, notification, failure, by)
            for notification in claimed[len(tried) :]:
                uow.outbox.settle(notification, by=by)
            uow.commit()
        failed = sum(failure is not None for _, failure in tried)
        return Delivered(len(tried) - failed, failed)

    def _claim(self, by: str, limit: int) -> Sequence[Notification]:
        with self._units.reading() as uow:
            if not uow.outbox.unsent(self._clock.now(), 1):
                return ()
        with self._units.writing() as uow:
            now = self._clock.now()
            claimed = uow.outbox.claim(now, by=by, until=now + LEASE, limit=limit)
            uow.commit()
            return claimed

    def _in_time(self, notification: Notification) -> bool:
        """Whether the claim outlasts the sending. Once it does not, the rest is left to whoever claims it next."""
        return notification.held_until is not None and self._clock.now() + TAKES_AT_MOST <= notification.held_until

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

    def _settle(self, uow: UnitOfWork, notification: Notification, failure: str | None, by: str) -> None:
        now, attempts = self._clock.now(), notification.attempts + 1
        if failure is None:
            uow.outbox.settle(replace(notification, attempts=attempts, sent_at=now), by=by)
            _note(uow, notification, now, Kind.NOTIFIED, notification.reason.value)
            return
        wait = min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT)
        uow.outbox.settle(replace(notification, attempts=attempts, next_attempt_at=now + wait), by=by)
        _note(uow, notification, now, Kind.NOT_NOTIFIED, failure)


def _is_service(phone: str | None) -> bool:
    """Whether it is a public number such as 119 or 96333; anybody else's is personal and stays out of the chain."""
    return phone is not None and phone.isdigit() and len(phone) <= _LONGEST_SERVICE_NUMBER


def _note(uow: UnitOfWork, notification: Notification, now: datetime, kind: Kind, reason: str) -> None:
    data = {
        "party": notification.party_id,
        "channel": notification.channel,
        "reason": reason,
        "importance": notification.importance.value,
        **({"phone": notification.phone} if _is_service(notification.phone) else {}),
    }
    draft = Draft(kind, now, "system", notification.incident_id, notification.task_id, notification.id, data)
    uow.ledger.append(notification.estate, [draft])
