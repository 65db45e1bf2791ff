"""Moves the time of a whole simulation on, tick by tick, and only as fast as everybody follows."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from deploy.node_files import Address
from deploy.simulated_time import SimulatedTime
from firmware_sim.building import TICK_S
from firmware_sim.time_server import TICK

_LEAST_PAUSE_S: Final = 0.0005
"""Between two ticks, of the machine's time: the agents' own threads hear of edges and answer the loop in it."""


@dataclass(slots=True)
class _Joined:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    tick: int = 0

    async def advance(self, tick: int) -> None:
        self.writer.write(TICK.pack(tick))
        (self.tick,) = TICK.unpack(await self.reader.readexactly(TICK.size))


class Conductor:
    """Runs on the loop of the agents, so that time cannot pass while they are busy: a machine too slow for the speed
    that was asked makes the run longer, never wrong. What is lost is not made up for in leaps; `behind_s` counts it.
    """

    def __init__(self, clock: SimulatedTime) -> None:
        self._clock = clock
        self._estate: _Joined | None = None
        self.behind_s = 0.0
        """Seconds of the machine's time by which the run takes longer than its speed promises."""

    @property
    def estate_s(self) -> float:
        """Simulated seconds since the estate began to live."""
        return self._estate.tick * TICK_S if self._estate is not None else 0.0

    async def join(self, address: Address) -> float:
        """Take the estate along from now on, once its boards have their agents. Its epoch: this clock's wall time.

        Raises ConnectionError, or IncompleteReadError, when the estate ended.
        """
        joined = _Joined(*await asyncio.open_connection(address.host, address.port))
        await joined.advance(0)
        self._estate = joined
        return self._clock.wall()

    async def run(self) -> None:
        """For ever. Raises ConnectionError, or IncompleteReadError, when the estate ended."""
        due = time.monotonic()
        while True:
            pause = TICK_S / self._clock.speed
            due += pause
            left = due - time.monotonic()
            await asyncio.sleep(max(left, _LEAST_PAUSE_S))
            late = time.monotonic() - due - pause
            if late > 0:
                due += late
                self.behind_s += late
            await self._tick()

    async def _tick(self) -> None:
        self._clock.advance()
        if self._estate is not None:
            await self._estate.advance(self._estate.tick + 1)
        self._clock.wake()

    def close(self) -> None:
        if self._estate is not None:
            self._estate.writer.close()
