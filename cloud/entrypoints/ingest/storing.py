"""How often is tried what did not succeed: storage in trouble for ever, the unexpected five times."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, TypeVar

import structlog

from cloud.application.asking.readiness import Readiness
from cloud.errors import ReadingsDamaged, ReadingsUnavailable, Unavailable

T = TypeVar("T")

TRIES: Final = 5
"""A message on which the program fails so often is taken for one that can never succeed (wire.md, The guarantee)."""

PAUSE_S: Final = 0.05
FIRST_WAIT_S: Final = 0.1
LONGEST_WAIT_S: Final = 5.0

LATER: Final = (Unavailable, ReadingsUnavailable, ReadingsDamaged)
"""Nothing was stored and nothing may be acknowledged; the message is not at fault."""


class Stopped(Exception):  # noqa: N818 - no error: the process is ending
    """The process ends before the storage came back. What was in hand was not acknowledged and comes again."""


class Storing:
    """One lane's way to the storage. Says trouble once when it begins and once when it is over."""

    def __init__(self, part: str, readiness: Readiness, stopping: threading.Event) -> None:
        self._part = part
        self._readiness = readiness
        self._stopping = stopping
        self._log = structlog.get_logger("cloud.ingest").bind(lane=part)

    def until_taken(self, do: Callable[[], T]) -> T:
        """Does it as often as the storage needs. Raises Stopped, and whatever else `do` raises."""
        wait = FIRST_WAIT_S
        while True:
            try:
                done = do()
            except LATER as trouble:
                sentence = f"nothing is stored or acknowledged, nodes keep what they have: {trouble}"
                if self._readiness.troubled(self._part, sentence):
                    self._log.error("storage does not take it; trying until it does", why=str(trouble))
                if self._stopping.wait(wait):
                    raise Stopped from trouble
                wait = min(wait * 2, LONGEST_WAIT_S)
            else:
                if self._readiness.well(self._part):
                    self._log.info("storage takes it again")
                return done

    def five_times(self, do: Callable[[], T]) -> T:
        """As `until_taken`, and what fails unexpectedly is tried five times. Raises the last failure."""
        for attempt in range(1, TRIES + 1):
            try:
                return self.until_taken(do)
            except Stopped:
                raise
            except Exception:
                self._log.exception("a message fails", attempt=attempt, of=TRIES)
                if attempt == TRIES:
                    raise
                if self._stopping.wait(PAUSE_S):
                    raise Stopped from None
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def however_long(self, do: Callable[[], T]) -> T:
        """Until it succeeds, whatever fails: for the last resort itself, which has nowhere to go."""
        while True:
            try:
                return self.five_times(do)
            except Stopped:
                raise
            except Exception as error:
                self._readiness.troubled(self._part, f"the last resort fails: {type(error).__name__}: {error}")
                if self._stopping.wait(LONGEST_WAIT_S):
                    raise Stopped from error
