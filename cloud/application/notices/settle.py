"""What came of an attempt is kept, said on the timeline, and acted on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.application.notices.address import deliveries
from cloud.application.notices.nobody import nobody_reached
from cloud.application.notices.prepare import Ready
from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.community.reaching import CONSOLE
from cloud.domain.records.delivery import Delivery
from cloud.domain.records.failure import facts_of
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import Notification, Reason, doubles

PRINTED: Final = "printed"
"""Why somebody was not notified whose message stands on the server's console only."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`why` None: it was delivered. `tried` False: there was no time left for it."""

    why: str | None = None
    tried: bool = True


def settle(uow: UnitOfWork, ready: Ready, outcome: Outcome, *, now: datetime, by: str, ids: Ids) -> None:
    for delivery, notification in zip(ready.deliveries, ready.notifications, strict=True):
        # The message before its deliveries, as withdrawing has it: two who wait for each other would wait for ever.
        uow.outbox.lock(notification.id)
        # Read anew: a person may have answered, or the message may have been withdrawn, while it was under way.
        current = uow.outbox.delivery(delivery.id)
        if current is None or current.held_by != by:
            continue
        if not outcome.tried:
            uow.outbox.settle(current, by=by)
        elif outcome.why is None:
            uow.outbox.settle(current.sent(ready.contact, now, summary=ready.summary), by=by)
            if ready.contact.channel != CONSOLE or ready.contact.relied_upon:
                said = notification.reason.value
                _note(uow, ready, notification, delivery, kind=Kind.NOTIFIED, reason=said, now=now)
            elif notification.worth_saying:
                # A line on a screen that nobody looks at: one line of failure, not one of each.
                _note(uow, ready, notification, delivery, kind=Kind.NOT_NOTIFIED, reason=PRINTED, now=now)
            _follow_up(uow, current, ids, now)
            known = uow.outbox.delivery(delivery.id)
            answers = known is None or known.may_answer(life_safety=notification.life_safety)
            if not answers and current.rounds == 0 and notification.reason is not Reason.HANDLED:
                nobody_reached(uow, notification, now)
        else:
            after = current.failed(ready.contact, outcome.why, now, others=ready.others)
            uow.outbox.settle(after, by=by)
            if _worth_saying(notification, current, after):
                _note(uow, ready, notification, after, kind=Kind.NOT_NOTIFIED, reason=outcome.why, now=now)
            if not ready.others and current.rounds == 0 and notification.reason is not Reason.HANDLED:
                nobody_reached(uow, notification, now)


def _worth_saying(notification: Notification, before: Delivery, after: Delivery) -> bool:
    """A long outage is told in few lines: the first failure of every channel, then every doubling, then the end."""
    if not notification.worth_saying:
        return False
    whole_round = after.rounds > before.rounds
    return before.rounds == 0 or (whole_round and (doubles(after.rounds) or after.failed_at is not None))


def _follow_up(uow: UnitOfWork, sent: Delivery, ids: Ids, now: datetime) -> None:
    """It left although it had been withdrawn meanwhile: its reader gets the news that the others got."""
    news = uow.outbox.get(sent.follow_up) if sent.follow_up else None
    if news is not None:
        uow.outbox.deliver(deliveries(news, [sent.member_id], ids, now))


_LONGEST_SERVICE_NUMBER: Final = 6


def _is_service(phone: str | None) -> bool:
    """Whether it is a public number such as 119 or 96333; anybody else's is personal and stays out of the chain."""
    return phone is not None and phone.isdigit() and len(phone) <= _LONGEST_SERVICE_NUMBER


def _note(
    uow: UnitOfWork,
    ready: Ready,
    notification: Notification,
    delivery: Delivery,
    *,
    kind: Kind,
    reason: str,
    now: datetime,
) -> None:
    data: dict[str, object] = {
        "party": notification.party_id,
        "member": delivery.member_id,
        **({"channel": ready.contact.channel} if reason != PRINTED else {}),
        **facts_of(reason),
        "importance": notification.importance.value,
        **({"within": ready.incidents} if ready.incidents > 1 and kind is Kind.NOTIFIED else {}),
        **({"phone": notification.phone} if _is_service(notification.phone) else {}),
        **({"times": delivery.rounds} if delivery.rounds > 1 and kind is Kind.NOT_NOTIFIED else {}),
        **({"before": notification.repeats} if notification.repeats and kind is Kind.NOT_NOTIFIED else {}),
    }
    draft = Draft(kind, now, "system", notification.incident_id, notification.task_id, delivery.id, data)
    uow.ledger.append(notification.estate, [draft])
