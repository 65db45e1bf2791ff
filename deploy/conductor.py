"""Moves the time of a whole simulation on, tick by tick, and only as fast as everybody follows."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from deploy.node_files import Address
from deploy.simulated_time import SimulatedTime
from firmware_sim.building import TICK_S
from firmware_sim.time_server import ARRIVED, GOAL, MARK_LINE

_LEAST_PAUSE_S: Final = 0.0005
"""Between two ticks, of the machine's time: the agents' own threads hear of edges and answer the loop in it."""
_MARK_WITHIN_S: Final = 5.0


@dataclass(slots=True)
class _Joined:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    tick: int = 0

    async def advance(self, tick: int) -> int:
        """Which boards told edges, as in `ARRIVED`."""
        self.writer.write(GOAL.pack(tick))
        self.tick, moved = ARRIVED.unpack(await self.reader.readexactly(ARRIVED.size))
        return int(moved)


class Mark:
    """Says when an agent has heard of all edges of a tick: it listens to `MARK_LINE` beside the agent, on the agent's own
    connection to the board, whose thread tells everything in order.
    """

    def __init__(self, pin_factory: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._passed = asyncio.Event()
        either_edge = 2
        pin_factory.connection.callback(MARK_LINE, either_edge, lambda *_: loop.call_soon_threadsafe(self._passed.set))

    async def passed(self) -> None:
        # An agent that lost its board hears nothing more: that is its affair, and time goes on.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._passed.wait(), _MARK_WITHIN_S)
        self._passed.clear()


class Conductor:
    """Runs on the loop of the agents, so that time cannot pass while they are busy: a machine too slow for the speed
    that was asked makes the run longer, never wrong. What is lost is not made up for in leaps; `behind_s` counts it.
    """

    def __init__(self, clock: SimulatedTime) -> None:
        self._clock = clock
        self._marks: Sequence[Mark] = ()
        self._estate: _Joined | None = None
        self._going = asyncio.Event()
        self._going.set()
        self.behind_s = 0.0
        """Seconds of the machine's time by which the run takes longer than its speed promises."""

    @property
    def estate_s(self) -> float:
        """Simulated seconds since the estate began to live."""
        return self._estate.tick * TICK_S if self._estate is not None else 0.0

    async def join(self, address: Address, marks: Sequence[Mark] = ()) -> float:
        """Take the estate along from now on, once its boards have their agents. Its epoch: this clock's wall time.

        `marks`: one a board, in the order of the nodes; time waits until they have passed.
        Raises ConnectionError, or IncompleteReadError, when the estate ended.
        """
        joined = _Joined(*await asyncio.open_connection(address.host, address.port))
        await joined.advance(0)
        self._estate, self._marks = joined, marks
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
            if not self._going.is_set():
                await self._going.wait()
                due = time.monotonic()
            await self._tick()

    @contextlib.asynccontextmanager
    async def held(self) -> AsyncIterator[None]:
        """Time stands still meanwhile."""
        self._going.clear()
        try:
            yield
        finally:
            self._going.set()

    async def _tick(self) -> None:
        self._clock.advance()
        if self._estate is not None:
            moved = await self._estate.advance(self._estate.tick + 1)
            for place, mark in enumerate(self._marks):
                if moved >> place & 1:
                    await mark.passed()
        self._clock.wake()

    def close(self) -> None:
        if self._estate is not None:
            self._estate.writer.close()
