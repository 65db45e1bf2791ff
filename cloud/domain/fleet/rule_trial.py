"""What a rule would have raised on the readings of the past: the node's own rule code, run over what it reported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from schemas.alarm_rules import AlarmRule, Cleared, Observed, Raised, Tick, Transition, begin, step
from schemas.evaluation import Value

MICROS: Final = 1e6
"""Microseconds in a second."""

_UNSEEN: Final = object()


class Seen(NamedTuple):
    """A reading of a point of the rule's equipment; `time` in microseconds since 1970."""

    time: int
    point: str
    value: Value


@dataclass(frozen=True, slots=True)
class TriedAlarm:
    """An alarm that the rule would have raised; times in microseconds since 1970. `pending_at`: since when its condition
    held, so that the on-delay ran; `cleared_at` None: it would still stand. `value` was held against `threshold`.
    """

    pending_at: int
    raised_at: int
    cleared_at: int | None
    point: str
    value: Value | None
    threshold: float | None

    def lasted_s(self, start: int, end: int) -> float:
        """Seconds of [start, end) during which it stood."""
        until = end if self.cleared_at is None else min(self.cleared_at, end)
        return max(until - max(self.raised_at, start), 0) / MICROS


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it from `start` to `end` (microseconds): the alarms that began there or stood already."""

    start: int
    end: int
    readings: int
    alarms: tuple[TriedAlarm, ...]

    @property
    def raised(self) -> int:
        """How many were raised within; one that stood at the beginning was raised before."""
        return sum(alarm.raised_at >= self.start for alarm in self.alarms)

    @property
    def stood_s(self) -> float:
        """Seconds during which it would have been in alarm."""
        return sum(alarm.lasted_s(self.start, self.end) for alarm in self.alarms)

    @property
    def longest_s(self) -> float:
        return max((alarm.lasted_s(self.start, self.end) for alarm in self.alarms), default=0.0)

    @property
    def standing(self) -> bool:
        """Whether it would be in alarm at the end."""
        return any(alarm.cleared_at is None for alarm in self.alarms)


def try_rule(rule: AlarmRule, readings: Iterable[Seen], start: int, end: int) -> Trial:
    """Run the rule over readings in the order of their times and keep what concerns [start, end) (microseconds).

    Those before `start` tell what held when it began. Between readings a value holds, as at the node; what changed
    within a point's deadband of reporting never left the node, so it is not seen here. Whether the rule is switched on
    is not asked: a trial says what it would do. Pure.
    """
    state, last = None, dict[str, object]()
    transitions: list[Transition] = []
    count = 0
    for seen in readings:
        if seen.time >= end:
            break
        mono = (seen.time - start) / MICROS
        if state is None:
            state = begin(rule, mono)
        count += seen.time >= start
        # As at the node: a repeat is a step only for a rule that waits for readings to stay away.
        if rule.asks_every_reading or last.get(seen.point, _UNSEEN) != seen.value:
            state, found, _ = step(rule, state, Observed(seen.point, seen.value), mono)
            transitions += found
        last[seen.point] = seen.value
    if state is None:
        return Trial(start, end, 0, ())
    transitions += step(rule, state, Tick(), (end - start) / MICROS).transitions
    alarms = _paired(rule, transitions, start)
    return Trial(start, end, count, tuple(one for one in alarms if one.cleared_at is None or one.cleared_at > start))


def _paired(rule: AlarmRule, transitions: Iterable[Transition], start: int) -> list[TriedAlarm]:
    alarms: list[TriedAlarm] = []
    on: Raised | None = None

    def ended(at: float | None, raised: Raised) -> TriedAlarm:
        begun = start + round(raised.mono * MICROS)
        over = None if at is None else start + round(at * MICROS)
        pending = begun - round(rule.on_delay_s * MICROS)
        return TriedAlarm(pending, begun, over, raised.point, raised.value, raised.threshold)

    for one in transitions:
        if isinstance(one, Cleared):
            if on is not None:
                alarms.append(ended(one.mono, on))
            on = None
        else:
            on = one
    return alarms if on is None else [*alarms, ended(None, on)]
