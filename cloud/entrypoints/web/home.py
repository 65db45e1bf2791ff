"""Where a resident begins: their own reports, what is open in their building, and where they report."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from cloud.application.estates.sign_in import Identity
from cloud.application.tasks.resident_home import ResidentHome
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.web.page import Page, member_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.parts import SELDOM_S, part
from cloud.entrypoints.web.rendering import Pages

PART: Final = "/home/now"
Cursor = Annotated[str | None, Query(max_length=512)]


def home(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get(PART, response_class=Response)
    def now(
        request: Request, services: Given, member: CurrentNeighbour, estate: SharedEstate, *, cursor: Cursor = None
    ) -> Response:
        found = _home(services, member, estate, cursor)
        page = member_page(request, services, member, estate).at("home")
        return part(request, pages, "home_now.html", page, said=found, view=lambda: _shown(found, page, cursor))

    return router


def show_home(
    request: Request, services: Services, pages: Pages, member: Identity, *, estate: str, cursor: str | None
) -> HTMLResponse:
    found = _home(services, member, estate, cursor)
    page = member_page(request, services, member, estate).at("home")
    query = urlencode({"estate": estate, "lang": page.language, **({"cursor": cursor} if cursor else {})})
    shown = {**_shown(found, page, cursor), "query": f"?{query}", "every": SELDOM_S}
    return pages.respond(request, "home.html", page, **shown)


def _home(services: Services, member: Identity, estate: str, cursor: str | None) -> ResidentHome:
    return services.home(estate, member, cursors.decode_closing(cursor) if cursor else None)


def _shown(found: ResidentHome, page: Page, cursor: str | None) -> dict[str, Any]:
    """`older`: where older reports are, if there are any; `later`: whether newer ones are on another page."""
    older, reports = "", found.reports.reports
    if found.reports.more and reports:
        last = reports[-1]
        kept = {"estate": page.estate.id} if page.estate and len(page.estates) > 1 else {}
        older = f"/?{urlencode({**kept, 'cursor': cursors.encode((last.reported_at.isoformat(), last.id))})}"
    return {"home": found, "older": older, "later": cursor is not None}
