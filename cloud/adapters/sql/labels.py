"""The labels on lifts and doors, on SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from cloud.adapters.sql.label_tables import labels
from cloud.domain.community.label import Label


class SqlLabels:
    """Implements `label_ports.LabelBook`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, code: str) -> Label | None:
        row = self._connection.execute(select(labels).where(labels.c.code == code)).first()
        return Label(**row._mapping) if row else None  # noqa: SLF001 - the documented way to a row's names

    def of(self, estate: str) -> Sequence[Label]:
        holding = (labels.c.estate == estate, labels.c.replaced_at.is_(None))
        rows = self._connection.execute(select(labels).where(*holding).order_by(labels.c.equipment_id))
        return [Label(**row._mapping) for row in rows]  # noqa: SLF001 - the documented way to a row's names

    def add(self, label: Label) -> None:
        self._connection.execute(insert(labels), asdict(label))

    def retire(self, code: str, at: datetime) -> None:
        self._connection.execute(update(labels).where(labels.c.code == code).values(replaced_at=at))
