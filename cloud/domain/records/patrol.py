"""A patrol that somebody walked: which round, which points they saw, and where to read what they found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

MOST_POINTS: Final = 500
MAX_FINDINGS: Final = 4000

SAID_AGAIN: Final = timedelta(minutes=5)
"""Nobody walks the same round twice within it: whoever heard no answer sends it again."""


class Round(StrEnum):
    """Which round it was; a code, because the ledger takes no words of people."""

    DAILY = "daily"
    NIGHT = "night"
    TWO_HOURLY = "two_hourly"
    MONTHLY = "monthly_inspection"


@dataclass(frozen=True, slots=True)
class Patrol:
    """`points`: equipment and places that were seen, by their codes; `findings`: the id of the words among the personal data,
    None where nothing was found.
    """

    id: str
    estate: str
    party_id: str
    member_id: str
    at: datetime
    round: Round
    points: tuple[str, ...]
    findings: str | None = None

    def repeats(self, other: Patrol) -> bool:
        same = (self.member_id, self.round, self.points) == (other.member_id, other.round, other.points)
        return same and self.at - other.at <= SAID_AGAIN
