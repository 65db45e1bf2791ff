"""The channels that administrators have set up, on SQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from cloud.adapters.sql.channel_tables import channel_setups
from cloud.adapters.sql.upserting import upsert
from cloud.domain.community.channel_setup import ChannelSetup, Form


class SqlChannelSetups:
    """Implements `channel_ports.ChannelBook`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self) -> Sequence[ChannelSetup]:
        return [_setup(row) for row in self._connection.execute(select(channel_setups).order_by(channel_setups.c.kind))]

    def get(self, kind: str) -> ChannelSetup | None:
        row = self._connection.execute(select(channel_setups).where(channel_setups.c.kind == kind)).one_or_none()
        return _setup(row) if row else None

    def save(self, setup: ChannelSetup) -> None:
        row = {
            "kind": setup.kind,
            "form": setup.form.value,
            "settings": json.dumps(dict(setup.settings), ensure_ascii=False, sort_keys=True),
            "held": " ".join(setup.held),
            "sealed": setup.sealed,
            "active": setup.active,
            "version": setup.version,
            "changed_at": setup.changed_at,
            "changed_by": setup.changed_by,
        }
        upsert(self._connection, channel_setups, [row])

    def remove(self, kind: str) -> None:
        self._connection.execute(delete(channel_setups).where(channel_setups.c.kind == kind))


def _setup(row: Row[Any]) -> ChannelSetup:
    return ChannelSetup(
        kind=row.kind,
        form=Form(row.form),
        settings=json.loads(row.settings),
        held=tuple(row.held.split()),
        sealed=row.sealed,
        active=bool(row.active),
        version=row.version,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )
