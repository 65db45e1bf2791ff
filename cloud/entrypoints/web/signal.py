"""Which signals to draw around an event, and the readings of each made into traces of a chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from cloud.application.asking.views import AlertView, IncidentView
from cloud.application.timeseries import TimeSeriesReader, from_micros, to_micros
from cloud.domain.community.names import Language, Names
from cloud.entrypoints.web import times
from cloud.entrypoints.web.chart import Chart, Mark, Threshold, Trace
from cloud.entrypoints.web.traces import course, shape_of
from schemas.points import POINTS, Point

BEFORE: Final = timedelta(minutes=10)
AFTER: Final = timedelta(minutes=2)
TRACES: Final = 6

COMPANIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "lift": ("floor", "door-open", "at-level", "moving", "alarm-button", "presence"),
    "smoke_detector": ("obscuration-per-metre", "temperature", "alarm", "co"),
    "access_gate": ("open", "granted", "rex", "unlocked", "released"),
}
"""Beside the alarm's own point, what tells the story of each kind of equipment, most telling first."""

UNITS: Final[Mapping[str, tuple[str, float]]] = {"/": ("%", 100.0), "Cel": ("°C", 1.0), "count": ("", 1.0)}
"""How a SenML unit is written, and by how much its values grow for it."""

WORDS: Final = {
    "title": Names("事件前后的信号", "The signal around the event"),
    "empty": Names("这段时间没有读数", "no readings in this time"),
    "threshold": Names("报警阈值", "alarm at"),
    "onset": Names("报警", "Alarm"),
    "acknowledged": Names("响应", "Acknowledged"),
    "resolved": Names("处置完成", "Resolved"),
}


def known_point(kind: str, point: str) -> Point | None:
    return next((table.get(point) for name, table in POINTS.items() if name == kind), None)


def point_names(kind: str, point: str) -> Names:
    """What people call a point; one that is in no table, by its own name."""
    known = known_point(kind, point)
    return Names(known.zh, known.en) if known else Names(point, point)


def unit_of(kind: str, point: str) -> tuple[str, float]:
    """The unit in which people read a point, and by what its SI value is multiplied for that."""
    known = known_point(kind, point)
    unit = (known.unit if known else None) or ""
    word, factor = UNITS.get(unit, (unit, 1.0))
    return (f"{word}/m", factor) if point == "obscuration-per-metre" else (word, factor)


def measured(kind: str, point: str, value: str) -> str:
    """An alarm's value as it stands on a page, with its unit; what is no number, as it is."""
    try:
        plain = float(value)
    except ValueError:
        return value
    unit, factor = unit_of(kind, point)
    return number(plain * factor) + (unit if unit.startswith("%") or not unit else f" {unit}")


@dataclass(frozen=True, slots=True)
class _Wanted:
    alert: AlertView
    point: str
    label: Names
    known: Point | None

    @property
    def name(self) -> str:
        return f"{self.alert.equipment.id}/{self.point}"

    @property
    def unit(self) -> tuple[str, float]:
        return unit_of(self.alert.equipment.kind, self.point)


def _wanted(alerts: Sequence[AlertView]) -> list[_Wanted]:
    """The points of the first alerts' equipment: each alarm's own first, then its companions."""
    several = len({alert.equipment.id for alert in alerts}) > 1
    found: dict[str, _Wanted] = {}

    def add(alert: AlertView, point: str) -> None:
        known, label = known_point(alert.equipment.kind, point), point_names(alert.equipment.kind, point)
        if several:
            names = alert.equipment.names
            label = Names(f"{names.zh} {label.zh}", f"{names.en}: {label.en}")
        wanted = _Wanted(alert, point, label, known)
        found.setdefault(wanted.name, wanted)

    for alert in alerts:
        if alert.point:
            add(alert, alert.point)
    for alert in alerts:
        for point in COMPANIONS.get(alert.equipment.kind, ()):
            add(alert, point)
    return list(found.values())


@dataclass(frozen=True, slots=True)
class Signal:
    """Draws incidents of one estate in one language."""

    readings: TimeSeriesReader
    estate: str
    zone: ZoneInfo
    language: Language

    def _say(self, word: str) -> str:
        return WORDS[word].of(self.language)

    def _trace(self, wanted: _Wanted, start: int, end: int) -> Trace:
        unit, factor = wanted.unit
        dots = course(self.readings, self.estate, wanted.name, (start, end), factor)
        label = wanted.label.of(self.language) + (f" ({unit})" if unit else "")
        own = wanted.alert.point == wanted.point and wanted.alert.threshold is not None
        level = (wanted.alert.threshold or 0.0) * factor
        thresholds = [Threshold(level, f"{self._say('threshold')} {number(level)}{unit}")] if own else []
        return Trace(label, shape_of(dots, wanted.known), dots, thresholds, empty=self._say("empty"))

    def chart(self, incident: IncidentView, now: datetime) -> Chart | None:
        """From ten minutes before the onset to now, or to a little after the end. None when no alert has a point."""
        alerts = incident.alerts[:3]
        wanted = _wanted(alerts)
        if not wanted:
            return None
        task = incident.task
        onset = min((alert.started_at for alert in alerts if alert.started_at), default=task.opened_at)
        start, end = to_micros(onset - BEFORE), to_micros(min(now, task.closed_at + AFTER) if task.closed_at else now)
        traces: list[Trace] = []
        for n, each in enumerate(wanted):
            trace = self._trace(each, start, max(end, start + 1))
            # The alarm's own point is shown even when it is silent: that it is, is news. A silent companion is not.
            if trace.dots or n == 0:
                traces.append(trace)
            if len(traces) == TRACES:
                break
        moments = (("onset", onset), ("acknowledged", task.acknowledged_at), ("resolved", task.resolved_at))
        marks = [
            Mark(to_micros(at), f"{self._say(kind)} {times.clock(at, self.zone)}", kind)  # type: ignore[arg-type] # the three literals above
            for kind, at in moments
            if at is not None
        ]
        described = "; ".join([*(trace.label for trace in traces), *(mark.label for mark in marks)])
        return Chart(
            title=self._say("title"),
            description=described,
            start=start,
            end=max(end, start + 1),
            traces=traces,
            marks=marks,
            clock=lambda micros: times.clock(from_micros(micros), self.zone)[:5],
            number=number,
        )


def number(value: float) -> str:
    """Up to four significant digits, no exponent where people read it, no trailing zeros."""
    return f"{value:.4g}" if abs(value) < 10_000 else f"{value:.0f}"  # noqa: PLR2004 - where %g turns to exponents
