"""What members wrote, and the keys that let them in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, update

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.alone import held
from cloud.adapters.sql.personal import personal_row
from cloud.application.records import Note
from cloud.domain.community.access import IDLE, AccessKey, Matter, Origin, Purpose, Through
from cloud.domain.records.personal import PersonalClass, PersonalRecord


class SqlNotes:
    """Implements `ports.Notes`. The words stand among the personal data, under the note's id."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, note: Note) -> None:
        row = {
            "id": note.id,
            "incident_id": note.incident_id,
            "member_id": note.member_id,
            "party_id": note.party_id,
            "at": note.at,
            "public": note.public,
        }
        self._connection.execute(insert(t.notes), row)
        estate = select(t.incidents.c.estate).where(t.incidents.c.id == note.incident_id).scalar_subquery()
        words = PersonalRecord(
            note.id, "", f"member:{note.member_id}", PersonalClass.NOTE, note.at, note.text, note.salt, note.incident_id
        )
        self._connection.execute(insert(t.personal).values({**personal_row(words), "estate": estate}))

    def of_incident(self, incident_id: str) -> Sequence[Note]:
        words = t.personal
        query = select(t.notes, words.c.text, words.c.salt, words.c.erased_at).join(words, words.c.id == t.notes.c.id)
        rows = self._connection.execute(query.where(t.notes.c.incident_id == incident_id).order_by(t.notes.c.id))
        return [
            Note(
                row.id, row.incident_id, row.member_id, row.party_id, row.at, row.text, row.public, row.salt,
                row.erased_at,
            )
            for row in rows
        ]  # fmt: skip


class SqlAccessKeys:
    """Implements `ports.AccessKeys`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, key: AccessKey) -> None:
        self._connection.execute(insert(t.access_keys), _row(key))

    def find(self, hash_: str) -> AccessKey | None:
        query = select(t.access_keys).where(t.access_keys.c.hash == hash_)
        row = self._connection.execute(held(self._connection, query)).one_or_none()
        return _key(row) if row else None

    def of_member(self, member_id: str) -> Sequence[AccessKey]:
        table = t.access_keys
        query = select(table).where(table.c.member_id == member_id).order_by(table.c.created_at, table.c.hash)
        return [_key(row) for row in self._connection.execute(held(self._connection, query))]

    def save(self, key: AccessKey) -> None:
        table = t.access_keys
        self._connection.execute(update(table).where(table.c.hash == key.hash).values(_row(key)))

    def purge_links(self, before: datetime) -> int:
        table = t.access_keys
        passing = (Purpose.LINK.value, Purpose.SESSION.value)
        idle = func.coalesce(table.c.seen_at, table.c.created_at) < before - IDLE
        ended = or_(table.c.expires_at < before, and_(table.c.purpose == Purpose.SESSION.value, idle))
        return self._connection.execute(delete(table).where(table.c.purpose.in_(passing), ended)).rowcount

    def seen(self, hash_: str, now: datetime) -> None:
        table = t.access_keys
        self._connection.execute(update(table).where(table.c.hash == hash_).values(seen_at=now))


def _row(key: AccessKey) -> dict[str, Any]:
    return {
        "hash": key.hash,
        "member_id": key.member_id,
        "purpose": key.purpose.value,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "scopes": json.dumps(sorted(key.scopes)),
        "label": key.label,
        "seen_at": key.seen_at,
        "address": key.origin.address[:64],
        "device": key.origin.device[:256],
        "through": key.through.value if key.through else None,
        "matters": json.dumps([[matter.task_id, matter.incident_id] for matter in key.matters]),
        "factor_by": key.factor_by,
    }


def _key(row: Row[Any]) -> AccessKey:
    return AccessKey(
        hash=row.hash,
        member_id=row.member_id,
        purpose=Purpose(row.purpose),
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        scopes=frozenset(json.loads(row.scopes)),
        label=row.label,
        seen_at=row.seen_at,
        origin=Origin(row.address, row.device),
        through=Through(row.through) if row.through else None,
        matters=tuple(Matter(task, incident) for task, incident in json.loads(row.matters)),
        factor_by=row.factor_by,
    )
