"""A node that did not confirm what an incident had it asked for is named on that incident's timeline."""

from __future__ import annotations

from datetime import datetime

from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.fleet.order import MOST_LOOKED_AT, Order, OrderState, missed_in_a_row
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import doubles


class NoteUnanswered:
    """Whoever muted a siren must know that it may be sounding still. Of a node that confirms nothing again and again it is
    said the first time and each that doubles how often it was; a receipt that comes later is said as well.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(self) -> int:
        """How many were noted. Raises Unavailable."""
        with self._units.reading() as uow:
            if not uow.orders.lapsed(self._clock.now()):
                return 0
        with self._units.writing() as uow:
            now = self._clock.now()
            lapsed = uow.orders.lapsed(now)
            for order in lapsed:
                order.outcome = OrderState.UNANSWERED
                uow.orders.save(order)
                if not _news(uow, order, now):
                    continue
                facts = {"node": order.node_id, "action": order.action, "command": order.id}
                draft = Draft(Kind.COMMAND_UNANSWERED, now, "clock", order.incident_id, order.node_id, order.id, facts)
                uow.ledger.append(order.estate, [draft])
            uow.commit()
        return len(lapsed)


def _news(uow: UnitOfWork, order: Order, now: datetime) -> bool:
    if order.incident_id is None:
        return True
    known = uow.orders.of(order.estate, order.node_id, MOST_LOOKED_AT)
    earlier = [one for one in known if one.at <= order.at]
    return doubles(missed_in_a_row(earlier, order.action, order.incident_id, now) or 1)
