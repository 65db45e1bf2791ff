"""What everybody may see of a ledger, without signing in: its published heads, and how to check an export against them."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse, Response

from cloud.application.asking.feed_marks import FeedMark
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.feeds.atom import MEDIA_TYPE, PAGE, ledger_feed
from cloud.entrypoints.feeds.conditional import answered
from cloud.entrypoints.web.page import public_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages

Estate = Annotated[str, Path(max_length=64)]
Before = Annotated[int | None, Query(ge=1, lt=2**53)]


def public_ledger(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/public/{estate}/ledger")
    def heads(request: Request, services: Given, estate: Estate, before: Before = None) -> HTMLResponse:
        here = services.public.matters.estate(estate)
        # In the first hour of an estate there is none yet.
        found = services.heads(estate, PAGE + 1, before=before) if services.heads.newest(estate) else []
        page = public_page(request, services, here.time_zone, here.days.region)
        return pages.respond(
            request, "public_ledger.html", page, ledger=estate, names=here.names, heads=found[:PAGE],
            more=len(found) > PAGE,
        )  # fmt: skip

    @router.get("/feeds/{estate}/ledger.atom", response_class=Response)
    def feed(request: Request, services: Given, estate: Estate, before: Before = None) -> Response:
        found = services.heads(estate, PAGE + 1, before=before)
        if not found:
            found = services.heads(estate)
        url = services.url or str(request.base_url).rstrip("/")
        mark = FeedMark(f"{estate}-{found[0].seq}-{found[-1].seq}", found[0].at)
        return answered(
            request, mark, MEDIA_TYPE, lambda: ledger_feed(url, estate, found[:PAGE], more=len(found) > PAGE)
        )

    return router
