"""What was committed for nodes is published: configurations retained, commands not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.fleet.configuration import Configuration, Origin
from cloud.domain.fleet.order import Order
from schemas.commands import Command
from schemas.topics import Channel, NodeAddress

Publish = Callable[[str, bytes, bool], bool]
"""(topic, payload, retained). False where nothing can be published now; it is tried again."""


class TellNodes:
    """Whatever a commit left to be told, by whichever process. Telling a node twice does no harm."""

    def __init__(self, units: UnitsOfWork, clock: Clock, publish: Publish) -> None:
        self._units, self._clock, self._publish = units, clock, publish

    def __call__(self) -> int:
        """How many were told. Raises Unavailable."""
        now = self._clock.now()
        with self._units.reading() as uow:
            configurations, orders = uow.configurations.untold(), uow.orders.untold(now)
        told = [one for one in configurations if self._configuration(one)]
        asked = [order for order in orders if self._order(order, now)]
        if told or asked:
            with self._units.writing() as uow:
                for one in told:
                    uow.configurations.told(one, now)
                for order in asked:
                    uow.orders.told(order, now)
                uow.commit()
        return len(told) + len(asked)

    def _configuration(self, one: Configuration) -> bool:
        # Where the node's own document is the newest, an older one of ours must not be offered to it any longer.
        payload = one.body.encode() if one.origin is Origin.CLOUD else b""
        return self._publish(NodeAddress(one.estate, one.node_id).topic(Channel.CONFIG), payload, True)

    def _order(self, order: Order, now: datetime) -> bool:
        command = Command(
            id=order.id,
            boot=order.boot,
            action=order.action,
            expires_in_s=max((order.expires_at - now).total_seconds(), 0.1),
            expires_at=order.expires_at.timestamp(),
            arguments=dict(order.arguments),
        )
        payload = command.model_dump_json(exclude_none=True).encode()
        return self._publish(NodeAddress(order.estate, order.node_id).topic(Channel.COMMAND), payload, False)
