"""What is durable but not yet said: telemetry is acknowledged together, events at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from schemas.batch import Stream, mark
from schemas.delivery import Ack, StreamAck
from schemas.topics import Channel, NodeAddress

COALESCE_S: Final = 0.5
"""How long an acknowledgement of telemetry may wait for company; wire.md allows a second."""

ENOUGH: Final = 16
"""Batches that are acknowledged without waiting: half of what a node may have in flight."""

FULL_CREDIT: Final = 32
"""Backlog batches that a node may have in flight while ingest is not busy."""

Send = Callable[[str, bytes], bool]
"""Publishes (topic, payload); False when there is no connection."""


def ranges(seqs: Iterable[int]) -> list[tuple[int, int]]:
    """Inclusive ranges, lowest first."""
    found: list[tuple[int, int]] = []
    for seq in sorted(seqs):
        if found and found[-1][1] == seq - 1:
            found[-1] = (found[-1][0], seq)
        else:
            found.append((seq, seq))
    return found


@dataclass(slots=True)
class _Waiting:
    """`stored`: number → the marks of the batches that came under it; more than one where a card was copied."""

    since: float
    stored: dict[int, list[int]] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)

    def answers(self, stream: Stream) -> list[StreamAck]:
        """One that names every number; others for what came under a number besides."""
        found: list[StreamAck] = []
        rest = self.stored
        while rest:
            seqs = sorted(rest)
            marks = [rest[seq][0] for seq in seqs]
            refused = [seq for seq in seqs if seq in self.refused]
            found.append(StreamAck(stream=stream, stored=ranges(seqs), marks=marks, refused=refused))
            rest = {seq: marks[1:] for seq, marks in rest.items() if len(marks) > 1}
        return found


class Acknowledgements:
    """Collects the numbers that are durable in one stream and says them per outbox. Used from one thread.

    An acknowledgement that cannot be sent is forgotten: the node repeats the batch and is answered then.
    """

    def __init__(
        self,
        stream: Stream,
        send: Send,
        *,
        credit: Callable[[], int] = lambda: FULL_CREDIT,
        coalesce_s: float = COALESCE_S,
        enough: int = ENOUGH,
    ) -> None:
        self._stream = stream
        self._send = send
        self._credit = credit
        self._coalesce_s = coalesce_s
        self._enough = enough
        self._waiting: dict[tuple[NodeAddress, str], _Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def note(
        self, address: NodeAddress, outbox: str, seq: int, digest: bytes, now: float, *, refused: bool = False
    ) -> None:
        """`now`: monotonic seconds."""
        key = (address, outbox)
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = _Waiting(now)
        marks = waiting.stored.setdefault(seq, [])
        if (known := mark(digest)) not in marks:
            marks.append(known)
        if refused:
            waiting.refused.add(seq)

    def say(self, now: float, *, everything: bool = False) -> int:
        """Send what is due. The number of batches acknowledged."""
        due = [key for key, waiting in self._waiting.items() if everything or self._is_due(waiting, now)]
        credit = self._credit() if due else 0
        said = 0
        for key in due:
            (address, outbox), waiting = key, self._waiting.pop(key)
            ack = Ack(outbox=outbox, streams=waiting.answers(self._stream), credit=credit)
            if self._send(address.topic(Channel.ACK), ack.model_dump_json().encode()):
                said += len(waiting.stored)
        return said

    def due_in(self, now: float) -> float | None:
        """Seconds until the next is due; None when nothing waits."""
        if not self._waiting:
            return None
        return max(0.0, min(waiting.since for waiting in self._waiting.values()) + self._coalesce_s - now)

    def _is_due(self, waiting: _Waiting, now: float) -> bool:
        return len(waiting.stored) >= self._enough or now - waiting.since >= self._coalesce_s
