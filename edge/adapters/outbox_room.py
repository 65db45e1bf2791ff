"""The outbox's byte quota: what has to go first when the cloud cannot be reached for too long."""

from __future__ import annotations

import sqlite3

from edge.adapters.outbox_sealing import Draft
from schemas.batch import Stream
from schemas.events import EventBatch, SequenceVoided

_RESERVED = 0.1
"""This part of the quota is for events alone."""
_STRIDE = 0.01
"""This part of the quota is freed at once, so that a full outbox says so a hundred times and not for every batch."""
_TO_SAY_SO = 4096
"""Bytes freed at the least: a batch of voids finds room in them."""

_Range = tuple[str, int, int, int]
"""(stream, first seq, last seq, records)."""


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
        needed = (
            self.used_bytes + draft.size - self._limit(draft.stream) + max(int(self.quota_bytes * _STRIDE), _TO_SAY_SO)
        )
        before = self.used_bytes
        dropped: list[_Range] = []
        for which in self._expendable(draft.stream):
            if before - self.used_bytes >= needed:
                break
            dropped += self._drop(which, needed - (before - self.used_bytes))
        return _voids(dropped, mono)

    def _limit(self, stream: Stream) -> int:
        return self.quota_bytes if stream is Stream.EVENTS else int(self.quota_bytes * (1 - _RESERVED))

    @staticmethod
    def _expendable(stream: Stream) -> list[str]:
        never_sent = "stream = 'telemetry' AND place NOT IN (SELECT place FROM sent)"
        lesser_events = ["stream = 'events' AND life_safety = 0"] if stream is Stream.EVENTS else []
        return [never_sent, "stream = 'telemetry'", *lesser_events]

    def _drop(self, which: str, needed: int) -> list[_Range]:
        """What was dropped, oldest first, just enough - and what the dropped events had said of earlier drops."""
        rows = self._connection.execute(
            f"SELECT place, seq, stream, records, size, iif(stream = 'events', payload, NULL) FROM batch"  # noqa: S608 - constant
            f" WHERE outbox = ? AND {which} ORDER BY place",
            (self._identity,),
        )
        dropped: list[_Range] = []
        places: list[tuple[int]] = []
        for place, seq, stream, records, size, payload in rows:
            if needed <= 0:
                break
            needed -= size
            self.used_bytes -= size
            places.append((place,))
            dropped.append((stream, seq, seq, records))
            dropped += _said_in(payload) if payload is not None else []
        rows.close()
        self._connection.executemany("DELETE FROM batch WHERE place = ?", places)
        self._connection.executemany("DELETE FROM sent WHERE place = ?", places)
        return dropped


def _said_in(payload: bytes) -> list[_Range]:
    events = EventBatch.model_validate_json(payload).events
    return [(void.stream, void.first, void.last, void.records) for void in events if isinstance(void, SequenceVoided)]


def _voids(dropped: list[_Range], mono: float) -> list[SequenceVoided]:
    joined: list[_Range] = []
    for stream, first, last, records in sorted(dropped):
        if joined and joined[-1][0] == stream and joined[-1][2] == first - 1:
            _, began, _, so_far = joined[-1]
            joined[-1] = (stream, began, last, so_far + records)
        else:
            joined.append((stream, first, last, records))
    return [
        SequenceVoided(
            mono=mono,
            stream=Stream(stream),
            first=first,
            last=last,
            records=records,
            reason="dropped: the outbox was full while nothing was acknowledged",
        )
        for stream, first, last, records in joined
    ]
