"""Who answered for a task and for how long, and how often it was passed on: the facts behind the custody clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Passing(StrEnum):
    """How a party let go of the lead."""

    DECLINED = "declined"
    EXPIRED = "expired"
    DECAYED = "decayed"
    HANDED_OVER = "handed_over"


REFUSALS = frozenset({Passing.DECLINED, Passing.EXPIRED})
"""No answer in time counts as a decline (governance.md, Assignment)."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """A party let go of the lead, or did not take it."""

    party_id: str
    at: datetime
    how: Passing


@dataclass(frozen=True, slots=True)
class Holding:
    """A stretch of time in which one party answered for the task. `accepted`: it had taken the lead; else a duty or an
    arbiter names it. `until` None: it does still.
    """

    party_id: str
    since: datetime
    until: datetime | None = None
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """How long a party held a task in all, how much of that as the accepted lead, and whether it does now."""

    party_id: str
    held: timedelta
    accepted: timedelta
    now: bool


def follow(
    holdings: tuple[Holding, ...], party_id: str | None, *, accepted: bool, now: datetime
) -> tuple[Holding, ...]:
    """The record as it is once this party answers; None: nobody has to any more. A stretch without length is none."""
    if holdings and holdings[-1].until is None:
        last = holdings[-1]
        if (last.party_id, last.accepted) == (party_id, accepted):
            return holdings
        holdings = (*holdings[:-1], replace(last, until=now)) if last.since < now else holdings[:-1]
    return holdings if party_id is None else (*holdings, Holding(party_id, now, None, accepted))


def shares(holdings: Iterable[Holding], now: datetime) -> tuple[Share, ...]:
    """By party, in the order in which they first held it. Their sum is the time for which the task was open."""
    found: dict[str, Share] = {}
    for one in holdings:
        length = (one.until or now) - one.since
        known = found.get(one.party_id, Share(one.party_id, timedelta(), timedelta(), now=False))
        taken = known.accepted + length if one.accepted else known.accepted
        found[one.party_id] = Share(one.party_id, known.held + length, taken, now=known.now or one.until is None)
    return tuple(found.values())
