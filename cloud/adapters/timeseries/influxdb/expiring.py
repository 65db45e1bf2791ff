"""Readings leave the bucket when their time is over, also one that would keep them for ever."""

from __future__ import annotations

from typing import Final, Protocol

import structlog

from cloud.application.timeseries import HOUR, ReadingsKept
from cloud.errors import ReadingsUnavailable

_BETWEEN: Final = 6 * HOUR
"""Of the clock's time: a deletion makes an engine go through all its series."""
_AFTER_TROUBLE: Final = HOUR


class Forgetful(Protocol):
    """The engine, as far as it forgets."""

    def forget(self, before: int) -> None: ...


class BucketExpirer:
    """An Upkeep. An engine that is down, or a token that may not delete, is told of and asked again later."""

    def __init__(self, engine: Forgetful, kept: ReadingsKept) -> None:
        self._engine, self._kept = engine, kept
        self._next_at = 0
        self._log = structlog.get_logger("cloud.influxdb")

    def step(self, now: int) -> float:
        if now >= self._next_at:
            try:
                self._engine.forget(now - self._kept.readings)
                self._next_at = now + _BETWEEN
            except ReadingsUnavailable as error:
                self._next_at = now + _AFTER_TROUBLE
                self._log.warning(
                    "readings whose time is over were not deleted; trying again in an hour", why=str(error)
                )
        return 1.0

    def close(self) -> None:
        pass
