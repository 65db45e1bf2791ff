"""Card keys in SQL: what the vault gave out, and who uses which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, RowMapping, insert, select, update

from cloud.adapters.sql.card_key_tables import card_key_holders, card_keys
from cloud.adapters.sql.upserting import upsert
from cloud.domain.fleet.card_key import CardKey, Holder, Reason


class SqlCardKeys:
    """Implements `card_key_ports.CardKeys`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def current(self, estate: str) -> CardKey | None:
        found = self.history(estate, limit=1)
        return found[0] if found else None

    def add(self, key: CardKey) -> None:
        # The primary key lets one of two rotations at once succeed; the other's unit of work fails as a whole.
        self._connection.execute(insert(card_keys).values(**{**asdict(key), "reason": key.reason.value}))
        before = (card_keys.c.estate == key.estate, card_keys.c.version < key.version)
        self._connection.execute(update(card_keys).where(*before, card_keys.c.kept != "").values(kept=""))

    def history(self, estate: str, limit: int = 20) -> Sequence[CardKey]:
        query = select(card_keys).where(card_keys.c.estate == estate).order_by(card_keys.c.version.desc())
        return [_key(row) for row in self._connection.execute(query.limit(limit)).mappings()]

    def holders(self, estate: str) -> Sequence[Holder]:
        query = select(card_key_holders).where(card_key_holders.c.estate == estate)
        rows = self._connection.execute(query.order_by(card_key_holders.c.node_id)).mappings()
        return [Holder(**row) for row in rows]

    def save(self, holder: Holder) -> None:
        upsert(self._connection, card_key_holders, [asdict(holder)])


def _key(row: RowMapping) -> CardKey:
    return CardKey(**{**row, "reason": Reason(row["reason"])})
