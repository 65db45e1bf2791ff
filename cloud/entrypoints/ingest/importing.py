"""What was read out of a card enters as it would have come over the wire: the same use cases, each batch exactly once."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any, Final, Protocol

from cloud.application.intake.record_event import EventArrival, RecordEvents
from cloud.application.intake.record_telemetry import BatchArrived, BatchUnreadable, Letters, Recorded
from cloud.application.ports import Clock
from cloud.application.timeseries import Outcome
from cloud.entrypoints.ingest.decoding import Arrival, Unusable, decode
from cloud.errors import Invalid
from schemas.batch import Batch, Stream, digest
from schemas.events import SequenceVoided
from schemas.telemetry import TelemetryBatch
from schemas.topics import Channel, NodeAddress, TopicError

FORMAT: Final = "tocsin-outbox"
VERSION: Final = 1
GROUP: Final = 256
"""Batches of telemetry in one transaction."""
_CHANNELS: Final = {Stream.EVENTS.value: Channel.EVENTS, Stream.TELEMETRY.value: Channel.TELEMETRY}


@dataclass
class Imported:
    """What became of the batches in a file."""

    node: str
    stored: int = 0
    known: int = 0
    conflicts: int = 0
    refused: int = 0

    def count(self, outcome: Outcome) -> None:
        self.stored += outcome is not Outcome.DUPLICATE
        self.known += outcome is Outcome.DUPLICATE
        self.conflicts += outcome is Outcome.CONFLICT


class Telemetry(Protocol):
    """Who makes telemetry durable: its use case itself, or the lane that owns the store in a running cloud."""

    def __call__(self, group: Sequence[BatchArrived | BatchUnreadable], now: datetime) -> list[Recorded]: ...

    def void(self, address: NodeAddress, outbox: str, voided: SequenceVoided, now: datetime) -> None: ...


class ImportOutbox:
    """Reads the lines that `tocsin-edge outbox export` wrote. Importing a file again changes nothing."""

    def __init__(self, telemetry: Telemetry, events: RecordEvents, letters: Letters, clock: Clock) -> None:
        self._telemetry, self._events, self._letters, self._clock = telemetry, events, letters, clock

    def __call__(self, lines: Iterable[str], node: str | None = None) -> Imported:
        """`node`: ESTATE/NAME, where the file does not name it. Raises Invalid, NotFound for an unknown estate,
        Unavailable and ReadingsUnavailable; what went before stays stored, and the file can be given again.
        """
        return deque(self.steps(lines, node), maxlen=1).pop()

    def steps(self, lines: Iterable[str], node: str | None = None) -> Iterator[Imported]:
        """The same piece by piece: what was done so far, after every so many lines and at the end."""
        numbered = enumerate(lines, 1)
        address = _address(_heading(numbered), node)
        done = Imported(str(address))
        group: list[BatchArrived | BatchUnreadable] = []
        for number, line in numbered:
            self._take(address, _document(line, number), number, group, done)
            if len(group) >= GROUP or number % GROUP == 0:
                self._store(group, done)
                yield done
        self._store(group, done)
        yield done

    def _take(
        self,
        address: NodeAddress,
        document: dict[str, Any],
        number: int,
        group: list[BatchArrived | BatchUnreadable],
        done: Imported,
    ) -> None:
        channel, sealed = _CHANNELS.get(str(document.get("stream"))), document.get("sealed")
        if channel is None or not isinstance(sealed, str):
            raise Invalid(f"Line {number} holds no batch: it needs a stream (events or telemetry) and the sealed text.")
        payload = sealed.encode("utf-8", "surrogateescape")
        decoded = decode(Arrival(address.topic(channel), payload, self._clock.now()))
        if isinstance(decoded, Unusable):
            identity = decoded.identity
            numbered = (identity.outbox, identity.seq) if identity is not None else None
            self._letters(replace(decoded.refused, numbered=numbered))
            done.refused += 1
            if channel is Channel.TELEMETRY and identity is not None:
                group.append(BatchUnreadable(address, identity.outbox, identity.seq, digest(payload)))
            return
        arrival, _, message, refused = decoded
        if isinstance(message, TelemetryBatch):
            group.append(BatchArrived(address, message, digest(payload), arrival.topic, payload, arrival.at))
        elif isinstance(message, Batch):
            # Of a batch of events with bad records the others are taken; where none can be read, it is a bare envelope.
            known = digest(payload)
            self._record(EventArrival(address, message, known, arrival.at, refused, archived=True), done)

    def _record(self, arrival: EventArrival, done: Imported) -> None:
        recorded = self._events(arrival)
        for _, fact in arrival.events:
            if isinstance(fact, SequenceVoided) and fact.stream is Stream.TELEMETRY:
                self._telemetry.void(arrival.address, arrival.batch.outbox, fact, arrival.received_at)
        conflict = Outcome.CONFLICT if recorded.conflict else Outcome.STORED
        done.count(Outcome.DUPLICATE if recorded.duplicate else conflict)

    def _store(self, group: list[BatchArrived | BatchUnreadable], done: Imported) -> None:
        if group:
            for recorded in self._telemetry(group, self._clock.now()):
                done.count(recorded.outcome)
        group.clear()


def named(lines: Iterable[str], node: str | None) -> tuple[str, Iterator[str]]:
    """(whose outbox it is, the lines with that in their heading). Raises Invalid as an import does."""
    rest = iter(lines)
    heading = _heading(enumerate(rest, 1))
    address = _address(heading, node)
    return str(address), chain([json.dumps({**heading, "node": str(address)}) + "\n"], rest)


def _heading(numbered: Iterable[tuple[int, str]]) -> dict[str, Any]:
    for number, line in numbered:
        heading = _document(line, number)
        if heading.get("format") != FORMAT:
            break
        if heading.get("version") != VERSION:
            raise Invalid(f"The file has version {heading.get('version')!r}; this program reads version {VERSION}.")
        return heading
    raise Invalid("This is no export of an outbox: make one with `tocsin-edge outbox export --path FILE.db --to FILE`.")


def _document(line: str, number: int) -> dict[str, Any]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Invalid(
            f"Line {number} is no JSON ({error}): the file was cut off or changed; export it again."
        ) from None
    if not isinstance(document, dict):
        raise Invalid(f"Line {number} is no batch of an outbox.")
    return document


def _address(heading: dict[str, Any], node: str | None) -> NodeAddress:
    named = node or heading.get("node")
    if not isinstance(named, str):
        raise Invalid("The file does not say whose outbox it is: name the node with --node ESTATE/NAME.")
    estate, _, name = named.partition("/")
    try:
        return NodeAddress(estate, name)
    except TopicError as error:
        raise Invalid(f"{named!r} is no node ({error}); write it as ESTATE/NAME.") from None
