"""Boot → offset, decided once and durably before any record of that boot is stored (wire.md, Time).

Kept with the state, so that events and telemetry, which are stored in two files, get the same; and so that a cloud that
is started again, and a batch that is sent again, do too.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from cloud.application.fleet_ports import Boots
from cloud.application.ports import UnitOfWork, UnitsOfWork
from cloud.application.timeseries import SECOND, to_micros
from cloud.domain.fleet.boot_time import BootTime
from schemas.batch import Batch, Stream
from schemas.events import EventBatch
from schemas.topics import NodeAddress

FUTURE_TOLERANCE: Final = timedelta(minutes=1)
"""A wall time further ahead than this is uncertain (wire.md, Time): two honest clocks differ by less."""

_FAR_S: Final = 1e11
"""Three thousand years: what lies beyond is no time at all, and would not fit into 64 bits."""
_REMEMBERED: Final = 10_000


def decide(uow: UnitOfWork, address: NodeAddress, batch: Batch, arrived: int) -> BootTime:
    """The offset of the batch's boot, decided now unless it was before: first write wins.

    Part of the caller's transaction. `arrived`: microseconds since 1970.
    """
    found = uow.boots.find(address, batch.boot)
    if found is None:
        return uow.boots.decide(address, _judged(uow, batch, arrived))
    latest = arrived - micros(batch.sealed_mono)
    if (tighter := found.tightened(latest)) is not None:
        uow.boots.tighten(address, tighter)
        return tighter
    return found


def learn(
    boots: Boots, address: NodeAddress, boot: str, *, t: float | None, mono: float, received_at: datetime
) -> None:
    """A node whose clock is synchronised says what it is: from now on there is a time for what it stored before it knew.

    `t`: seconds since 1970 at `mono`; None, or a time to come, decides nothing.
    """
    if t is not None and micros(t) <= to_micros(received_at + FUTURE_TOLERANCE):
        boots.decide(address, BootTime.known(boot, micros(t) - micros(mono)))


def micros(seconds: float) -> int:
    """Microseconds, bounded to what 64 bits can hold."""
    return int(min(max(seconds, -_FAR_S), _FAR_S) * SECOND + 0.5)


class BootTimes:
    """For telemetry: a transaction of its own at the first batch of a boot, memory afterwards. Used from one thread."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units
        self._known: OrderedDict[tuple[NodeAddress, str], BootTime] = OrderedDict()

    def __call__(self, address: NodeAddress, batch: Batch, arrived: int) -> BootTime:
        """As `decide`. Raises cloud.errors.Unavailable; then nothing of the batch may be stored yet."""
        key = (address, batch.boot)
        known = self._known.get(key)
        if known is not None and known.tightened(arrived - micros(batch.sealed_mono)) is None:
            return known
        with self._units.writing() as uow:
            decided = decide(uow, address, batch, arrived)
            uow.commit()
        self._known[key] = decided
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return decided


def _judged(uow: UnitOfWork, batch: Batch, arrived: int) -> BootTime:
    """Within the boot that sent it, the arrival minus the time since. Of an earlier boot nobody knows how long ago it
    was: its batch was sealed before it arrived, and after the last thing that the same outbox told before it.
    """
    if batch.sent_mono is not None and batch.sent_boot == batch.boot:
        return BootTime.known(batch.boot, arrived - micros(batch.sent_mono))
    sealed = micros(batch.sealed_mono)
    before = uow.batches.certain_before(batch.outbox, _first_unknown(uow, batch))
    earliest = None if before is None else to_micros(before) - sealed
    return BootTime.bounded(batch.boot, earliest, arrived - sealed)


def _first_unknown(uow: UnitOfWork, batch: Batch) -> int:
    """The seq among events from which on the batch's boot may have spoken.

    Every boot begins with an event, and had it come, the boot's offset would be decided: for telemetry it is at the
    earliest the first event that has not come.
    """
    if isinstance(batch, EventBatch):
        return batch.seq
    progress = uow.batches.progress(batch.outbox, Stream.EVENTS.value)
    for first, last in progress.stored if progress else ():
        return last + 1 if first == 1 else 1
    return 1
