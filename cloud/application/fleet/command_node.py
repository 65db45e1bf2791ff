"""A member asks something of a node: durable first, then published, then answered - or seen to stay unanswered."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from cloud.application.fleet.configure_node import known_node
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.community.party import Member
from cloud.domain.fleet.card_key import ACCEPT
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.order import HUSH, MUTE, SOUND, Order
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, Invalid
from schemas.commands import Action

EXPIRES: Final = timedelta(seconds=60)


class CommandNode:
    """Raises NotFound, Conflict where no boot of the node is known that could be meant, Invalid, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def __call__(
        self,
        estate: str,
        node_id: str,
        action: Action,
        arguments: Mapping[str, str | float | bool],
        member: Member | None,
        *,
        expires: timedelta = EXPIRES,
    ) -> Order:
        if action == ACCEPT:
            raise Invalid(
                "The command was not asked.",
                ["action: card keys are made and sealed here; rotate the estate's key, and every node gets it"],
            )
        if action == MUTE:
            raise Invalid(
                "The command was not asked.",
                [
                    "action: only somebody on site mutes a sounder: do it on the incident's page, or POST /tasks/{id}/mute"
                ],
            )
        if action in (SOUND, HUSH):
            raise Invalid(
                "The command was not asked.",
                ["action: a call sheet sounds in the duty room by itself, until somebody accepts the task"],
            )
        with self._units.writing() as uow:
            _, node = known_node(uow, estate, node_id)
            if node is None or node.boot is None:
                raise Conflict(
                    f"Node {node_id} has never been heard, so there is no boot of it that a command could be for.",
                    "该节点从未上线，无法发送命令",
                )
            order = order_for(
                node, action, arguments, by=f"member:{member.id}" if member else "system", clock=self._clock
            )
            for known in uow.orders.of(estate, node_id):
                if known.repeated_by(order):
                    return known
            order.expires_at = order.at + expires
            uow.orders.save(order)
            data = {"node": node_id, "action": action, "command": order.id}
            uow.ledger.append(estate, [Draft(Kind.COMMAND_ASKED, order.at, order.by, None, node_id, order.id, data)])
            uow.commit()
            return order


def order_for(
    node: Node, action: Action, arguments: Mapping[str, str | float | bool], *, by: str, clock: Clock
) -> Order:
    """A command for the boot that runs there now, as far as is known."""
    now = clock.now()
    return Order(
        str(uuid.uuid4()), node.estate, node.id, node.boot or "", action, by, now, now + EXPIRES, dict(arguments)
    )
