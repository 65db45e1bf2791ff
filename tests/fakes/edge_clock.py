"""Clocks that tests hold in their hands: one that moves when told, one that runs fast."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import time

BOOT = "0197a600-0000-7000-8000-000000000001"
NEXT_BOOT = "0197a600-0000-7000-8000-000000000002"
EPOCH = 1_795_420_800.0


class SteppedClock:
    """Time stands still until `advance`. Sleepers wake in the order of their due times."""

    def __init__(self, mono: float = 1000.0, *, boot: str = BOOT, synchronised: bool = True) -> None:
        self.boot = boot
        self._mono = mono
        self.wall_offset = EPOCH - mono
        self.in_step = synchronised
        self.behind: float | None = None
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def mono(self) -> float:
        return self._mono

    def wall(self) -> float:
        return self._mono + self.wall_offset

    def synchronised(self) -> bool:
        return self.in_step

    async def offset(self) -> float | None:
        return self.behind

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.wall_offset += seconds

    def set(self, mono: float) -> None:
        """Move without waking anybody: for code that is told the time and does not sleep."""
        self._mono = mono

    async def sleep(self, seconds: float) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._mono + max(seconds, 0.0), next(self._count), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let time pass; everything that sleeps until then runs at its own moment."""
        await self.settle()
        target = self._mono + seconds
        while self._sleepers and self._sleepers[0][0] <= target:
            due, _, future = heapq.heappop(self._sleepers)
            self._mono = max(self._mono, due)
            if not future.done():
                future.set_result(None)
                await self.settle()
        self._mono = target
        await self.settle()

    @staticmethod
    async def settle() -> None:
        """Let every task run as far as it can without time passing."""
        for _ in range(50):
            await asyncio.sleep(0)


class FastClock:
    """The machine's time, `speed` times as fast."""

    def __init__(self, speed: float = 1.0, *, boot: str = BOOT, synchronised: bool = True) -> None:
        self.boot = boot
        self._speed = speed
        self._began = time.monotonic()
        self._synchronised = synchronised

    def mono(self) -> float:
        return 1000.0 + (time.monotonic() - self._began) * self._speed

    def wall(self) -> float:
        return EPOCH + self.mono()

    def synchronised(self) -> bool:
        return self._synchronised

    @staticmethod
    async def offset() -> float | None:
        return None

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)
