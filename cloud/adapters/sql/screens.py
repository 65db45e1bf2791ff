"""The screens that hang on walls, on SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from cloud.adapters.sql.alone import held
from cloud.adapters.sql.screen_tables import screens
from cloud.adapters.sql.upserting import upsert
from cloud.domain.accounts.screen import Screen
from cloud.domain.community.access import Origin

_PLAIN = tuple(field.name for field in fields(Screen) if field.name != "origin")


class SqlScreens:
    """Implements `screen_ports.ScreenBook`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, estates: Collection[str]) -> Sequence[Screen]:
        query = select(screens).where(screens.c.estate.in_(list(estates)))
        newest = query.order_by(screens.c.created_at.desc(), screens.c.id.desc())
        return [_screen(row) for row in self._connection.execute(held(self._connection, newest))]

    def find(self, hash_: str) -> Screen | None:
        query = select(screens).where(screens.c.hash == hash_)
        row = self._connection.execute(held(self._connection, query)).one_or_none()
        return _screen(row) if row else None

    def save(self, screen: Screen) -> None:
        plain = {name: getattr(screen, name) for name in _PLAIN}
        row = {**plain, "address": screen.origin.address[:64], "device": screen.origin.device[:256]}
        upsert(self._connection, screens, [row])

    def seen(self, screen_id: str, now: datetime) -> None:
        self._connection.execute(update(screens).where(screens.c.id == screen_id).values(seen_at=now))

    def remove(self, screen_id: str) -> None:
        self._connection.execute(delete(screens).where(screens.c.id == screen_id))


def _screen(row: Row[Any]) -> Screen:
    found = row._mapping  # noqa: SLF001 - the documented way to a row's names
    return Screen(**{name: found[name] for name in _PLAIN}, origin=Origin(row.address, row.device))
