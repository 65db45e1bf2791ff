"""Keys of the service's own and who reported in the last minutes, on SQL."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from cloud.adapters.sql.alone import Book, hold
from cloud.adapters.sql.throttle_tables import report_sources, service_keys


class SqlReportSources:
    """Implements `throttle_ports.ReportSources`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def key(self, name: str) -> bytes | None:
        found = self._connection.execute(select(service_keys.c.secret).where(service_keys.c.name == name)).scalar()
        return bytes.fromhex(found) if found is not None else None

    def make_key(self, name: str, now: datetime) -> bytes:
        made = secrets.token_bytes(32)
        self._connection.execute(insert(service_keys), {"name": name, "secret": made.hex(), "made_at": now})
        return made

    def drop_keys(self, prefix: str, before: datetime) -> None:
        old = (service_keys.c.name.startswith(prefix, autoescape=True), service_keys.c.made_at < before)
        self._connection.execute(delete(service_keys).where(*old))

    def forget(self, before: datetime) -> None:
        hold(self._connection, Book.REPORT_SOURCES)
        self._connection.execute(delete(report_sources).where(report_sources.c.at <= before))

    def count(self, source: str | None = None) -> int:
        query = select(func.count()).select_from(report_sources)
        if source is not None:
            query = query.where(report_sources.c.source == source)
        return int(self._connection.execute(query).scalar_one())

    def add(self, source: str, at: datetime) -> None:
        self._connection.execute(insert(report_sources), {"source": source, "at": at})
