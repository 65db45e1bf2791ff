"""Patrols on a page: what was walked, and the form by which whoever walked one records it, on a phone and without a script."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from cloud.domain.records.patrol import MAX_FINDINGS, MOST_POINTS, Round
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.web.older import AT_ONCE, Cursor, before, turned
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages

Codes = Annotated[list[Annotated[str, Form(max_length=128)]], Form(max_length=MOST_POINTS)]


def patrols(pages: Pages) -> PageRouter:
    shown = PageRouter()

    @shown.get("/patrols")
    def show(
        request: Request,
        services: Given,
        member: CurrentMember,
        page: ThisPage,
        estate: EstateId,
        *,
        walked: Cursor = None,
    ) -> HTMLResponse:
        walk = services.assurance.patrols
        found = walk.listed(estate, member, limit=AT_ONCE + 1, before=before(walked))
        shown_now, older = turned(
            f"/patrols{page.estate_query}", "walked", found, lambda one: (cursors.at(one.at), one.id)
        )
        return pages.respond(
            request, "patrols.html", page.at("patrols"), walked=shown_now, older=older,
            points=walk.points(estate, member), rounds=list(Round),
        )  # fmt: skip

    return shown


router = PageRouter("/patrols")


@router.post("")
def record(
    services: Given,
    member: CurrentMember,
    page: ThisPage,
    estate: EstateId,
    round: Annotated[Round, Form()],  # noqa: A002 - the form's own word
    *,
    points: Codes = [],  # noqa: B006 - FastAPI copies it
    codes: Annotated[str, Form(max_length=8192)] = "",
    findings: Annotated[str, Form(max_length=MAX_FINDINGS)] = "",
) -> RedirectResponse:
    seen = [*points, *codes.replace(",", "\n").splitlines()]
    services.assurance.patrols.record(estate, round, seen, member, findings=findings)
    return RedirectResponse(f"/patrols{page.estate_query}", HTTPStatus.SEE_OTHER)
