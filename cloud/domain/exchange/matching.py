"""Who can meet a need: offers and parties with the capability, in the place, in the hours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import time
from typing import Final, Literal

from cloud.domain.community.hours import Hours
from cloud.domain.community.party import Party
from cloud.domain.community.place import ancestry, is_within
from cloud.domain.exchange.posting import Posting, Side

_DAY: Final = 24 * 60
WEEK: Final = 7 * _DAY
"""Minutes in a week."""


@dataclass(frozen=True, slots=True)
class Match:
    """One who can meet a need. `minutes`: how long in a week the hours of both overlap; `closeness`: the depth of the
    area it holds for, so that who is nearest comes first.
    """

    by: Literal["offer", "party"]
    id: str
    minutes: int
    closeness: int


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _spans(hours: Hours) -> list[tuple[int, int]]:
    """The hours as minutes of the week, Monday 00:00 first; a night that runs into Monday is cut there."""
    found = []
    for day in hours.days:
        begin = (day - 1) * _DAY + _minute(hours.start)
        length = (_minute(hours.end) - _minute(hours.start)) % _DAY or (_DAY if hours.end <= hours.start else 0)
        end = begin + length
        found.append((begin, min(end, WEEK)))
        if end > WEEK:
            found.append((0, end - WEEK))
    return found


def shared_minutes(one: Hours, other: Hours) -> int:
    """How many minutes of a week lie in both."""
    return sum(
        max(0, min(end, other_end) - max(begin, other_begin))
        for begin, end in _merged(_spans(one))
        for other_begin, other_end in _merged(_spans(other))
    )


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without overlaps, so that no minute counts twice (a night shift may run into the next day's)."""
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def matches(need: Posting, offers: Iterable[Posting], parties: Iterable[Party]) -> list[Match]:
    """Everybody who can meet it: the nearest first, then whose hours fit best, then the earliest."""
    found: list[tuple[Match, str]] = []
    for offer in offers:
        fits = offer.open and offer.side is Side.OFFER and offer.member_id != need.member_id
        if fits and offer.capability == need.capability and is_within(need.place_id, offer.place_id):
            minutes = shared_minutes(need.hours, offer.hours)
            depth = sum(1 for _ in ancestry(offer.place_id))
            found.append((Match("offer", offer.id, minutes, depth), f"0{offer.posted_at.isoformat()}{offer.id}"))
    for party in parties:
        depth = party.closeness(need.place_id)
        if not party.external and depth >= 0 and need.capability in party.capabilities:
            minutes = shared_minutes(need.hours, party.hours)
            found.append((Match("party", party.id, minutes, depth), f"1{party.id}"))
    found = [(match, order) for match, order in found if match.minutes > 0]
    found.sort(key=lambda pair: (-pair[0].closeness, -pair[0].minutes, pair[1]))
    return [match for match, _ in found]
