"""The thread that makes telemetry durable: whatever waits goes into one transaction, then its acknowledgements go out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol, TypeVar

import structlog

from cloud.application.intake.dead_letters import Refused
from cloud.application.intake.record_telemetry import BatchArrived, BatchUnreadable, Letters, Recorded, RecordTelemetry
from cloud.application.timeseries import Outcome
from cloud.domain.community.faults import fault
from cloud.entrypoints.ingest.acknowledgements import Acknowledgements
from cloud.entrypoints.ingest.decoding import Arrival, Decoded, Identity, Unusable, decode
from cloud.entrypoints.ingest.doorkeeper import Doorkeeper
from cloud.entrypoints.ingest.measures import Measures
from cloud.entrypoints.ingest.precedence import MOST_PATIENCE_S, Precedence
from cloud.entrypoints.ingest.storing import Stopped, Storing
from cloud.entrypoints.ingest.waiting_room import WaitingRoom
from cloud.errors import Unavailable
from schemas.batch import digest
from schemas.events import SequenceVoided
from schemas.telemetry import TelemetryBatch
from schemas.topics import Channel, NodeAddress

T = TypeVar("T")

GROUP: Final = 512
"""Batches in one transaction. At 12,000 a second that is a commit each 40 ms."""

ENOUGH: Final = 128
"""With fewer waiting, a moment is given for more to come: one fsync then serves them together."""

GATHER_S: Final = 0.02
"""Seconds between two commits for few, on the machine's own clock: they spare its disk, whatever speed time has."""


class Ticking(Protocol):
    """The part of the clock that ingest needs."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    def wait(self, event: threading.Event, seconds: float) -> bool: ...


class TelemetryLane:
    """Owns the store of readings: nothing else may write to it, so others send their errands here."""

    def __init__(
        self,
        room: WaitingRoom,
        record: RecordTelemetry,
        letters: Letters,
        acknowledgements: Acknowledgements,
        *,
        door: Doorkeeper,
        storing: Storing,
        precedence: Precedence,
        clock: Ticking,
        measures: Measures,
        stopping: threading.Event,
    ) -> None:
        self._door = door
        self._room = room
        self._record = record
        self._letters = letters
        self._acknowledgements = acknowledgements
        self._storing = storing
        self._precedence = precedence
        self._clock = clock
        self._measures = measures
        self._stopping = stopping
        self._committed_at = 0.0
        self.turns = 0
        self._errands: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._log = structlog.get_logger("cloud.ingest")

    def void(self, address: NodeAddress, outbox: str, voided: SequenceVoided) -> Future[None]:
        """Record that these numbers will never come. From any thread; done when the future is."""
        return self._send(lambda: self._record.void(address, outbox, voided, self._clock.now()))

    def record(self, group: Sequence[BatchArrived | BatchUnreadable]) -> Future[list[Recorded]]:
        """Make batches durable that came another way than over the wire, and are acknowledged to nobody. From any thread."""
        return self._send(lambda: self._record(group, self._clock.now()))

    def _send(self, work: Callable[[], T]) -> Future[T]:
        done: Future[T] = Future()
        self._errands.put((work, done))
        self._room.somebody.set()
        return done

    def nudge(self) -> None:
        """Go round soon, though nobody waits."""
        self._room.somebody.set()

    def run(self) -> None:
        """Until told to stop. What is in hand then is finished if the storage takes it."""
        try:
            while not self._stopping.is_set():
                self._one_round()
        except Stopped:
            self._log.warning("stopped while storage was in trouble; what was in hand comes again")
        self._acknowledgements.say(self._clock.monotonic(), everything=True)

    def _one_round(self) -> None:
        due = self._acknowledgements.due_in(self._clock.monotonic())
        if due is None:
            self._room.somebody.wait()
        else:
            self._clock.wait(self._room.somebody, due)
        self.turns += 1
        self._gather()
        self._run_errands()
        group = self._room.take(GROUP)
        if group:
            self._store(group)
            self._committed_at = time.monotonic()
            self._measures.committed(len(group), (self._clock.now() - group[0].at).total_seconds())
        self._measures.acknowledged("telemetry", self._acknowledgements.say(self._clock.monotonic()))

    def _gather(self) -> None:
        """Few that come soon after a commit wait for company; who comes later waits for nobody (a node that drains its
        backlog has a window in flight and needs the answer to go on).
        """
        left = self._committed_at + GATHER_S - time.monotonic()
        if left > 0 and 0 < len(self._room) < ENOUGH:
            self._stopping.wait(left)

    def _store(self, group: Sequence[Arrival]) -> None:
        items: list[BatchArrived | BatchUnreadable] = []
        patience = MOST_PATIENCE_S
        for arrival in group:
            patience = self._precedence.step_aside(patience)
            item = self._decoded(arrival)
            if item is not None:
                items.append(item)
        if not items:
            return
        try:
            recorded = self._storing.until_taken(lambda: self._record(items, self._clock.now()))
        except Stopped:
            raise
        except Exception:  # noqa: BLE001 - logged here; each message is tried alone
            self._log.exception("a group of telemetry fails; trying its messages one by one", messages=len(items))
            recorded = [done for item in items for done in self._alone(item)]
        self._note(recorded)

    def _decoded(self, arrival: Arrival) -> BatchArrived | BatchUnreadable | None:
        """None when there is nobody to answer: it stands in the dead letters, or its node is not heard."""
        decoded = decode(arrival)
        address = decoded.refused.address if isinstance(decoded, Unusable) else decoded.address
        if address is not None and self._turned_away(arrival, address):
            return None
        if isinstance(decoded, Decoded):
            assert isinstance(decoded.message, TelemetryBatch)
            return BatchArrived(
                decoded.address, decoded.message, digest(arrival.payload), arrival.topic, arrival.payload, arrival.at
            )
        return self._refused(decoded, digest(arrival.payload))

    def _turned_away(self, arrival: Arrival, address: NodeAddress) -> bool:
        try:
            return self._door.turns_away(arrival, address)
        except Unavailable:
            return self._storing.however_long(lambda: self._door.turns_away(arrival, address))

    def _refused(self, unusable: Unusable, digest_: bytes) -> BatchUnreadable | None:
        refused, identity = unusable
        self._storing.however_long(lambda: self._letters(refused))
        self._log.warning("telemetry refused", topic=refused.topic, why=refused.reason)
        if refused.address is None or identity is None:
            self._measures.refused("telemetry", 1)
            return None
        return BatchUnreadable(refused.address, identity.outbox, identity.seq, digest_)

    def _alone(self, item: BatchArrived | BatchUnreadable) -> list[Recorded]:
        try:
            return self._storing.five_times(lambda: self._record([item], self._clock.now()))
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - logged there; the message goes to the dead letters
            if isinstance(item, BatchUnreadable):
                return []
            reason = fault("storing-failed-five-times", error=f"{type(error).__name__}: {error}")
            refused = Refused(item.topic, item.payload, reason, item.received_at, item.address, Channel.TELEMETRY)
            identity = Identity(outbox=item.batch.outbox, seq=item.batch.seq)
            unreadable = self._refused(Unusable(refused, identity), item.digest)
            return self._alone(unreadable) if unreadable else []

    def _note(self, recorded: Sequence[Recorded]) -> None:
        now = self._clock.monotonic()
        outcomes = dict.fromkeys(Outcome, 0)
        kept = refused = 0
        for one in recorded:
            self._acknowledgements.note(one.address, one.outbox, one.seq, one.digest, now, refused=one.whole)
            outcomes[one.outcome] += 1
            refused += one.refused
            if one.outcome is not Outcome.DUPLICATE:
                kept += one.readings
        self._measures.stored("telemetry", outcomes, kept)
        self._measures.refused("telemetry", refused)

    def _run_errands(self) -> None:
        while True:
            try:
                errand, done = self._errands.get_nowait()
            except Empty:
                return
            try:
                result = self._storing.five_times(errand)
            except BaseException as error:
                done.set_exception(error)
                if isinstance(error, Stopped):
                    raise
            else:
                done.set_result(result)
