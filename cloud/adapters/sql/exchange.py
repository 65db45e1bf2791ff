"""Offers, needs and small tasks in SQL. Each is kept whole as JSON; what is searched by stands beside it in columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, Select, Table, and_, func, insert, or_, select, update

from cloud.adapters.sql.exchange_tables import postings, small_tasks
from cloud.application.positions import Position
from cloud.domain.exchange.posting import Posting, Side
from cloud.domain.exchange.small_task import SmallTask
from cloud.errors import Conflict

_POSTING: Final = TypeAdapter(Posting)
_SMALL_TASK: Final = TypeAdapter(SmallTask)
_p: Final = postings.c
_s: Final = small_tasks.c


class SqlExchange:
    """Implements `exchange_ports.Exchange`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def posting(self, posting_id: str) -> Posting | None:
        found = self._postings(select(_p.body).where(_p.id == posting_id))
        return found[0] if found else None

    def postings(self, estate: str, side: Side, *, limit: int, before: Position | None = None) -> Sequence[Posting]:
        query = select(_p.body).where(_p.estate == estate, _p.side == side.value, _p.open.is_(True))
        return self._postings(_newest_first(query, postings, limit, before))

    def offers_of(self, estate: str, capability: str) -> Sequence[Posting]:
        query = select(_p.body).where(
            _p.estate == estate, _p.side == Side.OFFER.value, _p.open.is_(True), _p.capability == capability
        )
        return self._postings(query.order_by(_p.id))

    def open_by(self, estate: str, member_id: str) -> int:
        query = select(func.count()).where(_p.estate == estate, _p.member_id == member_id, _p.open.is_(True))
        return int(self._connection.execute(query).scalar_one())

    def save_posting(self, posting: Posting) -> None:
        seen, posting.revision = posting.revision, posting.revision + 1
        row = {
            "id": posting.id,
            "estate": posting.estate,
            "side": posting.side.value,
            "member_id": posting.member_id,
            "capability": posting.capability,
            "open": posting.open,
            "posted_at": posting.posted_at,
            "revision": posting.revision,
            "body": _POSTING.dump_json(posting).decode(),
        }
        self._save(postings, row, seen)

    def small_task(self, small_task_id: str) -> SmallTask | None:
        found = self._small_tasks(select(_s.body).where(_s.id == small_task_id))
        return found[0] if found else None

    def small_tasks(
        self, estate: str, *, over: bool, limit: int, before: Position | None = None
    ) -> Sequence[SmallTask]:
        query = select(_s.body).where(_s.estate == estate, _s.over.is_(over))
        return self._small_tasks(_newest_first(query, small_tasks, limit, before))

    def save_small_task(self, task: SmallTask) -> None:
        seen, task.revision = task.revision, task.revision + 1
        row = {
            "id": task.id,
            "estate": task.estate,
            "over": task.over,
            "posted_at": task.posted_at,
            "revision": task.revision,
            "body": _SMALL_TASK.dump_json(task).decode(),
        }
        self._save(small_tasks, row, seen)

    def written(self, estate: str, member_id: str | None) -> Sequence[Posting | SmallTask]:
        posted = select(_p.body).where(_p.estate == estate)
        if member_id is not None:
            posted = posted.where(_p.member_id == member_id)
        # Who posted a small task stands in its body only; an estate has few enough to read them all.
        tasks = self._small_tasks(select(_s.body).where(_s.estate == estate))
        mine = [one for one in tasks if member_id in (None, one.posted_by)]
        return sorted([*self._postings(posted), *mine], key=lambda one: one.id)

    def _save(self, table: Table, row: Mapping[str, Any], seen: int) -> None:
        if seen == 0:
            self._connection.execute(insert(table), dict(row))
            return
        change = update(table).where(table.c.id == row["id"], table.c.revision == seen).values(dict(row))
        if self._connection.execute(change).rowcount != 1:
            raise Conflict(
                "Somebody else changed this meanwhile: read it again and decide anew.", "已被他人更新，请刷新"
            )

    def _postings(self, query: Select[Any]) -> list[Posting]:
        return [_POSTING.validate_json(body) for body in self._connection.execute(query).scalars()]

    def _small_tasks(self, query: Select[Any]) -> list[SmallTask]:
        return [_SMALL_TASK.validate_json(body) for body in self._connection.execute(query).scalars()]


def _newest_first(query: Select[Any], table: Table, limit: int, before: Position | None) -> Select[Any]:
    if before is not None:
        at, last = before
        query = query.where(or_(table.c.posted_at < at, and_(table.c.posted_at == at, table.c.id > last)))
    return query.order_by(table.c.posted_at.desc(), table.c.id).limit(limit)
