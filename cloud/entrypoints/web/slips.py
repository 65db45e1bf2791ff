"""A slip with a caller's own link, printed for the caller at the desk; shown once, to be handed over."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import HTMLResponse

from cloud.entrypoints.api.access import CurrentMember, Given
from cloud.entrypoints.web.claims import picture
from cloud.entrypoints.web.labels import address_of
from cloud.entrypoints.web.page import member_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages


def slips(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.post("/reports/{report_id}/slip")
    def hand_over(
        request: Request, services: Given, member: CurrentMember, report_id: Annotated[str, Path(max_length=64)]
    ) -> HTMLResponse:
        slip = services.assurance.slips(report_id, member)
        link = f"{address_of(request, services)}/follow/{slip.token}"
        page = member_page(request, services, member, slip.estate)
        shown = pages.respond(request, "slip.html", page, slip=slip, link=link, picture=picture(link))
        shown.headers["Cache-Control"] = "no-store"
        return shown

    return router
