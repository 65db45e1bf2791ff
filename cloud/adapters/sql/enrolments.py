"""Claims, credentials and drained outboxes in SQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Select, bindparam, case, delete, func, select

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.alone import held
from cloud.adapters.sql.enrolment_tables import claims, credentials, drained_outboxes
from cloud.adapters.sql.upserting import insert_new, upsert
from cloud.domain.fleet.credential import Claim, Credential, CredentialState

_DRAINED: Final = select(drained_outboxes.c.outbox).where(drained_outboxes.c.outbox == bindparam("outbox"))
_SPEAKING: Final = (CredentialState.ACTIVE.value, CredentialState.DRAINING.value)


class SqlEnrolments:
    """Implements `enrolment_ports.Enrolments`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, claim_id: str) -> Claim | None:
        found = self._claims(held(self._connection, select(claims).where(claims.c.id == claim_id)))
        return found[0] if found else None

    def open_claims(self, estate: str, node_id: str, now: datetime) -> Sequence[Claim]:
        query = select(claims).where(
            claims.c.estate == estate,
            claims.c.node_id == node_id,
            claims.c.used_at.is_(None),
            claims.c.revoked_at.is_(None),
            claims.c.expires_at > now,
        )
        return [claim for claim in self._claims(query.order_by(claims.c.created_at)) if claim.refusal(now) is None]

    def save_claim(self, claim: Claim) -> None:
        upsert(self._connection, claims, [asdict(claim)])

    def credential(self, credential_id: str) -> Credential | None:
        query = select(credentials).where(credentials.c.id == credential_id)
        found = self._credentials(held(self._connection, query))
        return found[0] if found else None

    def of_node(self, estate: str, node_id: str) -> Sequence[Credential]:
        query = select(credentials).where(credentials.c.estate == estate, credentials.c.node_id == node_id)
        in_order = query.order_by(credentials.c.enrolled_at, credentials.c.id)
        return self._credentials(held(self._connection, in_order))

    def of_estates(self, estates: Collection[str] | None = None) -> Sequence[Credential]:
        query = select(credentials).order_by(
            credentials.c.estate, credentials.c.node_id, credentials.c.enrolled_at, credentials.c.id
        )
        return self._credentials(query if estates is None else query.where(credentials.c.estate.in_(list(estates))))

    def speaking(self) -> Sequence[Credential]:
        query = select(credentials).where(credentials.c.state.in_(_SPEAKING))
        return self._credentials(query.order_by(credentials.c.id))

    def revoked(self, now: datetime) -> Sequence[Credential]:
        query = select(credentials).where(
            credentials.c.state == CredentialState.REVOKED.value, credentials.c.expires_at > now
        )
        return self._credentials(query.order_by(credentials.c.id))

    def enrolled(self) -> Mapping[tuple[str, str], bool]:
        speaks = func.max(case((credentials.c.state.in_(_SPEAKING), 1), else_=0))
        query = select(credentials.c.estate, credentials.c.node_id, speaks)
        rows = self._connection.execute(query.group_by(credentials.c.estate, credentials.c.node_id))
        return {(estate, node): bool(speaking) for estate, node, speaking in rows}

    def revision(self) -> tuple[int, datetime | None]:
        count, changed = self._connection.execute(select(func.count(), func.max(credentials.c.changed_at))).one()
        return int(count), changed

    def save(self, credential: Credential) -> None:
        former = json.dumps([[until.isoformat(), pem] for until, pem in credential.former])
        row = {**asdict(credential), "state": credential.state.value, "former": former}
        upsert(self._connection, credentials, [row])

    def expiring(self, before: datetime, limit: int = 20) -> Sequence[Credential]:
        query = select(credentials).where(
            credentials.c.state == CredentialState.ACTIVE.value,
            credentials.c.expires_at <= before,
            credentials.c.warned.is_(None),
        )
        return self._credentials(query.order_by(credentials.c.expires_at).limit(limit))

    def drain(self, estate: str, node_id: str, outboxes: Collection[str]) -> None:
        for outbox in outboxes:
            insert_new(self._connection, drained_outboxes, {"outbox": outbox, "estate": estate, "node_id": node_id})

    def undrain(self, outbox: str) -> None:
        self._connection.execute(delete(drained_outboxes).where(drained_outboxes.c.outbox == outbox))

    def is_drained(self, outbox: str) -> bool:
        return self._connection.execute(_DRAINED, {"outbox": outbox}).one_or_none() is not None

    def outboxes_of(self, estate: str, node_id: str) -> Sequence[str]:
        table = t.progress
        query = select(table.c.outbox).where(table.c.estate == estate, table.c.node_id == node_id).distinct()
        return list(self._connection.execute(query.order_by(table.c.outbox)).scalars())

    def _claims(self, query: Select[Any]) -> list[Claim]:
        return [Claim(**row) for row in self._connection.execute(query).mappings()]

    def _credentials(self, query: Select[Any]) -> list[Credential]:
        rows = self._connection.execute(query).mappings()
        return [
            Credential(**{**row, "state": CredentialState(row["state"]), "former": _former(row["former"])})
            for row in rows
        ]


def _former(text: str) -> tuple[tuple[datetime, str], ...]:
    return tuple((datetime.fromisoformat(until), pem) for until, pem in json.loads(text))
