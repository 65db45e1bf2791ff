"""The outbox's byte quota: what has to go first when the cloud cannot be reached for too long."""

from __future__ import annotations

import itertools
import sqlite3

from edge.adapters.outbox_sealing import Draft
from schemas.batch import Stream
from schemas.events import SequenceVoided

_RESERVED = 0.1
"""This part of the quota is for events alone."""
_STRIDE = 0.01
"""This part of the quota is freed at once, so that a full outbox says so a hundred times and not for every batch."""


class Room:
    """Bytes taken and left. Drops never-sent telemetry first, oldest first, then what was sent but not acknowledged.

    Events are dropped only for other events, and those of life safety for nothing.
    """

    def __init__(self, connection: sqlite3.Connection, identity: str, quota_bytes: int) -> None:
        self._connection = connection
        self._identity = identity
        self.quota_bytes = quota_bytes
        self.used_bytes = 0
        self.recount()

    def recount(self) -> None:
        """Count what is there: at the start, and after a transaction that was undone."""
        (self.used_bytes,) = self._connection.execute("SELECT COALESCE(SUM(size), 0) FROM batch").fetchone()

    def taken(self, size: int) -> None:
        self.used_bytes += size

    def freed(self, size: int) -> None:
        self.used_bytes -= size

    def fits(self, draft: Draft) -> bool:
        return self.used_bytes + draft.size <= self._limit(draft.stream)

    def make_for(self, draft: Draft, mono: float) -> list[SequenceVoided]:
        """Free what a batch needs, as far as its stream may; what was dropped for it, to be said as events."""
        if self.fits(draft):
            return []
        needed = self.used_bytes + draft.size - self._limit(draft.stream) + int(self.quota_bytes * _STRIDE)
        dropped: list[tuple[int, str, int, int]] = []
        for which in self._expendable(draft.stream):
            freed = sum(size for _, _, _, size in dropped)
            if freed >= needed:
                break
            dropped += self._drop(which, needed - freed)
        return _voids(dropped, mono)

    def _limit(self, stream: Stream) -> int:
        return self.quota_bytes if stream is Stream.EVENTS else int(self.quota_bytes * (1 - _RESERVED))

    @staticmethod
    def _expendable(stream: Stream) -> list[str]:
        never_sent = "stream = 'telemetry' AND place NOT IN (SELECT place FROM sent)"
        lesser_events = ["stream = 'events' AND life_safety = 0"] if stream is Stream.EVENTS else []
        return [never_sent, "stream = 'telemetry'", *lesser_events]

    def _drop(self, which: str, needed: int) -> list[tuple[int, str, int, int]]:
        """(seq, stream, records, bytes) of what was dropped, oldest first, just enough."""
        rows = self._connection.execute(
            f"SELECT place, seq, stream, records, size FROM batch WHERE outbox = ? AND {which}"  # noqa: S608 - constant
            " ORDER BY place",
            (self._identity,),
        )
        dropped = []
        for place, seq, stream, records, size in rows:
            if needed <= 0:
                break
            needed -= size
            dropped.append((place, seq, stream, records, size))
        rows.close()
        places = [(place,) for place, *_ in dropped]
        self._connection.executemany("DELETE FROM batch WHERE place = ?", places)
        self._connection.executemany("DELETE FROM sent WHERE place = ?", places)
        self.used_bytes -= sum(size for *_, size in dropped)
        return [(seq, stream, records, size) for _, seq, stream, records, size in dropped]


def _voids(dropped: list[tuple[int, str, int, int]], mono: float) -> list[SequenceVoided]:
    ordered = sorted((stream, seq, records) for seq, stream, records, _ in dropped)
    runs = itertools.groupby(enumerate(ordered), key=lambda item: (item[1][0], item[1][1] - item[0]))
    return [_void(stream, [row for _, row in run], mono) for (stream, _), run in runs]


def _void(stream: str, run: list[tuple[str, int, int]], mono: float) -> SequenceVoided:
    return SequenceVoided(
        mono=mono,
        stream=Stream(stream),
        first=run[0][1],
        last=run[-1][1],
        records=sum(records for *_, records in run),
        reason="dropped: the outbox was full while nothing was acknowledged",
    )
