"""What is known of the machine's clock beside the time it tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ClockStep:
    """The machine's clock was set. `by`: forward where positive; `at`: the moment that was told then. `believed`: the machine
    started so far behind the last moment on record that this must have been wrong: time has gone back.
    """

    by: timedelta
    at: datetime
    believed: bool = False


class MachineClock(Protocol):
    """A clock that somebody may set, and that is told so that nothing is lost by it."""

    def now(self) -> datetime: ...

    def ahead(self) -> timedelta:
        """By how much what is told is later than what the machine says."""
        ...

    def doubted_until(self) -> datetime | None:
        """While this lies ahead, nothing is done that cannot be undone."""
        ...

    def take_steps(self) -> list[ClockStep]:
        """Each step once."""
        ...


class Doubts(Protocol):
    """Until when nothing is done that cannot be undone; None, or past, where nothing is doubted."""

    def __call__(self) -> datetime | None: ...


def never() -> datetime | None:
    """A clock that nobody doubts."""
    return None
