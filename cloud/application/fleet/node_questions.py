"""What people and programs may ask about nodes: what each is told to be, and what was asked of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from cloud.application.asking.queries import Viewer
from cloud.application.fleet.configure_node import known_node
from cloud.application.ports import Clock, UnitsOfWork
from cloud.domain.fleet.configuration import Configuration, Origin, Outcome, Standing, standing
from cloud.domain.fleet.order import Order, OrderState
from cloud.errors import NotFound


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a node's document: who issued it, when, why, and what the node answered."""

    version: int
    digest: str
    origin: Origin
    by: str
    at: datetime
    reason: str
    outcome: Outcome | None
    detail: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConfigurationView:
    """`document`: the latest; None where nothing is known yet. `running`: the version that the node says to run."""

    node_id: str
    standing: Standing
    running: int
    latest: VersionView | None
    document: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class OrderView:
    """A command, and what came of it. `unanswered`: it expired, and nothing was heard."""

    id: str
    node_id: str
    action: str
    arguments: Mapping[str, str | float | bool]
    by: str
    at: datetime
    expires_at: datetime
    state: OrderState
    detail: str
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class NodeTools:
    """What a page offers for a node. `exercises`: (equipment, hazard) that a test alarm can be of."""

    standing: Standing
    running: int
    latest: VersionView | None
    last_order: OrderView | None
    exercises: Sequence[tuple[str, str]]


class NodeQuestions:
    """An estate the viewer has nothing to do with does not exist for them: NotFound."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._clock = units, clock

    def configuration(self, estate: str, node_id: str, viewer: Viewer) -> ConfigurationView:
        admit(estate, viewer)
        with self._units.reading() as uow:
            _, node = known_node(uow, estate, node_id)
            latest = uow.configurations.latest(estate, node_id)
        return ConfigurationView(
            node_id,
            standing(node, latest),
            node.config_version if node else 0,
            _version(latest) if latest else None,
            _document(latest) if latest else None,
        )

    def versions(
        self, estate: str, node_id: str, viewer: Viewer, *, limit: int = 100, before: int | None = None
    ) -> list[VersionView]:
        """Newest first; those below the version `before`."""
        admit(estate, viewer)
        with self._units.reading() as uow:
            known_node(uow, estate, node_id)
            return [_version(one) for one in uow.configurations.of(estate, node_id, limit, before)]

    def version(self, estate: str, node_id: str, version: int, viewer: Viewer) -> Mapping[str, Any]:
        """The document of one version."""
        admit(estate, viewer)
        with self._units.reading() as uow:
            known_node(uow, estate, node_id)
            found = uow.configurations.get(estate, node_id, version)
        if found is None:
            raise NotFound(f"Node {node_id} has no version {version}.", "没有这个版本")
        return _document(found)

    def orders(
        self, estate: str, node_id: str, viewer: Viewer, *, limit: int = 50, before: tuple[datetime, str] | None = None
    ) -> list[OrderView]:
        """Commands, newest first; those that follow (at, id) `before`."""
        admit(estate, viewer)
        now = self._clock.now()
        with self._units.reading() as uow:
            known_node(uow, estate, node_id)
            return [order_view(order, now) for order in uow.orders.of(estate, node_id, limit, before)]

    def order(self, order_id: str) -> OrderView:
        """For the program itself: how one command stands."""
        with self._units.reading() as uow:
            order = uow.orders.get(order_id)
        if order is None:
            raise NotFound(f"There is no command {order_id!r}.", "没有这个命令")
        return order_view(order, self._clock.now())

    def estates(self) -> list[str]:
        """For the program itself: every estate's id."""
        with self._units.reading() as uow:
            return [estate.id for estate in uow.registers.estates()]

    def tools(self, estate: str, viewer: Viewer) -> dict[str, NodeTools]:
        """For each node that has spoken or has a configuration."""
        admit(estate, viewer)
        now = self._clock.now()
        found = {}
        with self._units.reading() as uow:
            nodes = {node.id: node for node in uow.nodes.of(estate)}
            for node_id, node in nodes.items():
                latest = uow.configurations.latest(estate, node_id)
                asked = [one for one in uow.orders.of(estate, node_id, limit=5) if one.by != "system"]
                found[node_id] = NodeTools(
                    standing(node, latest),
                    node.config_version,
                    _version(latest) if latest else None,
                    order_view(asked[0], now) if asked else None,
                    _exercises(latest),
                )
        return found


def order_view(order: Order, now: datetime) -> OrderView:
    return OrderView(
        id=order.id,
        node_id=order.node_id,
        action=order.action,
        # A sealed card key is for its node alone.
        arguments={name: value for name, value in order.arguments.items() if name != "sealed"},
        by=order.by,
        at=order.at,
        expires_at=order.expires_at,
        state=order.state(now),
        detail=order.detail,
        answered_at=order.answered_at,
    )


def admit(estate: str, viewer: Viewer) -> None:
    """Raises NotFound where the viewer has nothing to do with the estate."""
    if viewer is not None and estate not in viewer.estates:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")


def _document(configuration: Configuration) -> Mapping[str, Any]:
    document: Mapping[str, Any] = json.loads(configuration.body)
    return document


def _version(one: Configuration) -> VersionView:
    return VersionView(
        version=one.version,
        digest=one.digest,
        origin=one.origin,
        by=one.by,
        at=one.at,
        reason=one.reason,
        outcome=one.outcome,
        detail=one.detail,
        answered_at=one.answered_at,
    )


def _exercises(latest: Configuration | None) -> Sequence[tuple[str, str]]:
    if latest is None:
        return ()
    try:
        rules = latest.document.effective_rules()
    except ValidationError:
        return ()
    return sorted({(rule.equipment, rule.hazard) for rule in rules})
