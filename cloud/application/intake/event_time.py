"""When an event happened: by the node's wall clock where it is believed, else by its monotonic one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cloud.application.intake.boot_times import FUTURE_TOLERANCE, micros
from cloud.application.timeseries import from_micros, to_micros
from cloud.domain.fleet.boot_time import BootTime
from schemas.batch import Batch, ClockState
from schemas.events import Event

LONGEST_RUN_S: Final = 20 * 366 * 86_400.0
"""No node runs for twenty years without a boot: such an age is a broken clock, and no reason to refuse its alarm."""


@dataclass(frozen=True, slots=True)
class When:
    """When an event happened: `at` by the best clock there is, `age` on arrival, `uncertain` where neither clock helps."""

    at: datetime
    age: timedelta | None
    uncertain: bool


def when(event: Event, batch: Batch, received_at: datetime, boot: BootTime | None) -> When:
    """The node's wall clock where it is synchronised and not ahead of ours; else its monotonic clock, counted from
    what was decided for its `boot` (None where every time in the batch is believed).
    """
    seconds = batch.age(event.mono)
    if seconds is not None and seconds > LONGEST_RUN_S:
        return When(received_at, None, uncertain=True)
    age = None if seconds is None else timedelta(seconds=seconds)
    believed = batch.clock is ClockState.SYNCHRONISED and event.t is not None and event.t <= latest_told(received_at)
    if boot is None or (believed and event.t is not None):
        told = datetime.fromtimestamp(event.t or 0.0, UTC)
        return When(told, age if age is not None else max(received_at - told, timedelta()), uncertain=False)
    arrived = to_micros(received_at)
    offset = boot.offset_for(micros(batch.sealed_mono), arrived)
    at = from_micros(max(min(offset + micros(event.mono), arrived), 0))
    if boot.exact and age is None:
        # Sent by a later boot, but the cloud knows when this one began: so it is known how old the news is.
        age = max(received_at - at, timedelta())
    ahead = batch.clock is ClockState.SYNCHRONISED and event.t is not None
    return When(at, age, uncertain=ahead or not boot.exact)


def latest_told(received_at: datetime) -> float:
    """Seconds since 1970 up to which a wall time is believed."""
    return (received_at + FUTURE_TOLERANCE).timestamp()
