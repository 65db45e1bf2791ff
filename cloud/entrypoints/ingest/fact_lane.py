"""The thread that hands events to governance at once, and presence, health and receipts when no event waits."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Final, Protocol

import structlog

from cloud.application.fleet.follow_node import FollowNode
from cloud.application.intake.dead_letters import PutDeadLetter, Refused, grave
from cloud.application.intake.record_event import EventArrival, Recorded, RecordEvents
from cloud.application.intake.record_health import RecordHealth
from cloud.application.intake.record_presence import RecordPresence
from cloud.application.strangers import EstateNotLoaded
from cloud.application.timeseries import Outcome
from cloud.domain.community.faults import fault
from cloud.entrypoints.ingest.acknowledgements import Acknowledgements
from cloud.entrypoints.ingest.decoding import Arrival, Decoded, Identity, Unusable, decode
from cloud.entrypoints.ingest.doorkeeper import Doorkeeper
from cloud.entrypoints.ingest.measures import Measures
from cloud.entrypoints.ingest.precedence import Precedence
from cloud.entrypoints.ingest.storing import Stopped, Storing
from cloud.entrypoints.ingest.telemetry_lane import Ticking
from cloud.entrypoints.ingest.waiting_room import WaitingRoom
from schemas.batch import Batch, Stream, digest
from schemas.commands import ConfigurationReceipt, Receipt
from schemas.events import EventBatch, SequenceVoided
from schemas.presence import Born, Died, Health
from schemas.telemetry import TelemetryBatch
from schemas.topics import Channel, NodeAddress

LOOK_S: Final = 0.2
_STRANGERS_REMEMBERED: Final = 10_000


class Voids(Protocol):
    """Whoever owns the store of readings."""

    def void(self, address: NodeAddress, outbox: str, voided: SequenceVoided) -> Future[None]: ...


@dataclass(frozen=True, slots=True)
class UseCases:
    """One for each kind of message that is no telemetry."""

    events: RecordEvents
    presence: RecordPresence
    health: RecordHealth
    follow: FollowNode
    letters: PutDeadLetter


class FactLane:
    """Takes one message at a time, so that an event waits for one transaction at most."""

    def __init__(
        self,
        events: WaitingRoom,
        others: WaitingRoom,
        use_cases: UseCases,
        acknowledgements: Acknowledgements,
        *,
        voids: Voids,
        door: Doorkeeper,
        storing: Storing,
        precedence: Precedence,
        clock: Ticking,
        measures: Measures,
        stopping: threading.Event,
    ) -> None:
        # One bell for both rooms.
        others.somebody = events.somebody
        self._events = events
        self._others = others
        self._use_cases = use_cases
        self._acknowledgements = acknowledgements
        self._voids = voids
        self._door = door
        self._storing = storing
        self._precedence = precedence
        self._clock = clock
        self._measures = measures
        self._stopping = stopping
        self.turns = 0
        self._strangers: set[NodeAddress] = set()
        self._log = structlog.get_logger("cloud.ingest")

    def nudge(self) -> None:
        """Go round soon, though nobody waits."""
        self._events.somebody.set()

    def run(self) -> None:
        """Until told to stop. What is in hand then is finished if the storage takes it."""
        try:
            while not self._stopping.is_set():
                self.turns += 1
                if arrivals := self._events.take(1):
                    with self._precedence.taken():
                        self._handle(arrivals[0])
                elif arrivals := self._others.take(1):
                    self._handle(arrivals[0])
                elif not len(self._events):
                    self._events.somebody.wait()
        except Stopped:
            self._log.warning("stopped while storage was in trouble; what was in hand comes again")

    def _handle(self, arrival: Arrival) -> None:
        decoded = decode(arrival)
        address = decoded.refused.address if isinstance(decoded, Unusable) else decoded.address
        if address is not None and self._storing.however_long(lambda: self._door.turns_away(arrival, address)):
            return
        if isinstance(decoded, Unusable):
            self._refuse(decoded)
            return
        self._measures.received(arrival.topic.rpartition("/")[2])
        try:
            self._storing.five_times(lambda: self._record(decoded))
        except Stopped:
            raise
        except Exception as error:  # noqa: BLE001 - logged there; what fails goes to the dead letters
            self._handle_failed(decoded, error)

    def _handle_failed(self, decoded: Decoded, error: Exception) -> None:
        """Events on which the program fails one by one are laid aside, the others of their batch taken; where that
        finds nothing, or does not help, the whole message is refused.
        """
        batch = decoded.message
        if isinstance(batch, EventBatch):
            arrived = _arrived(decoded, batch)
            try:
                rest = self._storing.until_taken(lambda: self._use_cases.events.without_faults(arrived))
                if rest is not None:
                    self._storing.five_times(lambda: self._record_events(rest))
                    return
            except Stopped:
                raise
            except Exception as again:  # noqa: BLE001 - logged there; the message goes to the dead letters
                error = again
        self._refuse(_failed(decoded, error))

    def _record(self, decoded: Decoded) -> None:
        arrival, address, message, _ = decoded
        try:
            match message:
                case Batch() if not isinstance(message, TelemetryBatch):
                    self._record_events(_arrived(decoded, message))
                case Born():
                    self._use_cases.presence(address, message, arrival.at)
                    self._use_cases.follow.born(address, message)
                case Died():
                    self._use_cases.presence(address, message, arrival.at)
                case Health():
                    self._use_cases.health(address, message, arrival.at)
                case Receipt() | ConfigurationReceipt():
                    self._use_cases.follow.receipt(address, message)
                case _:
                    raise AssertionError(f"telemetry in the lane of facts: {arrival.topic}")
        except EstateNotLoaded as unknown:
            self._stranger(arrival, address, unknown.why)

    def _record_events(self, arrived: EventArrival) -> None:
        address, batch = arrived.address, arrived.batch
        recorded = self._use_cases.events(arrived)
        for _, fact in arrived.events:
            if isinstance(fact, SequenceVoided) and fact.stream is Stream.TELEMETRY:
                # Before the acknowledgement, and on repeats too: explaining a gap twice changes nothing.
                self._wait_for(self._voids.void(address, batch.outbox, fact))
        for record in arrived.refused:
            self._log.warning("event refused", node=str(address), seq=batch.seq, why=record.reason)
        self._acknowledge(address, batch.outbox, batch.seq, arrived.digest, refused=not arrived.events)
        self._measures.refused("events", len(arrived.refused))
        self._measures.stored("events", {_outcome(recorded): 1})
        self._measures.took("events", (self._clock.now() - arrived.received_at).total_seconds())

    def _wait_for(self, done: Future[None]) -> None:
        while True:
            try:
                return done.result(LOOK_S)
            except TimeoutError:
                # The other lane may have ended without looking at its errands again.
                if self._stopping.is_set():
                    raise Stopped from None

    def _stranger(self, arrival: Arrival, address: NodeAddress, why: str) -> None:
        """A node of an estate that is not loaded. It succeeds as soon as the estate is, so it is not acknowledged: the
        node keeps what it has. One letter tells the operator.
        """
        if address in self._strangers:
            return
        channel = Channel(arrival.topic.rpartition("/")[2])
        self._use_cases.letters(Refused(arrival.topic, arrival.payload, why, arrival.at, address, channel))
        self._log.warning(
            "a node of an unknown estate speaks; it is heard once the estate is loaded", node=str(address)
        )
        if len(self._strangers) < _STRANGERS_REMEMBERED:
            self._strangers.add(address)

    def _refuse(self, unusable: Unusable) -> None:
        refused, identity = unusable
        if identity is not None:
            refused = replace(refused, numbered=(identity.outbox, identity.seq))
        self._storing.however_long(lambda: self._use_cases.letters(refused))
        self._log.warning("message refused", topic=refused.topic, why=refused.reason)
        self._measures.refused(str(refused.channel or "unknown"), 1)
        if refused.address is not None and identity is not None and refused.channel is Channel.EVENTS:
            self._acknowledge(refused.address, identity.outbox, identity.seq, digest(refused.payload), refused=True)

    def _acknowledge(self, address: NodeAddress, outbox: str, seq: int, known: bytes, *, refused: bool = False) -> None:
        now = self._clock.monotonic()
        self._acknowledgements.note(address, outbox, seq, known, now, refused=refused)
        self._measures.acknowledged("events", self._acknowledgements.say(now, everything=True))


def _arrived(decoded: Decoded, batch: Batch) -> EventArrival:
    arrival = decoded.arrival
    return EventArrival(decoded.address, batch, digest(arrival.payload), arrival.at, decoded.refused)


def _outcome(recorded: Recorded) -> Outcome:
    if recorded.duplicate:
        return Outcome.DUPLICATE
    return Outcome.CONFLICT if recorded.conflict else Outcome.STORED


def _failed(decoded: Decoded, error: Exception) -> Unusable:
    arrival, address, message, _ = decoded
    reason = fault("handling-failed-five-times", error=f"{type(error).__name__}: {error}")
    channel = Channel(arrival.topic.rpartition("/")[2])
    identity = Identity(outbox=message.outbox, seq=message.seq) if isinstance(message, Batch) else None
    readable = not isinstance(message, EventBatch) or not any(
        grave(event.model_dump_json().encode()) for event in message.events
    )
    return Unusable(Refused(arrival.topic, arrival.payload, reason, arrival.at, address, channel, readable), identity)
