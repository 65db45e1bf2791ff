"""When a reading was taken: the node's wall clock where it can be trusted, else counted back from the arrival."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from cloud.application.timeseries import SECOND, Quality, RawSample
from schemas.batch import Batch, ClockState
from schemas.telemetry import Reading

AHEAD_US: Final = 5 * SECOND
"""How far in the future a time may lie and still be believed: synchronised clocks differ by far less."""

_FAR_S: Final = 1e11
"""Three thousand years: what lies beyond is no time at all, and would not fit into 64 bits."""

_BOOTS_REMEMBERED: Final = 10_000


class BootOffsets:
    """Wall time minus monotonic time of boots whose clock was not synchronised, in microseconds.

    Decided once for a boot, first write wins, so that the distances between its readings stay what they were and a
    repeated batch gets the same times.
    """

    def __init__(self) -> None:
        self._offsets: OrderedDict[str, int] = OrderedDict()

    def decide(self, boot: str, offset: int) -> int:
        """The offset of this boot: what was decided before, else this one from now on."""
        decided = self._offsets.setdefault(boot, offset)
        if len(self._offsets) > _BOOTS_REMEMBERED:
            self._offsets.popitem(last=False)
        return decided

    def known(self, boot: str) -> int | None:
        return self._offsets.get(boot)


def boot_offset(batch: Batch, arrived: int, offsets: BootOffsets) -> int | None:
    """Microseconds to add to the monotonic time of a batch; None where its clock was synchronised and tells wall time.

    Within the boot that sent it, the arrival minus the time since. Of an earlier boot nobody knows how long ago it was:
    the arrival bounds it from above, so its last moment is put there, and nothing is decided for the rest of that boot.
    """
    if batch.clock is ClockState.SYNCHRONISED:
        return None
    if batch.sent_mono is not None and batch.sent_boot == batch.boot:
        return offsets.decide(batch.boot, arrived - _micros(batch.sent_mono))
    known = offsets.known(batch.boot)
    return arrived - _micros(batch.sealed_mono) if known is None else known


def samples(batch: Batch, readings: Sequence[Reading], arrived: int, offsets: BootOffsets) -> list[RawSample]:
    """Readings with the time they are stored under. `arrived`: microseconds since 1970.

    A time more than AHEAD_US after the arrival is kept as it is, and marked uncertain.
    """
    offset = boot_offset(batch, arrived, offsets)
    if offset is None:
        horizon = arrived + AHEAD_US
        times = [arrived if reading.time is None else _micros(reading.time) for reading in readings]
        return [(r.point, at, r.value, int(at > horizon)) for r, at in zip(readings, times, strict=True)]
    return [
        (r.point, arrived if r.mono is None else offset + _micros(r.mono), r.value, Quality.UNCERTAIN) for r in readings
    ]


def age_s(batch: Batch) -> float | None:
    """Seconds since the batch was sealed, by the node's monotonic clock; None when it has booted since."""
    return batch.age(batch.sealed_mono)


def _micros(seconds: float) -> int:
    return int(min(max(seconds, -_FAR_S), _FAR_S) * SECOND + 0.5)
