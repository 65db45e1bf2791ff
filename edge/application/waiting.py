"""Waiting for whichever comes first: news, or a time on the node's own clock."""

from __future__ import annotations

import asyncio

from edge.application.ports import Clock


class Wakeup:
    """One task sleeps here; anybody may wake it. News that comes while it works is kept for its next wait."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._news = asyncio.Event()

    def wake(self) -> None:
        self._news.set()

    async def wait(self, seconds: float | None) -> bool:
        """Until woken (True), or until `seconds` have passed (False). None waits for news alone."""
        if seconds is None:
            await self._news.wait()
        elif not self._news.is_set():
            await self._race(max(seconds, 0.0))
        woken = self._news.is_set()
        self._news.clear()
        return woken

    async def _race(self, seconds: float) -> None:
        racers = [asyncio.ensure_future(self._news.wait()), asyncio.ensure_future(self._clock.sleep(seconds))]
        try:
            await asyncio.wait(racers, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for racer in racers:
                racer.cancel()
