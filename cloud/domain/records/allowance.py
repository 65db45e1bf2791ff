"""How much a channel that rings or costs money may be used: by repeats to one member, and altogether in a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

WINDOW: Final = timedelta(minutes=10)
DAY: Final = timedelta(hours=24)


class Spared(StrEnum):
    """Why a message does not go through such a channel now."""

    MEMBER = "told_often_enough"
    """It was told enough of this task lately."""
    ACCOUNT = "allowance_spent"
    """The channel has carried what a day allows."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What one channel has carried: `to_member` in the last window to this member about this task, oldest first; `in_day`
    altogether in the last 24 hours. `first`: nothing about this task has reached the member yet, through any channel.
    """

    to_member: Sequence[datetime] = ()
    in_day: int = 0
    first: bool = True


@dataclass(frozen=True, slots=True)
class Allowance:
    """`per_member` messages or calls about one task in ten minutes, where no life is at stake. `per_day` through one
    channel; where life is at stake `per_day_life_safety`. The first message about a danger to life always goes.
    """

    per_member: int = 3
    per_day: int = 500
    per_day_life_safety: int = 2000

    def refusal(self, spent: Spent, *, life_safety: bool) -> Spared | None:
        if life_safety and spent.first:
            return None
        if spent.in_day >= (self.per_day_life_safety if life_safety else self.per_day):
            return Spared.ACCOUNT
        if not life_safety and len(spent.to_member) >= self.per_member:
            return Spared.MEMBER
        return None

    def free_at(self, spent: Spent) -> datetime:
        """When the member may be told again: when enough of what was sent has left the window."""
        return spent.to_member[-self.per_member] + WINDOW
