"""The outside heartbeat: somebody elsewhere is told that all is well, and rings when that word stops coming."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from cloud.errors import Unavailable


class Outside(Protocol):
    """The service that expects the heartbeat (healthchecks.io, Uptime Kuma, Dead Man's Snitch, a probe of one's own)."""

    def beat(self) -> None:
        """Say that all is well. Raises cloud.errors.Unavailable when it could not be said."""
        ...


class Heartbeat:
    """Beats only while no part of this process is in trouble: who watches must hear silence when people would not be
    called. A beat that could not be said changes nothing else - the watcher notices by itself.
    """

    def __init__(self, outside: Outside, troubles: Callable[[], Mapping[str, str]]) -> None:
        self._outside, self._troubles = outside, troubles
        self.failing: str | None = None
        """Why the last beat was not said; None when it was, or was held back on purpose."""

    def __call__(self) -> bool:
        """Whether a beat went out."""
        if self._troubles():
            return False
        try:
            self._outside.beat()
        except Unavailable as error:
            self.failing = str(error)
            return False
        self.failing = None
        return True
