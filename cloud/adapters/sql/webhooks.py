"""Systems that are told what the ledger gains, and what is on its way to them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, exists, func, or_, select, update

from cloud.adapters.sql import tables as t
from cloud.adapters.sql.failures import columns_of, fields_of
from cloud.adapters.sql.notice_tables import POSTING, UNTAKEN, webhook_postings, webhooks
from cloud.adapters.sql.upserting import upsert
from cloud.domain.records.webhook import Posting, Tally, Webhook


def posting_due(now: Any) -> ColumnElement[bool]:
    """Of a posting: it is due, and no worker is about to send it."""
    c = webhook_postings.c
    return and_(POSTING, c.next_attempt_at <= now, or_(c.held_until.is_(None), c.held_until <= now))


def _due(now: datetime, limit: int) -> Select[Any]:
    query = select(webhook_postings).where(posting_due(now))
    return query.order_by(webhook_postings.c.next_attempt_at, webhook_postings.c.id).limit(limit)


def webhooks_behind() -> Select[Any]:
    """Put together once: it is asked every second and after every commit."""
    newest = select(func.max(t.ledger.c.seq)).where(t.ledger.c.estate == webhooks.c.estate).scalar_subquery()
    return select(webhooks).where(webhooks.c.active, webhooks.c.position < newest).order_by(webhooks.c.id)


_BEHIND: Final = webhooks_behind()


class SqlWebhooks:
    """Implements `messages.Webhooks`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, webhook_id: str) -> Webhook | None:
        row = self._connection.execute(select(webhooks).where(webhooks.c.id == webhook_id)).one_or_none()
        return _webhook(row) if row else None

    def of(self, estate: str) -> Sequence[Webhook]:
        query = select(webhooks).where(webhooks.c.estate == estate).order_by(webhooks.c.id)
        return [_webhook(row) for row in self._connection.execute(query)]

    def behind(self, limit: int = 20) -> Sequence[Webhook]:
        rows = self._connection.execute(_BEHIND.limit(limit).with_for_update(skip_locked=True))
        return [_webhook(row) for row in rows]

    def save(self, webhook: Webhook) -> None:
        upsert(self._connection, webhooks, [{**asdict(webhook), "kinds": json.dumps(sorted(webhook.kinds))}])

    def remove(self, webhook_id: str) -> None:
        self._connection.execute(delete(webhooks).where(webhooks.c.id == webhook_id))

    def post(self, given: Sequence[Posting]) -> None:
        upsert(self._connection, webhook_postings, [_row(posting) for posting in given])

    def any_due(self, now: datetime) -> bool:
        return self._connection.execute(_due(now, 1)).first() is not None

    def claim(self, now: datetime, *, by: str, until: datetime, limit: int = 20) -> Sequence[Posting]:
        rows = self._connection.execute(_due(now, limit).with_for_update(skip_locked=True))
        found = [replace(_posting(row), held_by=by, held_until=until) for row in rows]
        taken = webhook_postings.c.id.in_([posting.id for posting in found])
        self._connection.execute(update(webhook_postings).where(taken).values(held_by=by, held_until=until))
        return found

    def settle(self, posting: Posting, *, by: str) -> bool:
        ours = (webhook_postings.c.id == posting.id, webhook_postings.c.held_by == by)
        free = _row(replace(posting, held_by=None, held_until=None))
        return self._connection.execute(update(webhook_postings).where(*ours).values(free)).rowcount == 1

    def posting(self, posting_id: str) -> Posting | None:
        row = self._connection.execute(
            select(webhook_postings).where(webhook_postings.c.id == posting_id)
        ).one_or_none()
        return _posting(row) if row else None

    def rest(self, webhook_id: str, until: datetime) -> None:
        c = webhook_postings.c
        waiting = (POSTING, c.webhook_id == webhook_id, c.next_attempt_at < until)
        self._connection.execute(update(webhook_postings).where(*waiting).values(next_attempt_at=until))

    def gone(self, webhook_id: str, url: str, why: str, now: datetime) -> bool:
        ours = (webhooks.c.id == webhook_id, webhooks.c.url == url, webhooks.c.active)
        off = update(webhooks).where(*ours).values(active=False, gone_at=now)
        if self._connection.execute(off).rowcount != 1:
            return False
        waiting = (POSTING, webhook_postings.c.webhook_id == webhook_id)
        self._connection.execute(update(webhook_postings).where(*waiting).values(failed_at=now, **columns_of(why)))
        return True

    def untaken(self, estate: str, of: Collection[str], limit: int) -> Sequence[Posting]:
        c = webhook_postings.c
        failed = (UNTAKEN, c.estate == estate, c.webhook_id.in_(of), c.why.is_not(None))
        query = select(webhook_postings).where(*failed)
        return [_posting(row) for row in self._connection.execute(query.order_by(c.id.desc()).limit(limit))]

    def tallies(self, of: Collection[str]) -> Mapping[str, Tally]:
        c = webhook_postings.c
        given_up = and_(UNTAKEN, c.failed_at.is_not(None))
        counted = (func.count().filter(POSTING), func.count().filter(given_up), func.max(c.sent_at))
        query = select(c.webhook_id, *counted).where(c.webhook_id.in_(of)).group_by(c.webhook_id)
        return {id_: Tally(waiting, lost, taken_at) for id_, waiting, lost, taken_at in self._connection.execute(query)}

    def postings(self, webhook_id: str, *, failed: bool, limit: int, before: str | None = None) -> Sequence[Posting]:
        query = select(webhook_postings).where(webhook_postings.c.webhook_id == webhook_id)
        if before is not None:
            query = query.where(webhook_postings.c.id < before)
        if failed:
            query = query.where(webhook_postings.c.why.is_not(None))
        rows = self._connection.execute(query.order_by(webhook_postings.c.id.desc()).limit(limit))
        return [_posting(row) for row in rows]

    def forget(self, settled_before: datetime, limit: int) -> int:
        c, later = webhook_postings.c, webhook_postings.alias("later")
        # Nothing is settled before it is made, and when it was made has an index.
        settled = (c.created_at < settled_before, func.coalesce(c.sent_at, c.failed_at) < settled_before)
        newer = exists().where(later.c.webhook_id == c.webhook_id, later.c.sent_at > c.sent_at)
        spare = or_(c.sent_at.is_(None), newer)
        old = select(c.id).where(*settled, spare).order_by(c.created_at).limit(limit)
        return self._connection.execute(delete(webhook_postings).where(c.id.in_(old))).rowcount


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(**{**row._mapping, "kinds": frozenset(json.loads(row.kinds))})  # noqa: SLF001 - SQLAlchemy's public name for it


def _posting(row: Row[Any]) -> Posting:
    return Posting(**fields_of(row))


def _row(posting: Posting) -> dict[str, Any]:
    return {**asdict(posting), **columns_of(posting.why)}
