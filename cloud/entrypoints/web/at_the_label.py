"""What opens when somebody scans a label: what is known there, a report in three taps, and to whom it goes; no login, no script."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import File, Form, Path, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from cloud.application.intake.report_hazard import MAX_WORDS, Reported
from cloud.application.intake.report_hazard import Given as GivenReport
from cloud.domain.incidents.report import Concern
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.api.verification import bytes_of
from cloud.entrypoints.voice import carry, voice_of
from cloud.entrypoints.web.page import public_page, visitor_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.parts import SELDOM_S, part
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.sessions import origin_of
from cloud.errors import CloudError, NotFound

Typed = Annotated[str, Path(max_length=64)]
Words = Annotated[str, Form(max_length=MAX_WORDS)]
Same = Annotated[str | None, Form(max_length=64)]
MaybePicture = Annotated[UploadFile | None, File()]


def at_the_label(pages: Pages) -> PageRouter:
    router = PageRouter()

    def unknown(request: Request, services: Services) -> HTMLResponse:
        """With whom to call: whoever scans an old label may have no time for a newer one."""
        return pages.respond(request, "at_unknown.html", visitor_page(request, services), HTTPStatus.NOT_FOUND)

    @router.get("/at/{typed}")
    def look(request: Request, services: Given, typed: Typed, told: bool = False) -> HTMLResponse:
        try:
            here = services.at_the_label(typed)
        except NotFound:
            return unknown(request, services)
        page = public_page(request, services, here.time_zone, here.region)
        return pages.respond(request, "at_label.html", page, here=here, told=told, every=SELDOM_S)

    @router.get("/at/{typed}/now", response_class=Response)
    def now(request: Request, services: Given, typed: Typed) -> Response:
        """Raises NotFound where it was replaced meanwhile: whoever has the page open is shown that it stands still."""
        here = services.at_the_label(typed)
        page = public_page(request, services, here.time_zone, here.region)
        return part(request, pages, "at_label_now.html", page, said=here, view=lambda: {"here": here})

    @router.get("/at/{typed}/{concern}")
    def describe(request: Request, services: Given, typed: Typed, concern: Concern) -> HTMLResponse:
        try:
            here = services.at_the_label(typed)
        except NotFound:
            return unknown(request, services)
        if concern not in here.spot.concerns:
            raise NotFound(
                "This cannot be reported there. Choose what it is on the label's own page.", "此处不能报告该类问题"
            )
        page = public_page(request, services, here.time_zone, here.region)
        return pages.respond(request, "at_concern.html", page, here=here, concern=concern)

    @router.post("/at/{typed}")
    def report(
        request: Request,
        services: Given,
        typed: Typed,
        *,
        concern: Annotated[Concern | None, Form()] = None,
        same_as: Same = None,
        words: Words = "",
        photo: MaybePicture = None,
    ) -> Response:
        """The report first: that a photo cannot be taken is said afterwards."""
        try:
            here = services.at_the_label(typed)
        except NotFound:
            services.label_guesses.wrong(origin_of(request).address)
            return unknown(request, services)
        voice = voice_of(request, services, here.estate)
        given = GivenReport(here.estate, here.equipment_id, concern, words, same_as=same_as)
        given = replace(given, device=voice.device, member_id=voice.member_id, too_many=voice.too_many)
        made = services.report(given)
        answer = RedirectResponse(_onward(services, here.code, made, photo), HTTPStatus.SEE_OTHER)
        carry(voice, answer, services)
        return answer

    return router


def _onward(services: Services, code: str, made: Reported, photo: UploadFile | None) -> str:
    """To the reporter's own page; what was folded has none."""
    if not made.token:
        return f"/at/{code}?told=true"
    own = f"/follow/{quote(made.token)}"
    raw = bytes_of(photo) if photo is not None else b""
    if not raw:
        return own
    try:
        services.assurance.follow.photo(made.token, raw)
    except CloudError:
        return f"{own}?photo=refused"
    return own
