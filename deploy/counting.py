"""Counting what was sent and what was stored, while time stands still and nothing is added."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from deploy.conductor import Conductor
from edge.adapters.outbox_status import numbered_of
from firmware_sim.score import Incident, Readings

_ATTEMPTS: Final = 8
_ARRIVE_WITHIN_S: Final = 4.0
_GO_ON_S: Final = 2.0
"""What waits for its turn, or is sent again, needs time that passes."""
_LOOK_EVERY_S: Final = 0.1

Answers = Callable[[], Awaitable[tuple[list[Incident], Readings]]]
"""What the cloud says now."""


async def counted_at_rest(
    outboxes: Sequence[Path], conductor: Conductor, answers: Answers
) -> tuple[list[Incident], Readings]:
    """Both sides of the books at one moment: time is held, so that nodes number nothing more, until the cloud has what
    is on its way. What is then numbered and accounted for nowhere, several times over, is lost.
    """
    for _ in range(_ATTEMPTS):
        async with conductor.held():
            deadline = time.monotonic() + _ARRIVE_WITHIN_S
            while time.monotonic() < deadline:
                incidents, readings = await answers()
                counted = _balanced(readings, _numbered(outboxes))
                if not counted.lost and counted.stored + counted.refused + counted.void == counted.sent:
                    return incidents, counted
                await asyncio.sleep(_LOOK_EVERY_S)
        await asyncio.sleep(_GO_ON_S)
    return incidents, counted


def _numbered(outboxes: Sequence[Path]) -> int:
    return sum(sum(numbered_of(outbox).values()) for outbox in outboxes)


def _balanced(readings: Readings, numbered: int) -> Readings:
    """Whatever was numbered and is neither stored, nor refused, nor given up by its node with a reason, is lost."""
    accounted = readings.stored + readings.refused + readings.void
    return replace(readings, sent=numbered, lost=max(readings.lost, numbered - accounted))
