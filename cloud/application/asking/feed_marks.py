"""Whether anything in an estate has changed since somebody asked last, at the price of one row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from cloud.application.ports import UnitOfWork
from cloud.domain.duties.register import Register
from cloud.errors import NotFound


@dataclass(frozen=True, slots=True)
class FeedMark:
    """The head of the estate's ledger: all that is ever shown comes with an entry, a loaded register too."""

    tag: str
    changed_at: datetime


def mark_of(uow: UnitOfWork, register: Register) -> FeedMark:
    estate = register.estate.id
    seq = uow.ledger.head(estate).seq
    last = uow.ledger.since(estate, seq - 1, 1) if seq else ()
    changed_at = last[0].at if last else datetime.fromtimestamp(0, UTC)
    return FeedMark(f"{estate}-{register.version}-{seq}", changed_at)


def register_of(uow: UnitOfWork, estate: str) -> Register:
    """Raises NotFound."""
    register = uow.registers.find(estate)
    if register is None:
        raise NotFound(f"There is no estate {estate!r} here.", "没有这个小区")
    return register
