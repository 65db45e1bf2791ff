"""The outbox's tables and transactions on SQLite; blocking, used from one thread."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from edge.adapters.outbox_memory import StoreMemory
from edge.adapters.outbox_numbering import numbering_in
from edge.adapters.outbox_room import Room
from edge.adapters.outbox_sealing import Draft, event_drafts, telemetry_drafts, void_of
from edge.adapters.outbox_tables import COLUMNS, INSERT, ROW, SCHEMA, SIZE, failures, sealed_from
from edge.application.ports import Entries, RuleMemory, Sealed
from schemas.batch import ClockState, Stream, digest, mark
from schemas.delivery import Stored
from schemas.events import Event, SequenceVoided
from schemas.presence import Numbered

Ranges = Mapping[tuple[str, Stream], Iterable[Stored]]
"""(outbox, stream) → what is durable in the cloud."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a store held for another one: its rows, and the last place that it gave."""

    rows: Sequence[tuple[Any, ...]]
    last_place: int


class OutboxStore:
    """One open store. Every method is one transaction: done wholly, or OutboxError and nothing is done."""

    def __init__(self, connection: sqlite3.Connection, quota_bytes: int) -> None:
        self._connection = connection
        self._memory = StoreMemory(connection)
        with self._transaction():
            for statement in SCHEMA.split(";\n"):
                connection.execute(statement)
            if self._memory.said("identity") is None:
                self._memory.say("identity", str(uuid.uuid4()))
        self.identity = self._memory.said("identity") or ""
        self.alive_at: tuple[str, float] | None = None
        self.last_trusted: float | None = None
        """When it was last written by a clock that was believed, in seconds since 1970."""
        self._recall()
        self.room = Room(connection, self.identity, quota_bytes)

    def commit(
        self, entries: Entries, acknowledged: Ranges, sent: Iterable[int], held: Held | None = None
    ) -> list[Sealed]:
        """Everything in one transaction: what is new, what is acknowledged, what has been sent, what rules remember.

        `held`: what another store held meanwhile, kept here under the identity and in the places that it has.
        """
        with self._transaction():
            self._keep(held)
            self._settle(acknowledged, sent)
            placed = self._append(entries)
            self._memory.keep(entries)
        if entries.clock is ClockState.SYNCHRONISED:
            self.last_trusted = entries.wall
        return placed

    def settle(self, acknowledged: Ranges, sent: Iterable[int], held: Held | None = None) -> None:
        with self._transaction():
            self._keep(held)
            self._settle(acknowledged, sent)

    def hold(self, entries: Entries, beyond: int) -> list[Sealed]:
        """Seal the events alone, in places beyond one of another store that cannot commit now."""
        with self._transaction():
            self._continue_after(beyond)
            return self._append_events(entries, entries.events)

    def last_place(self) -> int:
        """The last place that was given, whether or not anything lies there still."""
        with failures():
            row = self._connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'batch'").fetchone()
        return int(row[0]) if row else 0

    def held(self) -> Held:
        """All that lies here, for the store that will keep it."""
        with failures():
            rows = self._connection.execute(f"SELECT {ROW} FROM batch ORDER BY place").fetchall()  # noqa: S608 - constant
        return Held(rows, self.last_place())

    def let_go(self) -> None:
        """Another store keeps what lies here."""
        with self._transaction():
            self._connection.execute("DELETE FROM batch")
        self.room.recount()

    def waiting(self, stream: Stream, after: int, limit: int) -> list[Sealed]:
        """Batches of a stream beyond a place, oldest first."""
        with failures():
            rows = self._connection.execute(
                f"SELECT {COLUMNS} FROM batch WHERE stream = ? AND place > ? ORDER BY place LIMIT ?",  # noqa: S608 - constant
                (stream, after, limit),
            ).fetchall()
        return [sealed_from(row) for row in rows]

    def depth(self, stream: Stream) -> tuple[int, int, float | None, str | None]:
        """Batches, records, and sealed_mono and boot of the oldest."""
        with failures():
            batches, records, place = self._connection.execute(
                "SELECT COUNT(*), COALESCE(SUM(records), 0), MIN(place) FROM batch WHERE stream = ?", (stream,)
            ).fetchone()
            oldest = self._connection.execute(
                "SELECT sealed_mono, boot FROM batch WHERE place = ?", (place,)
            ).fetchone()
        return batches, records, *(oldest or (None, None))

    def numbering(self) -> list[Numbered]:
        """How far each stream of its own is numbered, and of every outbox what lies here. Asks an index, never the rows."""
        with failures():
            given = {stream: self._next_seq(stream) - 1 for stream in Stream}
            return numbering_in(self._connection, self.identity, given)

    def belongs_to(self, node: str) -> None:
        """Write down whose it is, so that a card pulled out of a dead node says so itself."""
        if self._memory.said("node") != node:
            with self._transaction():
                self._memory.say("node", node)

    def next_connection(self) -> int:
        with self._transaction():
            return self._memory.next_connection()

    def rules(self) -> list[RuleMemory]:
        with failures():
            return self._memory.rules()

    def memory(self) -> dict[str, dict[str, float]]:
        with failures():
            return self._memory.learned()

    def answered(self, command: str) -> str | None:
        with failures():
            return self._memory.answered(command)

    def answer(self, command: str, receipt: str) -> None:
        with self._transaction():
            self._memory.answer(command, receipt)

    def adopt(self, batches: Sequence[tuple[Any, ...]]) -> int:
        """Take in batches saved from a damaged store, under the identity they have; how many were not here yet."""
        with self._transaction():
            adopted = self._connection.executemany(INSERT.replace("INSERT", "INSERT OR IGNORE", 1), batches).rowcount
        self.room.recount()
        return max(adopted, 0)

    def has(self, outbox: str, stream: str, seq: int) -> bool:
        """Whether a batch lies here."""
        with failures():
            query = "SELECT 1 FROM batch WHERE outbox = ? AND stream = ? AND seq = ?"
            return self._connection.execute(query, (outbox, stream, seq)).fetchone() is not None

    def adopt_rules(self, rules: Sequence[tuple[Any, ...]]) -> None:
        with self._transaction():
            self._memory.adopt_rules(rules)

    def remember(self, other: sqlite3.Connection) -> None:
        """Know what another store knows of the node, though not its batches."""
        with self._transaction():
            self._memory.adopt_from(other)
        self._recall()

    def succeed(self, other: OutboxStore) -> None:
        """Go on in another store's stead: its batches under the identity they have, behind those that lie here."""
        connection = other._connection
        with self._transaction():
            for place, *row in connection.execute(f"SELECT {ROW} FROM batch ORDER BY place").fetchall():  # noqa: S608 - constant
                kept = self._connection.execute(INSERT, row).lastrowid
                if connection.execute("SELECT 1 FROM sent WHERE place = ?", (place,)).fetchone():
                    self._connection.execute("INSERT INTO sent VALUES (?)", (kept,))
            self._memory.adopt_from(connection)
        self._recall()
        self.room.recount()

    def close(self) -> None:
        self._connection.close()

    def _append(self, entries: Entries) -> list[Sealed]:
        placed: list[Sealed] = []
        for pack in entries.packs:
            for draft in telemetry_drafts(pack, entries, self.identity, self._next_seq(Stream.TELEMETRY)):
                voided = self.room.make_for(draft, entries.mono)
                if self.room.fits(draft):
                    placed.append(self._insert(draft))
                else:
                    self._memory.say(f"seq.{draft.stream}", str(draft.seq))
                    voided.append(void_of(draft, entries.mono, "no room left beside what may not be dropped"))
                placed += self._append_events(entries, voided) if voided else []
        return placed + self._append_events(entries, entries.events)

    def _append_events(self, entries: Entries, events: Sequence[Event]) -> list[Sealed]:
        placed: list[Sealed] = []
        voided: list[SequenceVoided] = []
        for draft in event_drafts(events, entries, self.identity, self._next_seq(Stream.EVENTS)):
            voided += self.room.make_for(draft, entries.mono)
            placed.append(self._insert(draft))
        # What was dropped is said without dropping more: each drop says again what the dropped had said, without end.
        drafts = event_drafts(voided, entries, self.identity, self._next_seq(Stream.EVENTS))
        return [*placed, *map(self._insert, drafts)]

    def _insert(self, draft: Draft) -> Sealed:
        cursor = self._connection.execute(
            INSERT,
            (
                self.identity,
                draft.stream,
                draft.seq,
                draft.boot,
                draft.sealed_mono,
                draft.records,
                draft.life_safety,
                draft.size,
                draft.payload,
            ),
        )
        self._memory.say(f"seq.{draft.stream}", str(draft.seq))
        self.room.taken(draft.size)
        return Sealed(
            place=cursor.lastrowid or 0,
            outbox=self.identity,
            stream=draft.stream,
            seq=draft.seq,
            boot=draft.boot,
            sealed_mono=draft.sealed_mono,
            records=draft.records,
            payload=draft.payload,
        )

    def _keep(self, held: Held | None) -> None:
        if held is None:
            return
        for row in held.rows:
            self._connection.execute(f"INSERT INTO batch ({ROW}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608 - constant
            self.room.taken(row[SIZE])
        # Also where all of it is acknowledged already: whoever reads on from a place would miss what comes before it.
        self._continue_after(held.last_place)

    def _continue_after(self, place: int) -> None:
        if self.last_place() < place:
            self._connection.execute("DELETE FROM sqlite_sequence WHERE name = 'batch'")
            self._connection.execute("INSERT INTO sqlite_sequence VALUES ('batch', ?)", (place,))

    def _settle(self, acknowledged: Ranges, sent: Iterable[int]) -> None:
        for (outbox, stream), ranges in acknowledged.items():
            for stored in ranges:
                self._delete(outbox, stream, stored)
        self._connection.executemany(
            "INSERT OR IGNORE INTO sent SELECT place FROM batch WHERE place = ?", ((place,) for place in sent)
        )

    def _delete(self, outbox: str, stream: Stream, stored: Stored) -> None:
        rows = self._connection.execute(
            "SELECT place, seq, size, payload FROM batch WHERE outbox = ? AND stream = ? AND seq BETWEEN ? AND ?",
            (outbox, stream, stored.first, stored.last),
        )
        gone = [(place, size) for place, seq, size, payload in rows if stored.has(seq, partial(_mark_of, payload))]
        places = [(place,) for place, _ in gone]
        self._connection.executemany("DELETE FROM sent WHERE place = ?", places)
        self._connection.executemany("DELETE FROM batch WHERE place = ?", places)
        self.room.freed(sum(size for _, size in gone))

    def _next_seq(self, stream: Stream) -> int:
        return int(self._memory.said(f"seq.{stream}") or 0) + 1

    def _recall(self) -> None:
        boot, mono = self._memory.said("alive.boot"), self._memory.said("alive.mono")
        self.alive_at = (boot, float(mono)) if boot and mono else None
        trusted = self._memory.said("trusted.wall")
        self.last_trusted = float(trusted) if trusted else None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with failures():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                if hasattr(self, "room"):
                    self.room.recount()
                raise


def _mark_of(payload: bytes) -> int:
    return mark(digest(payload))
