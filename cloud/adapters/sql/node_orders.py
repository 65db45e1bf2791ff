"""What nodes are told: configurations and commands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, delete, func, or_, select, update

from cloud.adapters.sql import node_tables as t
from cloud.adapters.sql.upserting import upsert
from cloud.domain.fleet.configuration import Configuration, Origin, Outcome, Rollout
from cloud.domain.fleet.order import FOR_AN_INCIDENT, Order, OrderState


def untold_configurations() -> Select[Any]:
    """Put together once: it is asked every second, and its second look at the table takes longest to put together."""
    table, newest = t.configurations, t.configurations.alias("newest")
    same_node = (newest.c.estate == table.c.estate, newest.c.node_id == table.c.node_id)
    highest = select(func.max(newest.c.version)).where(*same_node).scalar_subquery()
    return select(table).where(table.c.told_at.is_(None), table.c.version == highest)


_UNTOLD: Final = untold_configurations()


def order_untold(now: Any) -> ColumnElement[bool]:
    return and_(t.orders.c.told_at.is_(None), t.orders.c.expires_at > now)


def order_lapsed(now: Any) -> ColumnElement[bool]:
    """Nobody confirmed what an incident had asked of the node."""
    c = t.orders.c
    return and_(c.outcome.is_(None), c.expires_at <= now, c.action.in_(FOR_AN_INCIDENT))


class SqlConfigurations:
    """Implements `fleet_ports.Configurations`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, estate: str, node_id: str, version: int) -> Configuration | None:
        table = t.configurations
        query = select(table).where(table.c.estate == estate, table.c.node_id == node_id, table.c.version == version)
        row = self._connection.execute(query).mappings().one_or_none()
        return _configuration(row) if row else None

    def latest(self, estate: str, node_id: str) -> Configuration | None:
        found = self.of(estate, node_id, limit=1)
        return found[0] if found else None

    def of(self, estate: str, node_id: str, limit: int = 100, before: int | None = None) -> Sequence[Configuration]:
        table = t.configurations
        query = select(table).where(table.c.estate == estate, table.c.node_id == node_id)
        if before is not None:
            query = query.where(table.c.version < before)
        rows = self._connection.execute(query.order_by(table.c.version.desc()).limit(limit)).mappings()
        return [_configuration(row) for row in rows]

    def of_rollout(self, estate: str, rollout: str) -> Sequence[Configuration]:
        table = t.configurations
        query = select(table).where(table.c.estate == estate, table.c.rollout == rollout).order_by(table.c.node_id)
        return [_configuration(row) for row in self._connection.execute(query).mappings()]

    def rollouts(self, estate: str, limit: int, before: tuple[datetime, str] | None = None) -> Sequence[Rollout]:
        c = t.configurations.c
        begun = func.min(c.at)
        query = select(c.rollout, begun, func.max(c.by), func.max(c.reason), func.count())
        query = query.where(c.estate == estate, c.rollout.is_not(None)).group_by(c.rollout)
        if before is not None:
            at, last = before
            query = query.having(or_(begun < at, and_(begun == at, c.rollout > last)))
        return [Rollout(*row) for row in self._connection.execute(query.order_by(begun.desc(), c.rollout).limit(limit))]

    def untold(self) -> Sequence[Configuration]:
        return [_configuration(row) for row in self._connection.execute(_UNTOLD).mappings()]

    def told(self, configuration: Configuration, at: datetime) -> None:
        table = t.configurations
        self._connection.execute(
            update(table)
            .where(
                table.c.estate == configuration.estate,
                table.c.node_id == configuration.node_id,
                table.c.version <= configuration.version,
                table.c.told_at.is_(None),
            )
            .values(told_at=at)
        )

    def save(self, configuration: Configuration) -> None:
        row = vars(configuration) | {
            "origin": configuration.origin.value,
            "outcome": configuration.outcome.value if configuration.outcome else None,
        }
        upsert(self._connection, t.configurations, [row])


class SqlOrders:
    """Implements `fleet_ports.Orders`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, order_id: str) -> Order | None:
        row = self._connection.execute(select(t.orders).where(t.orders.c.id == order_id)).mappings().one_or_none()
        return _order(row) if row else None

    def of(
        self, estate: str, node_id: str, limit: int = 50, before: tuple[datetime, str] | None = None
    ) -> Sequence[Order]:
        table = t.orders
        query = select(table).where(table.c.estate == estate, table.c.node_id == node_id)
        if before is not None:
            at, last = before
            query = query.where(or_(table.c.at < at, and_(table.c.at == at, table.c.id > last)))
        rows = self._connection.execute(query.order_by(table.c.at.desc(), table.c.id).limit(limit)).mappings()
        return [_order(row) for row in rows]

    def untold(self, now: datetime) -> Sequence[Order]:
        query = select(t.orders).where(order_untold(now))
        return [_order(row) for row in self._connection.execute(query.order_by(t.orders.c.at).limit(100)).mappings()]

    def lapsed(self, now: datetime) -> Sequence[Order]:
        query = select(t.orders).where(order_lapsed(now))
        return [_order(row) for row in self._connection.execute(query.order_by(t.orders.c.at).limit(100)).mappings()]

    def told(self, order: Order, at: datetime) -> None:
        self._connection.execute(update(t.orders).where(t.orders.c.id == order.id).values(told_at=at))

    def save(self, order: Order) -> None:
        row = vars(order) | {
            "arguments": json.dumps(dict(order.arguments), ensure_ascii=False),
            "outcome": order.outcome.value if order.outcome else None,
        }
        upsert(self._connection, t.orders, [row])

    def forget(self, over_before: datetime, limit: int) -> int:
        old = (
            select(t.orders.c.id)
            .where(t.orders.c.expires_at < over_before)
            .order_by(t.orders.c.expires_at)
            .limit(limit)
        )
        done = self._connection.execute(delete(t.orders).where(t.orders.c.id.in_(old)))
        return done.rowcount


def _configuration(row: RowMapping) -> Configuration:
    found = {str(name): value for name, value in row.items()}
    found["origin"] = Origin(found["origin"])
    found["outcome"] = Outcome(found["outcome"]) if found["outcome"] else None
    return Configuration(**found)


def _order(row: RowMapping) -> Order:
    found = {str(name): value for name, value in row.items()}
    found["arguments"] = json.loads(found["arguments"])
    found["outcome"] = OrderState(found["outcome"]) if found["outcome"] else None
    return Order(**found)
