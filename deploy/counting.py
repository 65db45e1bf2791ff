"""Counting what was sent and what was stored, at a moment at which nothing is on its way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from deploy.errors import NotReady
from deploy.simulated_time import SimulatedTime
from edge.adapters.outbox_status import numbered_of, waiting_of
from firmware_sim.score import Incident, Readings

_WITHIN_S: Final = 60.0
_LOOK_EVERY_S: Final = 0.02

Answers = Callable[[], Awaitable[tuple[list[Incident], Readings]]]
"""What the cloud says now."""


async def counted_at_rest(
    outboxes: Sequence[Path], clock: SimulatedTime, answers: Answers
) -> tuple[list[Incident], Readings]:
    """Both sides of the books, taken while every batch ever numbered is acknowledged and none is added.

    Nodes observe on while we count, so time is slowed down to life's own speed, where seconds lie between two batches,
    and a count during which one was numbered is thrown away. Raises NotReady where something stays unacknowledged.
    """
    clock.speed = min(clock.speed, 1.0)
    deadline = time.monotonic() + _WITHIN_S
    while time.monotonic() < deadline:
        numbered = _numbered(outboxes)
        if _all_acknowledged(outboxes):
            incidents, readings = await answers()
            if _numbered(outboxes) == numbered:
                return incidents, _balanced(readings, numbered)
        await asyncio.sleep(_LOOK_EVERY_S)
    raise NotReady("What the nodes sent last was not acknowledged in time; their outboxes still hold it.")


def _numbered(outboxes: Sequence[Path]) -> int:
    return sum(sum(numbered_of(outbox).values()) for outbox in outboxes)


def _all_acknowledged(outboxes: Sequence[Path]) -> bool:
    return not any(waiting_of(outbox, numbered_of(outbox)) for outbox in outboxes)


def _balanced(readings: Readings, numbered: int) -> Readings:
    """Whatever was numbered and is neither stored, nor refused, nor given up by its node with a reason, is lost."""
    accounted = readings.stored + readings.refused + readings.void
    return replace(readings, sent=numbered, lost=max(readings.lost, numbered - accounted))
