"""How good the alarms are: the figures by which ISA-18.2 and EEMUA 191 judge an alarm system, from the alarms there were.

Sources: ANSI/ISA-18.2 (IEC 62682), clause 16 "Monitoring and assessment", its alarm performance metrics and their
recommended targets; EEMUA 191 for the flood of more than ten alarms in ten minutes; equipment.md, "Alarm quality", for what
is shown. They count what is annunciated to one operating position; here that is an estate, or one building of it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.incidents.flood import FLOOD_WINDOW, MOST_SINGLE

DAY: Final = timedelta(days=1)
WORST: Final = 10
"""ISA-18.2, clause 16, frequently occurring alarms: the ten most frequent are looked at."""

MOST_A_DAY: Final = 150.0
"""ISA-18.2, clause 16, average annunciated alarm rate: very likely to be acceptable for one operating position."""

MOST_IN_TEN_MINUTES: Final = 1.0
"""The same as a rate; equipment.md: less than one in ten minutes per person."""

MOST_OF_TIME_FLOODED: Final = 0.01
"""ISA-18.2, clause 16, alarm floods: less than about 1 % of the time."""

MOST_OF_TEN_WORST: Final = 0.05
"""ISA-18.2, clause 16, frequently occurring alarms: the ten worst are less than about 1 to 5 % of all."""

MOST_STALE: Final = 5
"""ISA-18.2, clause 16, stale alarms: fewer than five on any day, with a plan for each."""

CHATTER_WINDOW: Final = timedelta(minutes=10)
CHATTER_MOST: Final = 5
"""More raises than this of one alarm within the window are chatter (equipment.md; ISA-18.2, clause 3, speaks of an alarm that
repeatedly comes and goes in a short time, and of three a minute as a first measure of it)."""

STALE_AFTER: Final = timedelta(hours=24)
"""ISA-18.2, clause 16: an alarm that stays annunciated for more than a day is stale."""


class Judged(StrEnum):
    """What people said of the incident that an alarm belongs to, once they had looked."""

    NOT_YET = "not_yet"
    TRUE = "true"
    FALSE = "false"


@dataclass(frozen=True, slots=True)
class AlarmRecord:
    """One raise of an alarm and what became of it. `ended_at` None: it stands. `answered`: somebody acknowledged its task or
    worked on it, which is what an alarm is for (ISA-18.2, clause 3: it requires a timely response).
    """

    hazard: str
    equipment: str
    place_id: str
    raised_at: datetime
    ended_at: datetime | None
    incident_id: str | None
    answered: bool = False
    judged: Judged = Judged.NOT_YET


@dataclass(frozen=True, slots=True)
class WorstPoint:
    """A hazard of one piece of equipment. `share` of all alarms; `chattered`: how often it did; `false`: how many of its
    incidents were judged false.
    """

    hazard: str
    equipment: str
    count: int
    share: float
    chattered: int
    false: int


@dataclass(frozen=True, slots=True)
class StandingAlarm:
    """An alarm that stands, or stood, for more than a day. `ended_at` None: still."""

    hazard: str
    equipment: str
    raised_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class AlarmQuality:
    """The figures from `start` to `end`. Shares are from 0 to 1, None where there was nothing to take a share of.

    `peak`: the most alarms in any ten minutes, which began at `peak_at`; `flooded`: share of the time in floods;
    `chattering`: alarms that chattered; `stale`: those that stood for more than a day; `worst`: the ten most frequent;
    `worst_share`: their share of all; `acted_on`: share of incidents that somebody answered; `nuisance`: share of the incidents
    that people judged which they judged false.
    """

    start: datetime
    end: datetime
    count: int
    per_day: float
    per_ten_minutes: float
    peak: int
    peak_at: datetime | None
    floods: int
    flooded: float
    chattering: int
    stale: Sequence[StandingAlarm]
    worst: Sequence[WorstPoint]
    worst_share: float | None
    incidents: int
    acted_on: float | None
    judged: int
    nuisance: float | None


def alarm_quality(records: Iterable[AlarmRecord], start: datetime, end: datetime) -> AlarmQuality:
    """The figures of [start, end). A record raised before `start` counts for nothing but standing long. Pure."""
    if end <= start:
        raise ValueError(f"no figures from {start} to {end}: the end comes first")
    known = sorted(records, key=lambda one: (one.raised_at, one.equipment, one.hazard))
    within = [one for one in known if start <= one.raised_at < end]
    times = [one.raised_at for one in within]
    peak, peak_at = _peak(times)
    floods, flooded = _floods(times, end)
    chatter = _chattering(within)
    incidents = {one.incident_id: one for one in within if one.incident_id is not None}
    judged = [one for one in incidents.values() if one.judged is not Judged.NOT_YET]
    worst = _worst(within, chatter)
    return AlarmQuality(
        start=start,
        end=end,
        count=len(within),
        per_day=len(within) / ((end - start) / DAY),
        per_ten_minutes=len(within) / ((end - start) / FLOOD_WINDOW),
        peak=peak,
        peak_at=peak_at,
        floods=floods,
        flooded=flooded / (end - start),
        chattering=len(chatter),
        stale=_stale(known, start, end),
        worst=worst,
        worst_share=_share(sum(one.count for one in worst), len(within)),
        incidents=len(incidents),
        acted_on=_share(sum(one.answered for one in incidents.values()), len(incidents)),
        judged=len(judged),
        nuisance=_share(sum(one.judged is Judged.FALSE for one in judged), len(judged)),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _peak(times: Sequence[datetime]) -> tuple[int, datetime | None]:
    """ISA-18.2, clause 16, peak annunciated alarm rate: the most in any ten minutes, wherever they begin, and when they did."""
    most, at, first = 0, None, 0
    for place, moment in enumerate(times):
        while moment - times[first] >= FLOOD_WINDOW:
            first += 1
        if place - first + 1 > most:
            most, at = place - first + 1, times[first]
    return most, at


def _floods(times: Sequence[datetime], end: datetime) -> tuple[int, timedelta]:
    """ISA-18.2, clause 16, alarm floods: how many there were, and how long they lasted together. A flood begins when more
    than ten come in ten minutes and is over when no ten minutes hold so many; windows that overlap are one.
    """
    count, total = 0, timedelta()
    until: datetime | None = None
    for first in range(len(times) - MOST_SINGLE):
        last = times[first + MOST_SINGLE]
        if last - times[first] >= FLOOD_WINDOW:
            continue
        over = min(times[first] + FLOOD_WINDOW, end)
        if until is None or times[first] > until:
            count, total = count + 1, total + (over - times[first])
        else:
            total += max(over - until, timedelta())
        until = over if until is None else max(over, until)
    return count, total


def _chattering(records: Iterable[AlarmRecord]) -> Counter[tuple[str, str]]:
    """ISA-18.2, clause 16, chattering and fleeting alarms: by alarm, in how many stretches it came more than five times in ten
    minutes.
    """
    by_alarm: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for one in records:
        by_alarm[one.hazard, one.equipment].append(one.raised_at)
    found: Counter[tuple[str, str]] = Counter()
    for alarm, times in by_alarm.items():
        reached = -1
        for first in range(len(times) - CHATTER_MOST):
            last = first + CHATTER_MOST
            if times[last] - times[first] >= CHATTER_WINDOW:
                continue
            found[alarm] += first > reached
            reached = last
    return found


def _stale(records: Iterable[AlarmRecord], start: datetime, end: datetime) -> list[StandingAlarm]:
    """ISA-18.2, clause 16, stale alarms: those that stood for more than a day at some moment of the time asked about, the
    longest first.
    """
    found = [
        StandingAlarm(one.hazard, one.equipment, one.raised_at, one.ended_at)
        for one in records
        if one.raised_at < end
        and (until := min(one.ended_at or end, end)) > start
        and until - one.raised_at > STALE_AFTER
    ]
    return sorted(found, key=lambda one: (one.raised_at - (one.ended_at or end), one.equipment, one.hazard))


def _worst(records: Sequence[AlarmRecord], chatter: Counter[tuple[str, str]]) -> list[WorstPoint]:
    """ISA-18.2, clause 16, frequently occurring alarms."""
    counted = Counter((one.hazard, one.equipment) for one in records)
    false: dict[tuple[str, str], set[str]] = defaultdict(set)
    for one in records:
        if one.judged is Judged.FALSE and one.incident_id is not None:
            false[one.hazard, one.equipment].add(one.incident_id)
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:WORST]
    return [
        WorstPoint(*alarm, count, count / len(records), chatter[alarm], len(false[alarm])) for alarm, count in ranked
    ]
