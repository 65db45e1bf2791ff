"""Alarm rules run over the readings that were stored, one after the other, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import Final

from cloud.application.timeseries import DAY, HOUR, TimeSeriesReader
from cloud.domain.fleet.rule_trial import Seen, Trial, try_rule
from schemas.alarm_rules import AlarmRule

RUN_IN: Final = HOUR
"""How far before the beginning readings tell what held then; points speak at least every quarter of an hour."""

_AT_ONCE: Final = 1_000_000
"""Of one point and day: more than ten a second, which no node sends."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule: what it does as it is in force, and as it is proposed, each None where there is no such rule."""

    rule: AlarmRule
    in_force: Trial | None
    proposed: Trial | None


def backtest(
    readings: TimeSeriesReader,
    estate: str,
    in_force: Sequence[AlarmRule],
    proposed: Sequence[AlarmRule],
    *,
    start: int,
    end: int,
    told: Callable[[int, int], None],
) -> Iterator[Tried]:
    """Rules that are in both and say the same are run once. Times in microseconds; `told`: rules so far, of how many.

    Raises ReadingsUnavailable.
    """
    now, then = ({rule.id: rule for rule in rules} for rules in (in_force, proposed))
    names = list(dict.fromkeys([*now, *then]))
    for number, name in enumerate(names):
        told(number, len(names))
        old, new = now.get(name), then.get(name)
        tried = None if old is None else try_rule(old, _seen(readings, estate, old, start, end), start, end)
        if new is not None and old is not None and new.fingerprint == old.fingerprint:
            again = tried
        else:
            again = None if new is None else try_rule(new, _seen(readings, estate, new, start, end), start, end)
        rule = new or old
        assert rule is not None
        yield Tried(rule, tried, again)
    told(len(names), len(names))


def _seen(readings: TimeSeriesReader, estate: str, rule: AlarmRule, start: int, end: int) -> Iterator[Seen]:
    """The readings of all its points in the order of their times, a day of them in memory at once."""
    begin = start - RUN_IN
    streams = [
        _of_point(readings, estate, rule.equipment, point, begin=begin, end=end) for point in sorted(rule.points)
    ]
    return merge(*streams, key=lambda seen: seen.time)


def _of_point(
    readings: TimeSeriesReader, estate: str, equipment: str, point: str, *, begin: int, end: int
) -> Iterator[Seen]:
    at = begin
    while at < end:
        until = min((at // DAY + 1) * DAY, end)
        for one in readings.read(estate, f"{equipment}/{point}", at, until, _AT_ONCE):
            yield Seen(one.time, point, one.value)
        at = until
