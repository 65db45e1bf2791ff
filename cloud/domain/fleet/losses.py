"""What of a node's numbered batches is lost: it left the node, never arrived, and nothing explains it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from cloud.domain.fleet.progress import Ranges, gaps

DOUBTED_FOR: Final = timedelta(hours=24)
"""A node that does not say what it still holds sends the oldest first: what is missing for so long although later numbers
came is given up. A day, because that is what a node bears of an outage."""


class Said(NamedTuple):
    """What a node said of one stream of one outbox: the last number given (None: it does not know) and the lowest that
    still waits there (None: nothing does). `over`: it gives no numbers of this outbox any more.
    """

    given: int | None
    oldest: int | None
    over: bool = False

    def gone_up_to(self, highest: int) -> int:
        """Up to which number nothing lies at the node any more."""
        if self.oldest is not None:
            return self.oldest - 1
        return highest if self.given is None or self.over else self.given


class Judged(NamedTuple):
    """What a look changed. `found` counted as lost before, and has come or was explained after all."""

    declared: Ranges
    found: Ranges
    doubts_changed: bool

    @property
    def anything(self) -> bool:
        return bool(self.declared) or bool(self.found) or self.doubts_changed


@dataclass
class Losses:
    """One stream of one outbox: numbers declared `lost`; and those missing since `doubted_at` of which the node says
    nothing.
    """

    estate: str
    node_id: str
    outbox: str
    stream: str
    lost: Ranges = field(default_factory=Ranges)
    doubted: Ranges = field(default_factory=Ranges)
    doubted_at: datetime | None = None

    def judge(self, accounted: Ranges, said: Said | None, now: datetime) -> Judged:
        """Look at what is stored or void by now. `said`: what the node last said; None where it says nothing of this outbox.

        A number is lost when the node has given it and holds it no more, or when it stayed in doubt for a day. What is lost
        and comes is lost no more.
        """
        told = said.given or 0 if said is not None else 0
        missing = gaps(accounted, told)
        if said is not None:
            gone = Ranges(missing.within(1, said.gone_up_to(max(accounted.highest, told))))
            doubts_changed = self.doubted_at is not None
            self.doubted, self.doubted_at = Ranges(), None
        else:
            gone, doubts_changed = self._doubt(missing.minus(self.lost), now)
        declared, found = gone.minus(self.lost), self.lost.both(accounted)
        self.lost = self.lost.minus(accounted).union(declared)
        return Judged(declared, found, doubts_changed)

    def _doubt(self, missing: Ranges, now: datetime) -> tuple[Ranges, bool]:
        """(what was in doubt for too long, whether what is in doubt has changed)."""
        if self.doubted_at is not None and now - self.doubted_at < DOUBTED_FOR:
            still = self.doubted.both(missing)
            if still:
                changed = still != self.doubted
                self.doubted = still
                return Ranges(), changed
        over = self.doubted_at is not None and now - self.doubted_at >= DOUBTED_FOR
        gone = self.doubted.both(missing) if over else Ranges()
        rest = missing.minus(gone)
        changed = bool(rest) or self.doubted_at is not None
        self.doubted, self.doubted_at = rest, now if rest else None
        return gone, changed
