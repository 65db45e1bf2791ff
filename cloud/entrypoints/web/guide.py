"""The set-up guide: six steps from an empty product to a test alarm that reached somebody. Nothing of it is kept but what the
steps themselves make, so it is left and taken up again anywhere.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from cloud.application.estates.sign_in import Identity
from cloud.domain.community.home import home_choices
from cloud.domain.community.party import Role
from cloud.domain.duties.first_hour import Step
from cloud.entrypoints.api.access import Area, EstateId, Given, entrance
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.web.channels import SORTS
from cloud.entrypoints.web.page import Page, ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import back_to
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError

AT_FAULT: Final = {Step.PLACES: "buildings"}
"""By step the field that is at fault, where there is but one."""

Chief = Annotated[Identity, Depends(entrance(Area.SETUP))]


class SettingUpHere:
    """Who sets which estate up, and how a step is shown."""

    def __init__(self, request: Request, services: Given, chief: Chief, page: ThisPage, estate: EstateId) -> None:
        self.request, self.services, self.chief, self.estate = request, services, chief, estate
        self.page: Page = page
        self.use = services.setting_up

    def show(self, pages: Pages, step: Step | None, problem: CloudError | None = None, **more: Any) -> HTMLResponse:
        """`more`: what the step shows beside what is known - a claim code, what was typed."""
        view = self.use.ask(self.estate, self.chief)
        shown = step or view.hour.next or Step.TEST
        page = replace(self.page.at("guide", view.seq), path=self.way(shown))
        if problem:
            page = replace(page, notice=problem_of(problem), at_fault=AT_FAULT.get(shown, ""))
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        extra: dict[str, Any] = {
            "claim": None,
            "typed": "",
            "roles": [one for one in Role if one is not Role.RESIDENT],
            **more,
        }
        defaults = self.use.amend.defaults
        contacts = self.services.reach.contacts.of_member(self.chief.member.id, self.chief)
        demo = self.services.demo is not None and self.services.demo.offered(self.chief)
        register = view.hour.register
        places = register.places
        said = {
            "demo": demo,
            "view": view,
            "hour": view.hour,
            "step": shown,
            "steps": list(Step),
            "regions": defaults.regions,
            "zones": {region: defaults.zones(region) for region in defaults.regions},
            "trouble": self.services.troubles().get("broker") if shown is Step.NODE else None,
            "local_only": self.services.url is None,
            "settings_file": self.use.settings_file,
            "sets_channels": self.use.channels.may(self.chief),
            "sorts": SORTS,
            "homes": home_choices(places, register.parties.values(), register.estate.place_id),
        }
        return pages.respond(self.request, "guide.html", page, status, **said, contacts=contacts, **extra)

    def way(self, step: Step) -> str:
        return f"/guide/{step}?estate={self.estate}"

    def back(self, step: Step) -> RedirectResponse:
        return back_to(self.way(step))


Here = Annotated[SettingUpHere, Depends(SettingUpHere)]


def guide(pages: Pages) -> PageRouter:
    router = PageRouter("/guide")

    @router.get("")
    def begin(here: Here) -> HTMLResponse:
        """At the first step that is not done."""
        return here.show(pages, None)

    @router.get("/{step}")
    def show(here: Here, step: Step) -> HTMLResponse:
        return here.show(pages, step)

    return router
