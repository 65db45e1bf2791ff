"""A message that reached nobody is sent once more, because somebody says that there is a way now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.sight import Sight
from cloud.domain.community.party import Member
from cloud.domain.records.delivery import Delivery, DeliveryState
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, NotFound


class Asker(Protocol):
    """Who asks: an `Identity`."""

    @property
    def member(self) -> Member: ...
    @property
    def estates(self) -> Sequence[str]: ...


class TryAgain:
    """Of another estate, and of what is not the asker's to see, there is none: NotFound."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(self, estate: str, delivery_id: str, identity: Asker) -> None:
        """Raises NotFound; Conflict where it did not fail, or nobody needs to be told any more."""
        if estate not in identity.estates:
            raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
        with self._units.writing() as uow:
            uow.ledger.hold(estate)
            delivery = uow.outbox.delivery(delivery_id)
            if delivery is None or delivery.estate != estate or not _sees(uow, delivery, identity):
                raise NotFound("There is no such message.", "没有这条通知")
            if delivery.state is not DeliveryState.FAILED:
                raise Conflict("It has not failed: it was sent, withdrawn, or is still being tried.", "该通知并未失败")
            notification, task = uow.outbox.get(delivery.notification_id), uow.tasks.get(delivery.task_id)
            if notification is None or notification.withdrawn_at is not None or task is None or not task.undone:
                raise Conflict("Nobody needs to be told any more: the task is done.", "任务已处置，无需再通知")
            now = self._clock.now()
            uow.outbox.amend(delivery.tried_again(now))
            data = {"party": delivery.party_id, "member": delivery.member_id}
            actor = f"member:{identity.member.id}"
            draft = Draft(Kind.NOTICE_AGAIN, now, actor, delivery.incident_id, delivery.task_id, delivery.id, data)
            uow.ledger.append(estate, [draft])
            uow.commit()


def _sees(uow: UnitOfWork, delivery: Delivery, identity: Asker) -> bool:
    register = uow.registers.find(delivery.estate)
    return register is not None and Sight(uow, register, identity).matter(delivery.incident_id)
