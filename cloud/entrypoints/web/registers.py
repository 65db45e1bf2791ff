"""The registers on screen and on paper: choose one and a period, read it, print it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse

from cloud.application.estates.sign_in import Identity
from cloud.domain.records.inspection import Book
from cloud.entrypoints.api.access import Area, EstateId, Given, entrance
from cloud.entrypoints.web.language import N_
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages

BOOKS: Final[Mapping[Book, str]] = {
    Book.CONTROL_ROOM: N_("Fire control room duty record"),
    Book.PATROL: N_("Patrol and inspection record"),
    Book.MAINTENANCE: N_("Maintenance record"),
    Book.HANDOVER: N_("Shift handover record"),
}
SIGNATURES: Final[Mapping[Book, tuple[str, ...]]] = {
    Book.CONTROL_ROOM: (N_("On duty"), N_("Fire safety manager"), N_("Date")),
    Book.PATROL: (N_("Inspected by"), N_("Fire safety manager"), N_("Date")),
    Book.MAINTENANCE: (N_("Maintained by"), N_("Accepted by (property)"), N_("Date")),
    Book.HANDOVER: (N_("Handed over by"), N_("Taken over by"), N_("Date")),
}
SHOWN_AT_FIRST: Final = timedelta(days=6)
"""Before today: an inspector's usual first question is the last week."""


Inspecting = Annotated[Identity, Depends(entrance(Area.REGISTERS))]
From = Annotated[date | None, Query(alias="from")]


def registers(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/registers")
    def choose(request: Request, member: Inspecting, page: ThisPage) -> HTMLResponse:  # noqa: ARG001 - let in first
        first, last = _period(page.now, page.zone, None, None)
        return pages.respond(request, "registers.html", page.at("registers"), books=BOOKS, first=first, last=last)

    @router.get("/registers/{book}")
    def print_one(
        request: Request,
        services: Given,
        member: Inspecting,
        page: ThisPage,
        estate: EstateId,
        *,
        book: Book,
        first: From = None,
        to: date | None = None,
    ) -> HTMLResponse:
        first, last = _period(page.now, page.zone, first, to)
        start, end = (_midnight(day, page.zone) for day in (first, last + timedelta(days=1)))
        printed = services.registers(estate, book, start, end, member)
        return pages.respond(
            request,
            "register.html",
            page.at("registers"),
            printed=printed,
            title=BOOKS[book],
            signatures=SIGNATURES[book],
            first=first,
            last=last,
        )

    return router


def _period(now: datetime, zone: ZoneInfo, first: date | None, last: date | None) -> tuple[date, date]:
    """Whole days of the estate's own calendar."""
    end = last or now.astimezone(zone).date()
    return first or end - SHOWN_AT_FIRST, end


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
