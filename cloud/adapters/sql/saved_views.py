"""Views of the board that members have saved, on SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, select

from cloud.adapters.sql.saved_view_tables import saved_views
from cloud.adapters.sql.upserting import upsert
from cloud.domain.community.saved_view import SavedView


class SqlSavedViews:
    """Implements `saved_view_ports.SavedViewShelf`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, estate: str, member_id: str) -> Sequence[SavedView]:
        mine = (saved_views.c.estate == estate, saved_views.c.member_id == member_id)
        rows = self._connection.execute(select(saved_views).where(*mine).order_by(saved_views.c.name))
        return [SavedView(**row._mapping) for row in rows]  # noqa: SLF001 - the documented way to a row's names

    def save(self, view: SavedView) -> None:
        upsert(self._connection, saved_views, [asdict(view)])

    def remove(self, view_id: str) -> None:
        self._connection.execute(delete(saved_views).where(saved_views.c.id == view_id))
