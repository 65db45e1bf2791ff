"""A node that did not confirm what an incident had it asked for is named on that incident's timeline."""

from __future__ import annotations

from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.fleet.order import OrderState
from cloud.domain.records.ledger import Draft, Kind


class NoteUnanswered:
    """Whoever muted a siren must know that it may be sounding still. Said once for each command; a receipt that comes
    later is said as well.
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
                facts = {"node": order.node_id, "action": order.action, "command": order.id}
                draft = Draft(Kind.COMMAND_UNANSWERED, now, "clock", order.incident_id, order.node_id, order.id, facts)
                uow.ledger.append(order.estate, [draft])
            uow.commit()
        return len(lapsed)
