"""How far the streams of an outbox are numbered, and what lies in it of others: asked of an index, never of the rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

from schemas.batch import Stream
from schemas.presence import Numbered


def numbering_in(connection: sqlite3.Connection, identity: str, given: Mapping[Stream, int]) -> list[Numbered]:
    """`given`: the last number that each stream of `identity` was given."""
    return [
        Numbered(outbox=outbox, stream=stream, given=last, oldest=oldest)
        for outbox in (identity, *_others(connection, identity))
        for stream in Stream
        for last in (given[stream] if outbox == identity else None,)
        for oldest in (_oldest(connection, outbox, stream),)
        if last is not None or oldest is not None
    ]


def _others(connection: sqlite3.Connection, identity: str) -> Iterator[str]:
    """Outboxes that numbered in a store before this one, and of which something was saved."""
    query, found = "SELECT MIN(outbox) FROM batch WHERE outbox > ?", ""
    while (found := connection.execute(query, (found,)).fetchone()[0]) is not None:
        if found != identity:
            yield found


def _oldest(connection: sqlite3.Connection, outbox: str, stream: Stream) -> int | None:
    query = "SELECT MIN(seq) FROM batch WHERE outbox = ? AND stream = ?"
    seq: int | None = connection.execute(query, (outbox, stream)).fetchone()[0]
    return seq
