"""Channels that ring or cost money are spared: repeats do not wear a member out, and a runaway does not empty the account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cloud.application.ports import UnitOfWork
from cloud.domain.community.contacts import Contact
from cloud.domain.records.allowance import DAY, WINDOW, Allowance, Spared, Spent
from cloud.domain.records.delivery import Delivery
from cloud.domain.records.notification import Notification


@dataclass(frozen=True, slots=True)
class Sparing:
    """`kinds`: the channels that are spared, text messages and calls."""

    kinds: Container[str] = frozenset()
    allowance: Allowance = field(default_factory=Allowance)

    def round(self, uow: UnitOfWork, now: datetime) -> SparingRound:
        return SparingRound(self, uow, now)


@dataclass(frozen=True, slots=True)
class Left:
    """What may be used now. `why`: for what reason a way was left out; `until`: when the first of them may be used again,
    None: not by waiting a little.
    """

    contacts: Sequence[Contact]
    why: Spared | None = None
    until: datetime | None = None


class SparingRound:
    """One claim's worth: what it is about to send counts as sent."""

    def __init__(self, sparing: Sparing, uow: UnitOfWork, now: datetime) -> None:
        self._kinds, self._allowance = sparing.kinds, sparing.allowance
        self._uow, self._now = uow, now
        self._about_to: Counter[str] = Counter()
        self._to_member: Counter[tuple[str, str | None, str]] = Counter()
        self._told: set[tuple[str | None, str]] = set()

    def left(self, contacts: Collection[Contact], delivery: Delivery, notification: Notification) -> Left:
        usable: list[Contact] = []
        why: Spared | None = None
        until: datetime | None = None
        for contact in contacts:
            spent = self._spent(contact.channel, delivery)
            refused = self._allowance.refusal(spent, life_safety=notification.life_safety) if spent else None
            if spent is None or refused is None:
                usable.append(contact)
                continue
            why = why or refused
            if refused is Spared.MEMBER:
                free = self._allowance.free_at(spent)
                until = free if until is None else min(until, free)
        return Left(usable, why, until)

    def takes(self, channel: str, delivery: Delivery) -> None:
        """It is about to be sent."""
        self._about_to[channel] += 1
        self._to_member[channel, delivery.member_id, delivery.task_id] += 1
        self._told.add((delivery.member_id, delivery.task_id))

    def _spent(self, channel: str, delivery: Delivery) -> Spent | None:
        """None for a channel that is not spared."""
        if channel not in self._kinds:
            return None
        found = self._uow.outbox.spent(channel, delivery, self._now - WINDOW, self._now - DAY)
        about_to = self._to_member[channel, delivery.member_id, delivery.task_id]
        return replace(
            found,
            to_member=(*found.to_member, *[self._now] * about_to),
            in_day=found.in_day + self._about_to[channel],
            first=found.first and (delivery.member_id, delivery.task_id) not in self._told,
        )
