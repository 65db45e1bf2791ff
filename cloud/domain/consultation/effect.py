"""Did the alarms fall? Counts before a topic and after its task was closed, put side by side and no further."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from cloud.domain.community.names import Names

LOOKS_BACK: Final = timedelta(days=90)
"""The stretch before a topic that is counted: three of the months in which a pattern is looked for."""

SHORTEST: Final = timedelta(days=14)
"""Below this a rate per 30 days is more guess than count, so nothing is compared."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many alarms there were from `since` until before `until`."""

    since: datetime
    until: datetime
    alarms: int

    @property
    def span(self) -> timedelta:
        return max(self.until - self.since, timedelta())

    @property
    def days(self) -> int:
        """Whole days."""
        return self.span.days

    @property
    def per_30_days(self) -> Fraction | None:
        """Exact; None where the stretch is too short to say."""
        if self.span < SHORTEST:
            return None
        return Fraction(self.alarms) * Fraction(timedelta(days=30) // _MICRO, self.span // _MICRO)


_MICRO: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Effect:
    """What was measured, and when. `equipment`, `hazard`: of what; None: of any."""

    measured_at: datetime
    before: Counted
    after: Counted
    equipment: str | None = None
    hazard: str | None = None

    def told(self) -> Names:
        """In words that claim no more than the counts do."""
        zh = f"议题前 {self.before.days} 天报警 {self.before.alarms} 次，办结后 {self.after.days} 天报警 {self.after.alarms} 次"
        en = (
            f"{self.before.alarms} alarms in the {self.before.days} days before the topic, "
            f"{self.after.alarms} in the {self.after.days} days after its task was closed"
        )
        before, after = self.before.per_30_days, self.after.per_30_days
        if before is None or after is None:
            return Names(f"{zh}；时间太短，不作比较。", f"{en}; too short a time to compare.")
        zh = f"{zh}；每 30 天 {figure(before)} 次与 {figure(after)} 次"
        en = f"{en}; per 30 days {figure(before)} and {figure(after)}"
        return Names(f"{zh}。计数本身不说明原因。", f"{en}. The counts do not say why.")


def figure(rate: Fraction) -> str:
    """One decimal, rounded half up, without floats."""
    tenths = (rate * 10 + Fraction(1, 2)).__floor__()
    return f"{tenths // 10}.{tenths % 10}"


def stretch_before(opened_at: datetime, observed_since: datetime) -> tuple[datetime, datetime]:
    """What is counted before a topic: never a time in which nobody looked yet."""
    return min(max(opened_at - LOOKS_BACK, observed_since), opened_at), opened_at
