"""What templates say of times: in the visitor's language, on the clocks of the estate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from jinja2 import pass_context
from jinja2.runtime import Context

from cloud.application.asking.part_views import ClockView
from cloud.application.timeseries import from_micros
from cloud.entrypoints.web import times
from cloud.entrypoints.web.page import Page


def page_of(context: Context) -> Page:
    page = context["page"]
    assert isinstance(page, Page)
    return page


@pass_context
def ago(context: Context, moment: datetime) -> str:
    page = page_of(context)
    return times.ago(moment, page.now, page.language)


@pass_context
def exact(context: Context, moment: datetime) -> str:
    return times.exact(moment, page_of(context).zone)


@pass_context
def clock(context: Context, moment: datetime) -> str:
    return times.clock(moment, page_of(context).zone)


@pass_context
def minute(context: Context, moment: datetime) -> str:
    page = page_of(context)
    return times.minute(moment, page.zone, page.language)


@pass_context
def moment(context: Context, at: datetime) -> str:
    page = page_of(context)
    return times.moment(at, page.zone, page.language)


@pass_context
def day(context: Context, day: date) -> str:
    """A day with its year; a moment's day is that of the estate's zone."""
    page = page_of(context)
    return times.day(day.astimezone(page.zone) if isinstance(day, datetime) else day, page.language)


@pass_context
def day_of_year(context: Context, day: date) -> str:
    return times.day_of_year(day, page_of(context).language)


@pass_context
def hour(context: Context, moment: datetime) -> str:
    return times.hour(moment, page_of(context).zone)


@pass_context
def clock_left(context: Context, clock: ClockView) -> str:
    """What is left of a clock, or by how much it is over."""
    page = page_of(context)
    return times.left(clock.due_at - (clock.met_at or page.now), page.language)


@pass_context
def span(context: Context, seconds: float) -> str:
    return times.span(timedelta(seconds=seconds), page_of(context).language)


def of_micros(micros: int) -> datetime:
    return from_micros(micros)


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


TIME_FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "ago": ago,
    "exact": exact,
    "clock": clock,
    "minute": minute,
    "moment": moment,
    "day": day,
    "day_of_year": day_of_year,
    "hour": hour,
    "clock_left": clock_left,
    "span": span,
    "of_micros": of_micros,
    "iso": iso,
}
"""By the names templates call them."""
