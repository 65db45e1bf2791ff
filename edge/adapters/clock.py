"""The machine's own time: a monotonic clock that outlives the agent, the boot it counts from, and what the kernel trusts."""

from __future__ import annotations

import asyncio
import ctypes
import time
import uuid
from pathlib import Path

from edge.adapters.clock_offset import STA_PLL, Timex, kernel_offset, offset_by_chrony

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_TIME_ERROR = 5
"""What adjtimex answers while no reference steers the clock (adjtimex(2))."""


class SystemClock:
    """CLOCK_BOOTTIME counts on through suspend and across restarts of the agent, so `boot` is the kernel's boot id.

    Where the kernel has neither, every start of the agent is a boot of its own.
    """

    def __init__(self) -> None:
        try:
            self.boot = str(uuid.UUID(_BOOT_ID.read_text(encoding="ascii").strip()))
            self._clock_id = time.CLOCK_BOOTTIME
        except (OSError, ValueError, AttributeError):
            self.boot = str(uuid.uuid4())
            self._clock_id = time.CLOCK_MONOTONIC
        libc = ctypes.CDLL(None, use_errno=True)
        self._adjtimex = getattr(libc, "adjtimex", None)

    def mono(self) -> float:
        return time.clock_gettime(self._clock_id)

    def wall(self) -> float:
        return time.time()

    def synchronised(self) -> bool:
        """What the kernel says, whoever steers it: systemd-timesyncd, chrony, ntpd. False where it cannot be asked."""
        if self._adjtimex is None:
            return False
        answer: int = self._adjtimex(ctypes.byref(Timex()))
        return 0 <= answer < _TIME_ERROR

    async def offset(self) -> float | None:
        """As the kernel says, or chronyd where it steers by itself; None where the clock is not synchronised."""
        if self._adjtimex is None:
            return None
        said = Timex()
        if not 0 <= self._adjtimex(ctypes.byref(said)) < _TIME_ERROR:
            return None
        return kernel_offset(said) if said.status & STA_PLL else await offset_by_chrony()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
