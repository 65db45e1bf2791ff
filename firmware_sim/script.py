"""Things that happen over simulated time, written as scripts: generators that say what they wait for."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

Wait = float | Callable[[], bool]
"""Seconds of simulated time, or a condition that is asked once a tick."""
Script = Generator[Wait, None, None]


@dataclass(slots=True)
class _Part:
    script: Script
    due: float
    until: Callable[[], bool] | None = None


@dataclass(slots=True)
class Stage:
    """Plays scripts in the order in which they came on; `now` is simulated seconds and moves only by `step`."""

    now: float = 0.0
    _parts: list[_Part] = field(default_factory=list)

    def play(self, script: Script) -> None:
        """Begin at the next step."""
        self._parts.append(_Part(script, self.now))

    def step(self, now: float) -> None:
        self.now = now
        playing, self._parts = self._parts, []
        staying = [part for part in playing if self._advance(part)]
        self._parts = staying + self._parts

    def _advance(self, part: _Part) -> bool:
        """True while the script goes on."""
        while part.until() if part.until is not None else part.due <= self.now:
            wait = next(part.script, None)
            if wait is None:
                return False
            part.until, part.due = (wait, part.due) if callable(wait) else (None, self.now + wait)
        return True

    @property
    def playing(self) -> int:
        return len(self._parts)
