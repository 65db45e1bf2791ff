"""Lists that grow, read piece by piece: the newest first, each piece after the one before, in the database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_


def newest_first(
    query: Select[Any], at: ColumnElement[Any], its_id: ColumnElement[Any], limit: int, before: tuple[Any, str] | None
) -> Select[Any]:
    """`before`: of the last one that was read its moment and its id, which decides between those of one moment."""
    return query.where(*older(at, its_id, before)).order_by(at.desc(), its_id.desc()).limit(limit)


def older(
    at: ColumnElement[Any], its_id: ColumnElement[Any], before: tuple[Any, str] | None
) -> tuple[ColumnElement[bool], ...]:
    if before is None:
        return ()
    moment, last = before
    return (or_(at < moment, and_(at == moment, its_id < last)),)
