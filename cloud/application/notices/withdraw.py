"""Somebody has answered: what was not sent yet is withdrawn, and who was told already is told that it is handled."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from cloud.application.notices.address import deliveries
from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.community.names import Names
from cloud.domain.duties.escalation import Importance
from cloud.domain.records.delivery import Delivery, DeliveryState
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import Notification, Reason, answered
from cloud.domain.tasks.task import Task


@dataclass(frozen=True, slots=True)
class Answer:
    """Who has answered. `names` None: nobody is told, as when the matter is over by itself or a party has declined."""

    party_id: str | None = None
    member_id: str | None = None
    names: Names | None = None
    cause: str | None = None


class Withdraw:
    """Part of the unit of work in which `task` is answered for. Every message is kept; none is deleted."""

    def __init__(self, uow: UnitOfWork, ids: Ids, task: Task, answer: Answer, now: datetime) -> None:
        self._uow, self._ids, self._task, self._answer, self._now = uow, ids, task, answer, now
        self._withdrawn = Counter[str]()
        self._told: dict[str, set[str | None]] = defaultdict(set)
        self._like: dict[str, Notification] = {}
        self._follow_ups: dict[str, Notification] = {}

    def answered(self, *, lead: bool, over: bool, looks: bool = False) -> None:
        """`lead`: the party answers for the task; `over`: nothing is left to be done; `looks`: it goes and looks after a
        claim.
        """
        self._uow.ledger.hold(self._task.estate)
        for notification in self._uow.outbox.of_task(self._task.id):
            same = notification.party_id == self._answer.party_id
            if answered(notification.reason, same_party=same, lead=lead, over=over, looks=looks):
                self._like[notification.party_id] = notification
                self._recall(notification)
        for party_id, members in self._told.items() if self._answer.names else ():
            follow_up = self._follow_up(party_id)
            everyone = sorted(members, key=str)
            self._uow.outbox.deliver(deliveries(follow_up, everyone, self._ids, self._now))
        drafts = [
            Draft(
                Kind.NOTICE_WITHDRAWN, self._now, "system", self._task.incident_id, self._task.id,
                self._answer.cause or self._task.id,
                {"party": party_id, "count": count},
            )
            for party_id, count in sorted(self._withdrawn.items())
        ]  # fmt: skip
        if drafts:
            self._uow.ledger.append(self._task.estate, drafts)

    def _recall(self, notification: Notification) -> None:
        if notification.addressed_at is None:
            self._withdrawn[notification.party_id] += 1
            self._uow.outbox.save(replace(notification, withdrawn_at=self._now))
            return
        self._uow.outbox.save(replace(notification, withdrawn_at=self._now))
        for delivery in self._uow.outbox.of_notification(notification.id):
            self._recall_one(notification, delivery)

    def _recall_one(self, notification: Notification, delivery: Delivery) -> None:
        if delivery.state is DeliveryState.SENT and delivery.member_id != self._answer.member_id:
            self._told[notification.party_id].add(delivery.member_id)
        if delivery.state is not DeliveryState.WAITING:
            return
        self._withdrawn[notification.party_id] += 1
        # One that a worker is sending at this moment is followed by the news, should it leave all the same.
        under_way = delivery.held_until is not None and delivery.held_until > self._now
        follow_up = self._follow_up(notification.party_id).id if under_way and self._answer.names else None
        self._uow.outbox.amend(replace(delivery, withdrawn_at=self._now, follow_up=follow_up))

    def _follow_up(self, party_id: str) -> Notification:
        """The message to that party's people which says who has answered; made once."""
        made = self._follow_ups.get(party_id)
        if made is None:
            made = replace(
                self._like[party_id], id=self._ids.new(self._now), reason=Reason.HANDLED, importance=Importance.NORMAL, by=self._answer.names,
                created_at=self._now, addressed_at=self._now, withdrawn_at=None, phone=None,
            )  # fmt: skip
            self._follow_ups[party_id] = made
            self._uow.outbox.put([made])
        return made
