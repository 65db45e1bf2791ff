"""Consents of people at home, on SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, delete, select

from cloud.adapters.sql.upserting import upsert
from cloud.adapters.sql.welfare_tables import consents
from cloud.domain.duties.consent import Consent

_CONSENT: Final = TypeAdapter(Consent)


class SqlConsents:
    """Implements `welfare_ports.Consents`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, estate: str) -> Sequence[Consent]:
        query = select(consents.c.body).where(consents.c.estate == estate).order_by(consents.c.member_id)
        return [_CONSENT.validate_json(body) for body in self._connection.execute(query).scalars()]

    def get(self, estate: str, member_id: str) -> Consent | None:
        mine = (consents.c.estate == estate, consents.c.member_id == member_id)
        body = self._connection.execute(select(consents.c.body).where(*mine)).scalar()
        return None if body is None else _CONSENT.validate_json(body)

    def save(self, consent: Consent) -> None:
        body = _CONSENT.dump_json(consent).decode()
        upsert(self._connection, consents, [{"estate": consent.estate, "member_id": consent.member_id, "body": body}])

    def remove(self, estate: str, member_id: str) -> None:
        mine = (consents.c.estate == estate, consents.c.member_id == member_id)
        self._connection.execute(delete(consents).where(*mine))
