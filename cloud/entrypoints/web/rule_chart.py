"""A rule's trial as one SVG: the points it reads, its figures drawn in, and below them the alarms before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from cloud.application.fleet.rule_questions import ComparedTrials
from cloud.application.timeseries import DAY, TimeSeriesReader, from_micros
from cloud.domain.community.names import Language, Names
from cloud.domain.fleet.rule_trial import Trial
from cloud.entrypoints.web import times
from cloud.entrypoints.web.chart import Chart, Mark, Span, Threshold, Trace
from cloud.entrypoints.web.signal import known_point, number, point_names, unit_of
from cloud.entrypoints.web.traces import course, shape_of
from schemas.alarm_rules import AlarmRule
from schemas.conditions import All, AnyOf, Condition, Limit, Not

POINTS: Final = 4
"""So many points are drawn; those with a threshold first."""

MARKED: Final = 6
"""Up to so many alarms are marked through all points; more are read off their lane."""

WORDS: Final = {
    "title": Names("规则试算", "The rule on trial"),
    "empty": Names("这段时间没有读数", "no readings in this time"),
    "now": Names("现行规则的报警", "Alarms of the rule as it is"),
    "then": Names("拟改规则的报警", "Alarms of the rule as proposed"),
    "none": Names("不会报警", "none"),
    "at": Names("现行阈值", "as it is"),
    "proposed": Names("拟改阈值", "as proposed"),
    "onset": Names("报警", "Alarm"),
}


@dataclass(frozen=True, slots=True)
class RuleChart:
    """Draws trials of one estate in one language. `kind`: of the equipment, which knows its points."""

    readings: TimeSeriesReader
    estate: str
    kind: str
    zone: ZoneInfo
    language: Language

    def _say(self, word: str) -> str:
        return WORDS[word].of(self.language)

    def draw_from(self, tried: ComparedTrials) -> Chart:
        traces = [self._trace(tried, point) for point in _drawn(tried)]
        traces += [self._lane("now", tried.now), self._lane("then", tried.then)]
        many = len(tried.then.alarms) > MARKED
        marks = [] if many else [
            Mark(max(one.raised_at, tried.start), f"{self._say('onset')} {self._clock(one.raised_at, tried)}", "onset")
            for one in tried.then.alarms
        ]  # fmt: skip
        return Chart(
            title=self._say("title"),
            description="; ".join(trace.label for trace in traces),
            start=tried.start,
            end=tried.end,
            traces=traces,
            marks=marks,
            clock=lambda micros: self._clock(micros, tried),
            number=number,
        )

    def _clock(self, micros: int, tried: ComparedTrials) -> str:
        at: datetime = from_micros(micros).astimezone(self.zone)
        return f"{at:%H:%M}" if tried.end - tried.start <= DAY else times.day_of_year(at, self.language)

    def _trace(self, tried: ComparedTrials, point: str) -> Trace:
        unit, factor = unit_of(self.kind, point)
        name = f"{tried.rule.equipment}/{point}"
        dots = course(self.readings, self.estate, name, (tried.start, tried.end), factor)
        label = point_names(self.kind, point).of(self.language) + (f" ({unit})" if unit else "")
        now, then = (list(_limits_on(rule, point)) for rule in (tried.rule, tried.proposed))
        levels = [self._threshold(one, factor, "at") for one in now]
        levels += [self._threshold(one, factor, "proposed") for one in then if one not in now]
        return Trace(label, shape_of(dots, known_point(self.kind, point)), dots, levels, empty=self._say("empty"))

    def _threshold(self, limit: Limit, factor: float, word: str) -> Threshold:
        level = limit.above if limit.above is not None else limit.below or 0.0
        back = level - limit.deadband if limit.above is not None else level + limit.deadband
        label = f"{self._say(word)} {number(level * factor)}"
        kind = "alarm" if word == "at" else "proposed"
        return Threshold(level * factor, label, kind, back * factor if limit.deadband else None)  # type: ignore[arg-type] # the two literals

    def _lane(self, word: str, trial: Trial) -> Trace:
        spans = [
            Span(max(one.pending_at, trial.start), max(one.raised_at, trial.start), one.cleared_at or trial.end)
            for one in trial.alarms
        ]
        return Trace(self._say(word), "spans", (), spans=spans, empty=self._say("none"))


def _drawn(tried: ComparedTrials) -> Sequence[str]:
    limited = {one.point for rule in (tried.rule, tried.proposed) for one in _limits(rule)}
    points = tried.rule.points | tried.proposed.points
    return sorted(points, key=lambda point: (point not in limited, point))[:POINTS]


def _limits_on(rule: AlarmRule, point: str) -> Iterator[Limit]:
    return (one for one in _limits(rule) if one.point == point)


def _limits(rule: AlarmRule) -> Iterator[Limit]:
    yield from _within(rule.when)
    if rule.clear_when is not None:
        yield from _within(rule.clear_when)


def _within(condition: Condition) -> Iterator[Limit]:
    match condition:
        case Limit():
            yield condition
        case All() | AnyOf():
            for inner in condition.of:
                yield from _within(inner)
        case Not():
            yield from _within(condition.of)
        case _:
            return
