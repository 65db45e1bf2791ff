"""A clock that moves when told, ids that count, and an announcer that remembers."""

from __future__ import annotations

from copy import copy
from datetime import UTC, datetime, timedelta

from cloud.adapters.clock import SystemClock
from cloud.application.clock_ports import ClockStep

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
"""A Monday, 11:00 in Shanghai."""


class FakeClock:
    def __init__(self, now: datetime = START) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def advance(self, **span: float) -> datetime:
        self._now += timedelta(**span)
        return self._now


class SetClock:
    """A clock that stands where it is put; `start` lets it run with the machine's."""

    def __init__(self, at: datetime) -> None:
        self._at, self._since = at, None

    def now(self) -> datetime:
        return self._at if self._since is None else self._at + (datetime.now(UTC) - self._since)

    def start(self) -> None:
        self._since = datetime.now(UTC)

    def pass_by(self, length: timedelta) -> None:
        self._at += length


class MachineThatIsSet:
    """A machine's two clocks: one that people and daemons set, one that nobody does."""

    def __init__(self, wall: datetime = START) -> None:
        self._wall, self._mono = round(wall.timestamp() * 1e9), 7_000_000_000

    def wall_ns(self) -> int:
        return self._wall

    def monotonic_ns(self) -> int:
        return self._mono

    def passes(self, **span: float) -> None:
        nanoseconds = round(timedelta(**span).total_seconds() * 1e9)
        self._wall += nanoseconds
        self._mono += nanoseconds

    def is_set(self, **by: float) -> None:
        """Somebody sets the clock, forward or back."""
        self._wall += round(timedelta(**by).total_seconds() * 1e9)

    def copied(self) -> MachineThatIsSet:
        return copy(self)

    def boots(self) -> SystemClock:
        """The clock of a process that starts now."""
        return SystemClock(self.wall_ns, self.monotonic_ns)


class MachineClock(FakeClock):
    """The program's own clock on such a machine; `advance`: so much real time passes."""

    def __init__(self, machine: MachineThatIsSet) -> None:
        self.machine, self.system = machine, machine.boots()

    def now(self) -> datetime:
        return self.system.now()

    def advance(self, **span: float) -> datetime:
        self.machine.passes(**span)
        return self.now()

    def doubted_until(self) -> datetime | None:
        return self.system.doubted_until()

    def ahead(self) -> timedelta:
        return self.system.ahead()

    def take_steps(self) -> list[ClockStep]:
        return self.system.take_steps()

    def reaches(self, moment: datetime) -> None:
        """Real time passes until that is told; more of it where told time goes slower."""
        while (left := moment - self.now()) > timedelta(0):
            self.machine.passes(seconds=max(left.total_seconds(), 1e-6))

    def goes_on_as(self, other: MachineClock) -> None:
        """The process is another one, on a machine that shows what the other's does."""
        self.machine = other.machine.copied()
        self.system = self.machine.boots()
        self.system.goes_on_from(other.now())


class CountingIds:
    """Ids that sort in the order in which they were given and read well in a failed test."""

    def __init__(self) -> None:
        self._count = 0

    def new(self, now: datetime) -> str:
        del now
        self._count += 1
        return f"id-{self._count:06d}"


class RecordingAnnouncer:
    def __init__(self) -> None:
        self.heard: list[tuple[str, int]] = []

    def announce(self, estate: str, seq: int) -> None:
        self.heard.append((estate, seq))


class AlwaysListening:
    """An ingest that has been connected since long ago, until it is told otherwise."""

    def __init__(self, since: datetime | None = START - timedelta(days=1)) -> None:
        self.since = since

    def deafen(self) -> None:
        self.since = None

    def reconnect(self, at: datetime) -> None:
        self.since = at

    def listening_since(self) -> datetime | None:
        return self.since
