"""What a condition says at one moment - true, false or unknown - with what it must remember, and until when it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Final, NamedTuple

from schemas.conditions import Absence, All, AnyOf, Condition, Count, Limit, Not, Rate, State

Value = bool | float | str
Truth = bool | None
"""True, false, or None: nobody knows, because a point was never observed or is known no longer (Kleene's logic)."""

MOST_LEVELS: Final = 64
"""A rate remembers so many levels exactly; beyond them its window is cut into as many slices, so that memory is bounded."""


class Memory(NamedTuple):
    """What one node of a condition remembers between two moments; `inner` for the conditions within it.

    `truth`: Limit, whether its deadband holds; Count, whether the value was there last; Absence, All and AnyOf, whether
    they had come true, and no more is known, since a restart.
    `since`: Absence, the last reading; All and AnyOf, when they came true.
    `moments`: Count, when the value was reached; Rate, until when each of `levels` but the last was held.
    `levels`: Rate, what could still be the lowest level in the window (highest for a fall: negated), lowest first.
    """

    truth: Truth = None
    since: float | None = None
    moments: tuple[float, ...] = ()
    levels: tuple[float, ...] = ()
    inner: tuple[Memory, ...] = ()


class Moment(NamedTuple):
    """One moment of the rule's equipment: its known values, the point whose reading just came, monotonic seconds."""

    values: Mapping[str, Value]
    seen: str | None
    at: float


class Verdict(NamedTuple):
    """`until`: when the condition may say something else although no reading comes; None where only a reading can."""

    truth: Truth
    memory: Memory
    until: float | None


class Cause(NamedTuple):
    """The part of a condition that made it true: which point, its value then, and the figure it was held against."""

    point: str
    value: Value | None
    threshold: float | None


def blank(condition: Condition) -> Memory:
    """The memory of a condition that has seen nothing yet."""
    return Memory(inner=tuple(blank(inner) for inner in _within(condition)))


def after_restart(condition: Condition, memory: Memory, stopped: float, started: float) -> Memory:
    """What outlives the clock that stopped, in that of the new boot: what had come true, so that it is not lost and found.

    A deadband holds, an absence lasts, and so does a duration that was over, until a reading says otherwise; a count
    that was reached stands for one window more. What had not come true starts over, and so does every Rate.
    """
    truth, since, moments, _, inner = memory
    match condition:
        case Limit():
            return Memory(truth=truth)
        case Count():
            reached = len(moments) >= condition.at_least and stopped < moments[-condition.at_least] + condition.window_s
            return Memory(truth=truth, moments=(started,) * condition.at_least if reached else ())
        case Absence():
            absent = truth or (since is not None and stopped >= since + condition.for_s)
            return Memory(truth=True) if absent else Memory(since=started)
        case All() | AnyOf() | Not():
            lasting = not isinstance(condition, Not) and since is not None and stopped >= since + condition.for_s
            parts = zip(_within(condition), inner, strict=True)
            within = tuple(after_restart(part, kept, stopped, started) for part, kept in parts)
            return Memory(truth=True if lasting or truth else None, inner=within)
        case State() | Rate():
            return Memory()


def evaluate(condition: Condition, memory: Memory, moment: Moment) -> Verdict:  # noqa: PLR0911 - one for each kind
    """What the condition says now. Asked twice at one moment without a reading, it says the same."""
    match condition:
        case State():
            value = moment.values.get(condition.point)
            return Verdict(None if value is None else value == condition.equals, memory, None)
        case Limit():
            return _limit(condition, memory, moment)
        case All() | AnyOf():
            return _together(condition, memory, moment)
        case Not():
            truth, inner, until = evaluate(condition.of, memory.inner[0], moment)
            return Verdict(None if truth is None else not truth, Memory(inner=(inner,)), until)
        case Count():
            return _count(condition, memory, moment)
        case Absence():
            return _absence(condition, memory, moment)
        case Rate():
            return _rate(condition, memory, moment)


def cause_of(condition: Condition, memory: Memory, moment: Moment) -> Cause:  # noqa: PLR0911 - one for each kind
    """The first part, in the order in which they are written, that makes a true condition true."""
    match condition:
        case All():
            return cause_of(condition.of[0], memory.inner[0], moment)
        case AnyOf():
            parts = list(zip(condition.of, memory.inner, strict=True))
            # None of them is true where a Not makes the whole so.
            return cause_of(*next((part for part in parts if evaluate(*part, moment).truth), parts[0]), moment)
        case Not():
            return cause_of(condition.of, memory.inner[0], moment)
        case Count():
            counted = sum(reached + condition.window_s > moment.at for reached in memory.moments)
            return Cause(condition.point, float(counted), float(condition.at_least))
        case Absence():
            return Cause(condition.point, None, condition.for_s)
    value = moment.values.get(condition.point)
    if isinstance(condition, State):
        return Cause(condition.point, value, None)
    first, second = (
        (condition.rise, condition.fall) if isinstance(condition, Rate) else (condition.above, condition.below)
    )
    return Cause(condition.point, value, second if first is None else first)


def sooner(*moments: float | None) -> float | None:
    """The earliest of the moments that are given at all."""
    return min((moment for moment in moments if moment is not None), default=None)


def _within(condition: Condition) -> Iterable[Condition]:
    if isinstance(condition, All | AnyOf):
        return condition.of
    return (condition.of,) if isinstance(condition, Not) else ()


def _number(moment: Moment, point: str) -> float | None:
    value = moment.values.get(point)
    return value if isinstance(value, int | float) and isfinite(value) else None


def _limit(limit: Limit, memory: Memory, moment: Moment) -> Verdict:
    value = _number(moment, limit.point)
    if value is None:
        return Verdict(None, memory, None)
    band = limit.deadband if memory.truth else 0.0
    truth = value >= limit.above - band if limit.above is not None else value <= (limit.below or 0.0) + band
    return Verdict(truth, memory if truth is memory.truth else Memory(truth=truth), None)


def _together(condition: All | AnyOf, memory: Memory, moment: Moment) -> Verdict:
    parts = [evaluate(part, inner, moment) for part, inner in zip(condition.of, memory.inner, strict=True)]
    truths = [part.truth for part in parts]
    decisive = isinstance(condition, AnyOf)  # one true part decides an AnyOf, one false part an All
    truth = decisive if decisive in truths else None if None in truths else not decisive
    since = memory.since
    if not truth:
        since = None
    elif since is None:
        since = _long_since(moment.at, condition.for_s) if memory.truth else moment.at
    lasting = memory.truth if truth is None else None
    until = sooner(*(part.until for part in parts))
    if since is not None and moment.at < since + condition.for_s:
        truth = False
        until = sooner(until, since + condition.for_s)
    return Verdict(truth, Memory(truth=lasting, since=since, inner=tuple(part.memory for part in parts)), until)


def _long_since(at: float, for_s: float) -> float:
    """A moment that lies `for_s` before `at` when it is added up again: a rounded one would end what lasts, and begin it anew."""
    since = at - for_s
    return since if since + for_s <= at else since - 1e-6


def _count(count: Count, memory: Memory, moment: Moment) -> Verdict:
    if moment.seen == count.point and count.point in moment.values:
        there = moment.values[count.point] == count.equals
        reached = (*memory.moments, moment.at) if there and not memory.truth else memory.moments
        kept = tuple(when for when in reached[-count.at_least :] if when + count.window_s > moment.at)
        memory = Memory(truth=there, moments=kept)
    if len(memory.moments) < count.at_least:
        return Verdict(False, memory, None)
    until = memory.moments[-count.at_least] + count.window_s
    return Verdict(True, memory, until) if moment.at < until else Verdict(False, memory, None)


def _absence(absence: Absence, memory: Memory, moment: Moment) -> Verdict:
    since = memory.since
    if moment.seen == absence.point and absence.point in moment.values:
        since = moment.at
    elif memory.truth:
        return Verdict(True, memory, None)
    since = moment.at if since is None else since
    memory = Memory(since=since)
    until = since + absence.for_s
    return Verdict(True, memory, None) if moment.at >= until else Verdict(False, memory, until)


def _rate(rate: Rate, memory: Memory, moment: Moment) -> Verdict:
    value = _number(moment, rate.point)
    if value is None:
        return Verdict(None, Memory(), None)
    if moment.seen == rate.point:
        memory = _moved(memory, value if rate.fall is None else -value, moment.at, rate.window_s)
    elif not memory.levels:
        return Verdict(None, memory, None)
    ends = [end + rate.window_s for end in memory.moments]
    first = next((place for place, end in enumerate(ends) if end > moment.at), len(ends))
    if memory.levels[-1] - memory.levels[first] < (rate.rise or rate.fall or 0.0):
        return Verdict(False, memory, None)
    return Verdict(True, memory, ends[first])


def _moved(memory: Memory, level: float, at: float, window_s: float) -> Memory:
    """A reading of a rate's point. A level that a later one undercuts can never again be the lowest: it is forgotten."""
    held = list(zip(memory.levels, (*memory.moments, at), strict=False))
    kept = [(low, end) for low, end in held if low < level and end + window_s > at]
    if len(kept) > MOST_LEVELS:
        # Of the levels that ended within one slice the lowest stands until the last of them ended: the window grows
        # by less than one part in 64, and no rise is missed.
        slices: dict[float, tuple[float, float]] = {}
        for low, end in kept:
            cut = end * MOST_LEVELS // window_s
            slices[cut] = (slices[cut][0] if cut in slices else low, end)
        kept = list(slices.values())
    return Memory(moments=tuple(end for _, end in kept), levels=(*(low for low, _ in kept), level))
