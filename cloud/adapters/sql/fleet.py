"""Nodes as the cloud hears them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Connection, Row, bindparam, select

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.upserting import upsert
from cloud.domain.fleet.node import Node

_NODE: Final = TypeAdapter(Node)
_ONE: Final = select(t.nodes).where(t.nodes.c.estate == bindparam("estate"), t.nodes.c.id == bindparam("node"))


def silent(now: Any) -> ColumnElement[bool]:
    due: ColumnElement[bool] = t.nodes.c.silent_due_at <= now
    return due


class SqlNodes:
    """Implements `fleet_ports.Nodes`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, estate: str, node_id: str) -> Node | None:
        row = self._connection.execute(_ONE, {"estate": estate, "node": node_id}).one_or_none()
        return _node(row) if row else None

    def of(self, estate: str) -> Sequence[Node]:
        rows = self._connection.execute(select(t.nodes).where(t.nodes.c.estate == estate).order_by(t.nodes.c.id))
        return [_node(row) for row in rows]

    def of_estates(self, estates: Collection[str]) -> Sequence[Node]:
        c = t.nodes.c
        rows = self._connection.execute(select(t.nodes).where(c.estate.in_(list(estates))).order_by(c.estate, c.id))
        return [_node(row) for row in rows]

    def fallen_silent(self, now: datetime, limit: int = 20) -> Sequence[Node]:
        query = select(t.nodes).where(silent(now)).order_by(t.nodes.c.silent_due_at).limit(limit)
        return [_node(row) for row in self._connection.execute(query.with_for_update(skip_locked=True))]

    def save(self, node: Node) -> None:
        row = {
            "estate": node.estate,
            "id": node.id,
            "online": node.online,
            "heard_at": node.heard_at,
            "silent_due_at": node.silent_due_at,
            "body": _NODE.dump_json(node).decode(),
        }
        upsert(self._connection, t.nodes, [row])


def _node(row: Row[Any]) -> Node:
    return _NODE.validate_json(row.body)
