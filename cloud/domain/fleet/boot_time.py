"""When a boot's monotonic clock stood at zero: decided once for every boot whose wall clock could not be believed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

WORTH_KEEPING_US: Final = 60_000_000
"""A bound is written down anew when it is at least so much tighter: a backlog tightens it with every batch."""


@dataclass(frozen=True, slots=True)
class BootTime:
    """Microseconds since 1970. A record of this boot happened at `offset` plus its monotonic time.

    `earliest` and `latest` bound the true offset; None where nothing is known on that side. They are equal where the
    offset is known: the node was heard during that boot, or its clock was synchronised at some moment of it.
    """

    boot: str
    offset: int
    earliest: int | None
    latest: int

    @classmethod
    def known(cls, boot: str, offset: int) -> BootTime:
        """From a boot that lasts, or that knew the time."""
        return cls(boot, offset, offset, offset)

    @classmethod
    def bounded(cls, boot: str, earliest: int | None, latest: int) -> BootTime:
        """From a boot that is over and never knew the time. Put at its earliest, it cannot reach into the future."""
        if earliest is None or earliest > latest:
            return cls(boot, latest, None, latest)
        return cls(boot, earliest, earliest, latest)

    @property
    def exact(self) -> bool:
        return self.earliest == self.latest

    def offset_for(self, sealed_mono: int, arrived: int) -> int:
        """The offset for a batch: as decided, unless that would put what has arrived into the future."""
        return self.offset if self.exact else min(self.offset, arrived - sealed_mono)

    def tightened(self, latest: int) -> BootTime | None:
        """With a smaller upper bound, None where that is not worth a write. What was decided stays."""
        if self.exact or self.latest - latest < WORTH_KEEPING_US:
            return None
        return replace(self, latest=latest)
