"""Somebody phones: who works here takes the call down for them, in three presses where somebody is trapped; no script."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final
from urllib.parse import quote, urlencode

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from cloud.application.intake.at_the_desk import code_of
from cloud.application.intake.report_hazard import MAX_CONTACT, MAX_WORDS
from cloud.application.intake.report_hazard import Given as GivenReport
from cloud.domain.community.emergency import numbers_of
from cloud.domain.incidents.report import Concern
from cloud.entrypoints.api.access import AtTheBoard, EstateId, Given
from cloud.entrypoints.api.problems import not_found
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages

Chosen = Annotated[str | None, Query(max_length=512)]
Thing = Annotated[str, Form(max_length=512)]
Same = Annotated[str | None, Form(max_length=64)]
Words = Annotated[str, Form(max_length=MAX_WORDS)]
Contact = Annotated[str, Form(max_length=MAX_CONTACT)]

_WITH_GROUNDS: Final = 2
"""Of one building and what lies around it none needs to be chosen."""


def desk(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/desk")
    def take(
        request: Request, services: Given, member: AtTheBoard, page: ThisPage, estate: EstateId,
        *, building: Chosen = None, equipment: Chosen = None, taken: Annotated[bool, Query()] = False,
    ) -> HTMLResponse:  # fmt: skip
        """Which building, then what in it, then what it is: each press is an address, so that one step back is one step back."""
        shown, asked = page.at("desk"), services.at_the_desk
        if equipment is not None:
            return pages.respond(request, "desk_call.html", shown, here=asked.spot(estate, equipment, member))
        places = asked.places(estate, member)
        if building is None and len(places) <= _WITH_GROUNDS:
            building = places[0].id
        there = next((one for one in places if one.id == building), None)
        if building is not None and there is None:
            raise not_found("such building")
        region = services.queries.register(estate, member).estate.days.region
        return pages.respond(
            request, "desk.html", shown, places=places, there=there, taken=taken,
            numbers=numbers_of(region).by_number(),
        )  # fmt: skip

    @router.post("/desk")
    def send(
        services: Given, member: AtTheBoard, estate: EstateId,
        *, equipment: Thing, concern: Annotated[Concern | None, Form()] = None, same_as: Same = None,
        words: Words = "", contact: Contact = "",
    ) -> RedirectResponse:  # fmt: skip
        """Whoever took the call is not its reporter: the caller's link is the caller's alone."""
        given = GivenReport(estate, code_of(equipment), concern, words, contact, same_as, desk_id=member.member.id)
        made = services.report(given)
        if services.at_the_desk.shows(made.incident_id, member):
            where = f"/incidents/{quote(made.incident_id)}?{urlencode({'taken': made.report_id})}"
        else:
            where = f"/desk?{urlencode({'estate': estate, 'taken': 'true'})}"
        return RedirectResponse(where, HTTPStatus.SEE_OTHER)

    return router
