"""When a reading was taken: the node's wall clock where it can be trusted, else its monotonic clock and its boot's offset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cloud.application.intake.boot_times import micros
from cloud.application.timeseries import SECOND, Quality, RawSample
from schemas.batch import Batch
from schemas.telemetry import Reading

AHEAD_US: Final = 5 * SECOND
"""How far in the future a time may lie and still be believed: synchronised clocks differ by far less."""


def samples(readings: Sequence[Reading], arrived: int, *, believed: bool, offset: int) -> list[RawSample]:
    """Readings with the time they are stored under. `arrived`: microseconds since 1970.

    `believed`: the clock was synchronised, and its times hold unless they lie more than AHEAD_US after the arrival: kept
    as they are, they would stand as the point's latest for years. Those, and all where it was not, are told by monotonic
    time and `offset`, the microseconds to add to it, and are uncertain.
    """
    horizon = arrived + AHEAD_US
    found: list[RawSample] = []
    for reading in readings:
        at = arrived if reading.time is None else micros(reading.time)
        quality = Quality.TRUSTED
        if not believed or at > horizon:
            quality = Quality.UNCERTAIN
            at = arrived if reading.mono is None else offset + micros(reading.mono)
        found.append((reading.point, at if at <= horizon else arrived, reading.value, quality))
    return found


def age_s(batch: Batch) -> float | None:
    """Seconds since the batch was sealed, by the node's monotonic clock; None when it has booted since."""
    return batch.age(batch.sealed_mono)
