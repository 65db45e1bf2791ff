"""Between observing and the outbox: events are committed at once, readings once a second, and nothing waits for a disk."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping

from edge.application.alarms import Alarms
from edge.application.packing import ReadingTaken, packs_of
from edge.application.ports import Clock, Entries, Outbox, Sealed
from edge.application.timestamps import Timestamps
from edge.application.waiting import Wakeup
from edge.errors import OutboxError
from schemas.events import Event

TELEMETRY_EVERY_S = 1.0
_RETRY_S = 2.0
_MOST_READINGS_HELD = 20_000
"""While the disk refuses: about ten minutes of 32 points at 1 Hz, some 5 MB."""
_log = logging.getLogger(__name__)

OnSealed = Callable[[list[Sealed]], None]


class Keeper:
    """Takes what was observed and makes it durable. Adding never blocks and never fails."""

    def __init__(
        self, outbox: Outbox, clock: Clock, timestamps: Timestamps, alarms: Alarms, on_sealed: OnSealed
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._timestamps = timestamps
        self._alarms = alarms
        self._on_sealed = on_sealed
        self._events: list[Event] = []
        self._readings: list[ReadingTaken] = []
        self._memory: dict[str, Mapping[str, float]] = {}
        self._wakeup = Wakeup(clock)
        self._telemetry_due: float | None = None
        self.trouble: str | None = None
        """What the outbox last said when it could not commit; None while it can. Health reports it."""
        self.lost_readings = 0

    def events(self, events: Iterable[Event]) -> None:
        """Facts: committed as soon as the disk is free."""
        before = len(self._events)
        self._events.extend(events)
        if len(self._events) > before:
            self._wakeup.wake()

    def reading(self, reading: ReadingTaken) -> None:
        """A reading: committed within a second, with the others of that second."""
        if len(self._readings) >= _MOST_READINGS_HELD:
            self._readings.pop(0)
            self.lost_readings += 1
        self._readings.append(reading)
        if self._telemetry_due is None:
            self._telemetry_due = self._clock.mono() + TELEMETRY_EVERY_S
            self._wakeup.wake()

    def remember(self, equipment: str, memory: Mapping[str, float]) -> None:
        """What an interpreter must know after a restart; kept with the next commit."""
        self._memory[equipment] = memory

    async def run(self) -> None:
        """Commit for ever."""
        while True:
            await self._wakeup.wait(self._until_due())
            await self.flush(telemetry=self._telemetry_is_due())

    async def flush(self, *, telemetry: bool = True) -> bool:
        """Commit what waits. False where the outbox could not; nothing is lost then, and it is tried again."""
        events, readings, memory = self._events, self._readings if telemetry else [], self._memory
        if not (events or readings or memory or self.trouble):
            return True
        rules, removed = self._alarms.take_changes()
        self._events, self._memory = [], {}
        if telemetry:
            self._readings, self._telemetry_due = [], None
        entries = Entries(
            boot=self._clock.boot,
            mono=self._clock.mono(),
            wall=self._clock.wall(),
            clock=self._timestamps.state,
            events=events,
            packs=packs_of(readings),
            rules=rules,
            forgotten_rules=removed,
            memory=memory,
        )
        try:
            sealed = await self._outbox.commit(entries)
        except OutboxError as error:
            self._alarms.put_back(rules, removed)
            self._readings = readings + self._readings
            self._memory = dict(memory) | self._memory
            self._refused(error)
            await self._send_unkept(entries)
            return False
        self._accepted()
        self._on_sealed(sealed)
        return True

    def _telemetry_is_due(self) -> bool:
        return self._telemetry_due is not None and self._clock.mono() >= self._telemetry_due

    def _until_due(self) -> float | None:
        return None if self._telemetry_due is None else self._telemetry_due - self._clock.mono()

    async def _send_unkept(self, entries: Entries) -> None:
        """An alarm does not wait for the disk: it goes out now, and is kept as soon as the disk takes it."""
        if entries.events:
            self._on_sealed(await self._outbox.hold(entries))

    def _refused(self, error: OutboxError) -> None:
        if self.trouble is None:
            _log.error(
                "the outbox cannot commit: reflexes work on, alarms still go out, readings wait in memory",
                extra={
                    "why": str(error),
                    "what_to_do": "free disk space or replace the card; tocsin-edge doctor says more",
                },
            )
        self.trouble = str(error)
        self._telemetry_due = self._clock.mono() + _RETRY_S

    def _accepted(self) -> None:
        if self.trouble is not None:
            _log.warning("the outbox commits again", extra={"lost_readings": self.lost_readings})
        self.trouble = None
