"""One time for cloud, nodes and buildings. It moves only when it is moved, so nobody can run ahead of anybody."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
import uuid
from datetime import UTC, datetime, timedelta

from firmware_sim.building import TICK_S


class SimulatedTime:
    """Serves as the clock of the cloud and of every node at once: what one calls now, all do.

    Starts at the machine's present time and stands still between ticks of `TICK_S`. Work takes no time of this clock as
    long as it is done before the next tick. `speed`: at most so many of its seconds pass in one of the machine's.
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self.boot = str(uuid.uuid4())
        self._start = datetime.now(UTC)
        self._ticks = 0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    # -- what moves it -----------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Go on by one tick. Nobody is woken yet: what happens at this moment is told before."""
        self._ticks += 1

    def wake(self) -> None:
        """Wake who slept until now, in the order of their times. On the loop on which they sleep."""
        now = self.monotonic()
        while self._sleepers and self._sleepers[0][0] <= now:
            _, _, sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done():
                sleeper.set_result(None)

    # -- the clock that cloud and nodes are given ----------------------------------------------------------------------

    def monotonic(self) -> float:
        return self._ticks * TICK_S

    mono = monotonic

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self.monotonic())

    def wall(self) -> float:
        return self.now().timestamp()

    def synchronised(self) -> bool:
        return True

    @staticmethod
    async def offset() -> float | None:
        """There is no reference but this clock."""
        return None

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        sleeper = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.monotonic() + seconds, next(self._order), sleeper))
        await sleeper

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """For threads. What is left passes in no less of the machine's time than this, and may take longer."""
        until = self.monotonic() + seconds
        while (left := until - self.monotonic()) > 0:
            if event.wait(max(left, TICK_S) / self.speed):
                return True
        return event.is_set()
