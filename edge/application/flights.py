"""Batches that were sent and are not acknowledged yet."""

from __future__ import annotations

import random
from dataclasses import dataclass

from edge.application.ports import Clock, Sealed
from schemas.delivery import StreamAck

FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 60.0
ANSWERED_WITHIN_S = 2.0
"""What was sent less than so long ago may be stored already: the cloud gathers acknowledgements for up to a second."""


@dataclass(slots=True)
class _Flight:
    batch: Sealed
    sent: float
    due: float
    wait_s: float


class Flights:
    """One lane's batches under way. Each is sent again after a wait that doubles, with jitter, until it has landed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._flying: dict[int, _Flight] = {}

    def __len__(self) -> int:
        return len(self._flying)

    def __contains__(self, batch: Sealed) -> bool:
        return batch.place in self._flying

    def take_off(self, batch: Sealed) -> None:
        """The batch is being sent, for the first time or again."""
        before = self._flying.get(batch.place)
        wait_s = FIRST_WAIT_S if before is None else min(before.wait_s * 2, LONGEST_WAIT_S)
        jittered = wait_s * random.uniform(0.75, 1.25)  # noqa: S311 - spreads nodes, keeps no secret
        now = self._clock.mono()
        self._flying[batch.place] = _Flight(batch, now, now + jittered, wait_s)

    def overdue(self) -> list[Sealed]:
        """Those whose acknowledgement is missing for too long, oldest first."""
        now = self._clock.mono()
        return [flight.batch for _, flight in sorted(self._flying.items()) if flight.due <= now]

    def until_due(self) -> float | None:
        """Seconds until the next one is overdue; None while nothing is under way."""
        if not self._flying:
            return None
        return min(flight.due for flight in self._flying.values()) - self._clock.mono()

    def land(self, outbox: str, stream: StreamAck) -> None:
        """Acknowledged: gone from here."""
        self._flying = {
            place: flight
            for place, flight in self._flying.items()
            if not (
                flight.batch.outbox == outbox
                and flight.batch.stream == stream.stream
                and any(stored.has(flight.batch.seq, flight.batch.mark) for stored in stream.ranges())
            )
        }

    def hurry(self) -> None:
        """Everything is overdue now, as soon as an answer under way would have come, and waits little again."""
        now = self._clock.mono()
        for flight in self._flying.values():
            flight.due, flight.wait_s = min(flight.due, max(now, flight.sent + ANSWERED_WITHIN_S)), FIRST_WAIT_S / 2

    def clear(self) -> None:
        self._flying.clear()
