"""One piece of equipment: its readings over an hour, a day or a month, with the alarms' thresholds and onsets drawn in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from cloud.application.asking.equipment_course import CourseView, LevelView
from cloud.application.timeseries import TimeSeriesReader, from_micros, to_micros
from cloud.domain.community.names import Language, Names
from cloud.domain.incidents.equipment_state import EquipmentState
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.web import times
from cloud.entrypoints.web.chart import Chart, Mark, Threshold, Trace, draw
from cloud.entrypoints.web.page import Page, ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.routes import NARROW
from cloud.entrypoints.web.signal import COMPANIONS, known_point, number, point_names, unit_of
from cloud.entrypoints.web.traces import course, shape_of
from cloud.errors import ReadingsError
from schemas.hazards import hazard

EquipmentPath = Annotated[str, Path(max_length=96)]
PointName = Annotated[str | None, Query(max_length=64)]
Window = Literal["hour", "day", "month"]
LENGTHS: Final[Mapping[Window, timedelta]] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "month": timedelta(days=30),
}
TRACES: Final = 6
"""Drawn one above the other; more would not be seen together. Each of the rest can be chosen by itself."""
MARKS: Final = 12
"""Onsets drawn in; all of them stand in the list below."""
WIDE: Final = 1120.0
"""The chart has the page for itself: drawn for less, its text would be as large as headings."""
_DAY: Final = timedelta(days=1)

_TITLE: Final = Names("读数曲线", "Readings over time")
_EMPTY: Final = Names("这段时间没有读数", "no readings in this time")


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Draws the course of one piece of equipment in one language."""

    readings: TimeSeriesReader
    estate: str
    zone: ZoneInfo
    language: Language

    def chart(self, view: CourseView, points: Sequence[str], length: timedelta) -> Chart:
        between = to_micros(view.since), to_micros(view.now)
        begun = [(one.alert.started_at, one.alert.hazard_names) for one in view.alarms if not one.exercise]
        marks = [
            Mark(to_micros(at), f"{names.of(self.language)} {self._time(at, length)}", "onset")
            for at, names in begun[:MARKS]
            if at is not None and at >= view.since
        ]
        traces = [self._trace(view, point, between, stepped=length > _DAY) for point in points]
        return Chart(
            title=f"{view.piece.names.of(self.language)}: {_TITLE.of(self.language)}",
            description="; ".join([*(trace.label for trace in traces), *(mark.label for mark in marks)]),
            start=between[0],
            end=between[1],
            traces=traces,
            marks=marks,
            clock=lambda micros: self._time(from_micros(micros), length),
            number=number,
            zero=to_micros(view.now.astimezone(self.zone).replace(hour=0, minute=0, second=0, microsecond=0)),
        )

    def _time(self, moment: datetime, length: timedelta) -> str:
        local = moment.astimezone(self.zone)
        return times.day_of_year(local, self.language) if length > _DAY else f"{local:%H:%M}"

    def _trace(self, view: CourseView, point: str, between: tuple[int, int], *, stepped: bool) -> Trace:
        kind = view.piece.kind
        unit, factor = unit_of(kind, point)
        dots = course(self.readings, self.estate, f"{view.piece.id}/{point}", between, factor, stepped=stepped)
        label = point_names(kind, point).of(self.language) + (f" ({unit})" if unit else "")
        drawn = [self._threshold(level, unit, factor) for level in view.levels.get(point, ())]
        return Trace(label, shape_of(dots, known_point(kind, point)), dots, drawn, empty=_EMPTY.of(self.language))

    def _threshold(self, level: LevelView, unit: str, factor: float) -> Threshold:
        known = hazard(level.hazard)
        name = Names(known.zh, known.en).of(self.language)
        return Threshold(level.value * factor, f"{name}: {number(level.value * factor)}{unit}")


def drawn_points(view: CourseView, chosen: str | None) -> list[str]:
    """The one chosen, or the most telling of those that have ever said anything."""
    known = view.piece.readings
    if chosen is not None and known_point(view.piece.kind, chosen) is not None:
        return [chosen]
    telling = [point for point in COMPANIONS.get(view.piece.kind, ()) if point in known]
    return [*telling, *(point for point in known if point not in telling)][:TRACES]


def _drawings(
    services: Given, page: Page, view: CourseView, points: Sequence[str], length: timedelta
) -> Mapping[str, Markup] | None:
    """None where there is nothing to draw, or the store of readings does not answer."""
    assert page.estate is not None
    drawing = _Drawing(services.readings, page.estate.id, page.zone, page.language)
    if not points:
        return None
    try:
        chart = drawing.chart(view, points, length)
    except ReadingsError:
        return None
    # The chart escapes every text that goes into it (tests/unit/cloud/web/test_chart.py).
    return {name: Markup(draw(chart, width)) for name, width in (("wide", WIDE), ("narrow", NARROW))}  # noqa: S704


def _unheard(view: CourseView) -> bool:
    return EquipmentState.UNHEARD in view.piece.states


def equipment(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/equipment/{equipment_id:path}")
    def show(
        request: Request, services: Given, member: CurrentMember, page: ThisPage, estate: EstateId,
        *, equipment_id: EquipmentPath, window: Window = "hour", point: PointName = None,
    ) -> HTMLResponse:  # fmt: skip
        length = LENGTHS[window]
        view = services.equipment(estate, equipment_id, length, member)
        points = drawn_points(view, point)
        drawings = _drawings(services, page, view, points, length)
        shown = page.at("buildings", view.seq)
        register = services.queries.register(estate, member)
        known = register.equipment.get(equipment_id)
        upkeep, notes = services.assurance.upkeep.of_lift(estate, equipment_id, member)
        node = register.nodes.get(known.node_id) if known and known.node_id and _unheard(view) else None
        return pages.respond(
            request, "equipment.html", shown, view=view, drawings=drawings, points=points, node=node,
            window=window, windows=LENGTHS, chosen=point if points == [point] else None, upkeep=upkeep, notes=notes,
        )  # fmt: skip

    return router
