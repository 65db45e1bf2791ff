"""Who is flooded, and what of the messages to them is told within one summary (the rule: domain/incidents/flood.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.application.messages import Reader
from cloud.application.ports import UnitOfWork
from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member
from cloud.domain.duties.escalation import Importance
from cloud.domain.duties.register import Register
from cloud.domain.incidents.flood import FLOOD_WINDOW, Flood, folds, is_flood, next_summary
from cloud.domain.incidents.incident import Incident
from cloud.domain.records.delivery import Delivery
from cloud.domain.records.notification import Notification, Reason, in_sum

MOST: Final = 1000
"""Deliveries to one person that one summary takes in."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A delivery, and through which contact it is to go now."""

    delivery: Delivery
    notification: Notification
    register: Register
    member: Member | None
    contact: Contact
    others: bool
    incident: Incident

    @property
    def reader(self) -> Reader:
        return Reader.of(self.delivery)

    @property
    def folds(self) -> bool:
        return self.notification.importance is not Importance.EMERGENCY and folds(self.incident)

    @property
    def bundle(self) -> tuple[object, ...]:
        """What goes in one summary: of one estate, through one contact; never what asks with what asks no more, nor what is
        real with an exercise.
        """
        handled = self.notification.reason is Reason.HANDLED
        return self.reader, self.register.estate.id, self.contact.key, handled, self.incident.mode


def flooded(uow: UnitOfWork, plans: Sequence[Plan], now: datetime) -> Mapping[Reader, datetime]:
    """The readers for whom this is a flood, each with when their next summary may go."""
    waiting: dict[Reader, set[str]] = defaultdict(set)
    for plan in plans:
        if plan.folds:
            waiting[plan.reader].add(plan.notification.incident_id)
    found: dict[Reader, datetime] = {}
    for reader, incidents in waiting.items():
        told = uow.outbox.told_since(reader, now - FLOOD_WINDOW)
        if is_flood(incidents | {delivery.incident_id for delivery in told}):
            summaries = [delivery.sent_at for delivery in told if delivery.summary and delivery.sent_at]
            found[reader] = next_summary(max(summaries, default=None), now)
    return found


def summary(plans: Sequence[Plan]) -> Names:
    """What is said instead of many messages: how many incidents, where, of what, and what is asked about them."""
    register = plans[0].register
    about = {plan.incident.id: plan.incident for plan in plans}
    words = Flood.of(about.values(), register).words(register)
    if plans[0].incident.mode == "exercise":
        words = Names(f"【演练】{words.zh}", f"EXERCISE: {words.en}")
    return in_sum(words, [plan.notification for plan in plans])
