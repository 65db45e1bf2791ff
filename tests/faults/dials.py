"""A clock with dials that a test turns while the program that tells time by it runs in another process."""

from __future__ import annotations

import asyncio
import mmap
import struct
import time
from pathlib import Path
from typing import Final

_LAYOUT: Final = struct.Struct("<5d")
_FIRST_MONO: Final = 1000.0


class Dials:
    """The test's side: sets the wall clock, says whether it is synchronised; a file carries it to the other process.

    `speed`: seconds that pass on this clock in one of the machine's. Monotonic time is one for everybody who looks.
    """

    def __init__(self, path: Path, *, wall: float | None = None, speed: float = 1.0, synchronised: bool = True) -> None:
        self.path = path
        self._base = time.clock_gettime(time.CLOCK_BOOTTIME)
        self._wall = time.time() if wall is None else wall
        self._speed = speed
        self._offset = 0.0
        self._synchronised = synchronised
        self._write()

    def wall_jumps(self, seconds: float) -> None:
        """Somebody sets the clock."""
        self._offset += seconds
        self._write()

    def wall_is(self, seconds: float) -> None:
        """The clock shows this now, seconds since 1970."""
        self._offset += seconds - DialClock(self.path, "").wall()
        self._write()

    def synchronised(self, yes: bool) -> None:
        self._synchronised = yes
        self._write()

    def _write(self) -> None:
        packed = _LAYOUT.pack(self._base, self._wall, self._speed, self._offset, float(self._synchronised))
        if self.path.exists():
            # In place: the other side has it mapped.
            with self.path.open("r+b") as file:
                file.write(packed)
        else:
            self.path.write_bytes(packed)


class DialClock:
    """The agent's side: an `edge.application.ports.Clock`."""

    def __init__(self, path: Path, boot: str) -> None:
        self.boot = boot
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def mono(self) -> float:
        base, _, speed, _, _ = _LAYOUT.unpack(self._map)
        return _FIRST_MONO + (time.clock_gettime(time.CLOCK_BOOTTIME) - base) * speed

    def wall(self) -> float:
        _, wall, _, offset, _ = _LAYOUT.unpack(self._map)
        return wall + offset + self.mono() - _FIRST_MONO

    def synchronised(self) -> bool:
        return bool(_LAYOUT.unpack(self._map)[4])

    @staticmethod
    async def offset() -> float | None:
        return None

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / _LAYOUT.unpack(self._map)[2])
