"""The machine's own time, told so that nothing which waits for it is lost when somebody sets the clock (docs/adr/0014)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from cloud.application.clock_ports import ClockStep

STEP: Final = timedelta(seconds=5)
"""A change of the machine's clock by more than this within one look is a step, which people hear of."""

DOUBTED_FOR: Final = timedelta(hours=1)
"""Nothing is done that cannot be undone for so long after a step forward, after a start long after the last moment on
record, and after the machine has caught up with what was told before it was set back.
"""

HELD_AT_MOST: Final = timedelta(days=1)
"""A machine that starts further than this behind the last moment on record is believed: that moment was the wrong one."""

_SLOW: Final = 10
"""While the machine's clock is behind what was told already, one second in so many is left out."""

_UNDISTURBED_NS: Final = 1_000_000_000
"""Both clocks are read again where the process was held up between them for longer."""

_STEP_NS: Final = 5_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class SystemClock:
    """The machine's clock, which never runs backward: where that is set back, time goes on from where it was, nine seconds
    in ten, until the machine has caught up; where it is set forward, it is followed at once.

    `wall_ns`, `monotonic_ns`: nanoseconds since 1970, and of a clock that nobody sets. Safe to use from any thread.
    """

    def __init__(
        self, wall_ns: Callable[[], int] = time.time_ns, monotonic_ns: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._wall_ns, self._monotonic_ns = wall_ns, monotonic_ns
        self._lock = threading.Lock()
        self._steps: list[ClockStep] = []
        self._doubted_until: datetime | None = None
        self._wall, self._mono = self._both()
        self._told = self._wall

    def now(self) -> datetime:
        """Aware UTC now: the machine's time, unless a later one was told before."""
        with self._lock:
            return _moment(self._look())

    @property
    def outside(self) -> WallClock:
        """What the machine itself says, for whatever is compared with clocks outside."""
        return WallClock(self._wall_ns)

    def monotonic(self) -> float:
        """Seconds that never jump; only differences mean anything."""
        return self._monotonic_ns() / 1e9

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until `event` is set, or for so many seconds of this clock. Whether it was set."""
        return event.wait(seconds)

    def ahead(self) -> timedelta:
        """By how much what is told is later than the machine's clock: nothing, unless that was set back."""
        with self._lock:
            self._look()
            return timedelta(microseconds=(self._told - self._wall) // 1000)

    def doubted_until(self) -> datetime | None:
        """While this lies ahead it is not certain what time it is, and nothing is done that cannot be undone."""
        with self._lock:
            self._look()
            return self._doubted_until

    def take_steps(self) -> list[ClockStep]:
        """The steps of the machine's clock that nobody has taken yet."""
        with self._lock:
            self._look()
            steps, self._steps = self._steps, []
            return steps

    def goes_on_from(self, last: datetime) -> None:
        """`last`: the last moment on record, of an earlier process. What is due was reckoned from it, so that nothing
        earlier is told; unless it lies so far ahead that it must have been wrong.
        """
        with self._lock:
            told = self._look()
            gap = _moment(told) - last
            held = gap >= -HELD_AT_MOST
            if held and gap < timedelta(0):
                self._told = _nanoseconds(last)
            if gap < -STEP:
                self._steps.append(ClockStep(gap, _moment(self._told), believed=not held))
            if abs(gap) > DOUBTED_FOR:
                self._doubted_until = _moment(self._told) + DOUBTED_FOR

    def _look(self) -> int:
        """Reads both clocks; nanoseconds since 1970 that are to be told."""
        wall, mono = self._both()
        passed = mono - self._mono
        set_by = timedelta(microseconds=(wall - self._wall - passed) // 1000)
        self._told = max(wall, self._told + passed - passed // _SLOW)
        self._wall, self._mono = wall, mono
        if abs(set_by) > STEP:
            self._steps.append(ClockStep(set_by, _moment(self._told)))
        if set_by > STEP or self._told - wall > _STEP_NS:
            self._doubted_until = _moment(self._told) + DOUBTED_FOR
        return self._told

    def _both(self) -> tuple[int, int]:
        """The wall clock and the monotonic one at one moment."""
        while True:
            before, wall, after = self._monotonic_ns(), self._wall_ns(), self._monotonic_ns()
            if after - before < _UNDISTURBED_NS:
                return wall, before


class WallClock:
    """What the machine's clock says. It may run backward: nothing may be due by it."""

    def __init__(self, wall_ns: Callable[[], int]) -> None:
        self._wall_ns = wall_ns

    def now(self) -> datetime:
        return _moment(self._wall_ns())


def _moment(nanoseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def _nanoseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1) * 1000
