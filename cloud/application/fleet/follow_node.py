"""What a node says about its configuration and its commands, held against what it was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from cloud.application.fleet.command_node import order_for
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.strangers import EstateNotLoaded
from cloud.domain.fleet.configuration import Configuration, Origin, Outcome
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.order import OrderState
from cloud.domain.records.ledger import Draft, Kind
from schemas.commands import AnyReceipt, ConfigurationReceipt, Receipt
from schemas.node_config import NodeConfig
from schemas.presence import Born
from schemas.topics import NodeAddress

REPORT: Final = "report-configuration"


class FollowNode:
    """Raises NotFound for an unknown estate, Unavailable."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def born(self, address: NodeAddress, born: Born) -> None:
        """Whatever was seen before: a birth that does not name what the node should be has it published again; one that
        names what is not known here has the node asked for it. Call after the birth was recorded.
        """
        with self._units.reading() as uow:
            node = uow.nodes.get(address.estate, address.node)
            latest = uow.configurations.latest(address.estate, address.node)
        if node is None or (node.boot, node.config_hash) != (born.boot, born.config_hash):
            return  # A birth that is out of date.
        if latest is not None and latest.is_in_force_at(node):
            return
        # Its own document may be another one than it reported, under the same version.
        own = latest is None or node.config_version > latest.version or latest.origin is Origin.NODE
        with self._units.writing() as uow:
            if own:
                self._ask(uow, node)
            elif latest is not None:
                latest.told_at = None
                uow.configurations.save(latest)
            uow.commit()

    def receipt(self, address: NodeAddress, receipt: AnyReceipt) -> None:
        """A repeat changes nothing."""
        with self._units.writing() as uow:
            if uow.registers.find(address.estate) is None:
                raise EstateNotLoaded(address.estate)
            now = self._clock.now()
            drafts = (
                self._answered(uow, address, receipt, now)
                if isinstance(receipt, Receipt)
                else self._configured(uow, address, receipt, now)
            )
            if drafts:
                uow.ledger.append(address.estate, drafts)
                uow.commit()

    def _ask(self, uow: UnitOfWork, node: Node) -> None:
        """What the node was installed with is not adopted and not overwritten: it is asked for, and kept as its own."""
        asked = uow.orders.of(node.estate, node.id, limit=20)
        now = self._clock.now()
        if any((one.action, one.state(now)) == (REPORT, OrderState.WAITING) for one in asked):
            return
        uow.orders.save(order_for(node, REPORT, {}, by="system", clock=self._clock))

    def _configured(
        self, uow: UnitOfWork, address: NodeAddress, receipt: ConfigurationReceipt, now: datetime
    ) -> list[Draft]:
        meant = (
            uow.configurations.latest(address.estate, address.node)
            if receipt.configuration_version is None
            else uow.configurations.get(address.estate, address.node, receipt.configuration_version)
        )
        outcome = Outcome(receipt.outcome)
        if meant is None or (meant.outcome, meant.detail) == (outcome, receipt.detail):
            return []
        if meant.outcome is Outcome.APPLIED:
            return []  # It was in force once; that it is not taken again says nothing against it.
        meant.outcome, meant.detail, meant.answered_at = outcome, receipt.detail, now
        uow.configurations.save(meant)
        data = {"node": address.node, "version": meant.version, "outcome": outcome.value}
        kind = Kind.CONFIGURATION_APPLIED if outcome is Outcome.APPLIED else Kind.CONFIGURATION_NOT_APPLIED
        return [Draft(kind, now, f"node:{address.node}", None, address.node, f"configuration:{meant.version}", data)]

    def _answered(self, uow: UnitOfWork, address: NodeAddress, receipt: Receipt, now: datetime) -> list[Draft]:
        order = uow.orders.get(receipt.command)
        if (
            order is None
            or (order.estate, order.node_id) != (address.estate, address.node)
            or order.outcome not in (None, OrderState.UNANSWERED)
        ):
            return []
        order.outcome, order.detail, order.answered_at = OrderState(receipt.outcome), receipt.detail, now
        uow.orders.save(order)
        actor = f"node:{address.node}"
        data = {"node": address.node, "action": order.action, "outcome": receipt.outcome, "command": order.id}
        drafts = [Draft(Kind.COMMAND_ANSWERED, now, actor, order.incident_id, address.node, order.id, data)]
        if order.action == REPORT and receipt.configuration is not None:
            drafts += self._reported(uow, address, receipt.configuration, now, order.id)
        return drafts

    @staticmethod
    def _reported(
        uow: UnitOfWork, address: NodeAddress, document: dict[str, Any], now: datetime, cause: str
    ) -> list[Draft]:
        """The document a node runs by itself: the next edit begins from it, and its version is never given again."""
        try:
            config = NodeConfig.model_validate(document)
        except ValidationError:
            return []  # A newer node's document; it is put anew from here, or read once the cloud is upgraded.
        latest = uow.configurations.latest(address.estate, address.node)
        if latest is not None and latest.version >= config.version + (latest.origin is Origin.NODE):
            return []  # One of ours is never replaced, and its own by no older one.
        body, actor = config.model_dump_json(exclude_none=True), f"node:{address.node}"
        reported = Configuration(
            address.estate, address.node, config.version, config.digest(), body, Origin.NODE, actor, now,
            "as reported by the node", outcome=Outcome.APPLIED, answered_at=now,
        )  # fmt: skip
        uow.configurations.save(reported)
        data = {"node": address.node, "version": config.version, "digest": reported.digest}
        return [Draft(Kind.CONFIGURATION_REPORTED, now, actor, None, address.node, cause, data)]
