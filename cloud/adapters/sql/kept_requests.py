"""Requests that came with a key, on SQL."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from cloud.adapters.sql.once_tables import kept_requests
from cloud.application.once_ports import KeptRequest


class SqlKeptRequests:
    """Implements `once_ports.KeptRequests`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, name: str) -> KeptRequest | None:
        query = select(kept_requests).where(kept_requests.c.name == name).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return None if row is None else KeptRequest(row.name, row.digest, row.at, row.acted, row.answer)

    def put(self, request: KeptRequest) -> None:
        self._connection.execute(insert(kept_requests), asdict(request))

    def acted(self, name: str) -> None:
        self._connection.execute(update(kept_requests).where(kept_requests.c.name == name).values(acted=True))

    def answered(self, name: str, answer: str) -> None:
        self._connection.execute(update(kept_requests).where(kept_requests.c.name == name).values(answer=answer))

    def drop(self, name: str) -> None:
        self._connection.execute(delete(kept_requests).where(kept_requests.c.name == name))

    def forget(self, before: datetime) -> None:
        self._connection.execute(delete(kept_requests).where(kept_requests.c.at <= before))
