"""One's own consent that somebody looks after oneself at home: a page of one's account, without a script."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from cloud.application.rosters.keep_consent import Wanted, WelfareView
from cloud.domain.duties.consent import (
    DEFAULT_HOURS,
    LEAST_HOURS,
    MAX_NAME,
    MOST_CONTACTS,
    MOST_FAMILY,
    MOST_HOURS,
    MOST_POINTS,
)
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.web.account import Me, own_page
from cloud.entrypoints.web.page import Page, member_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import back_to
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError, Invalid, NotFound

BACK: Final = "/account/welfare"
Texts = Annotated[list[Annotated[str, Form(max_length=MAX_NAME)]] | None, Form(max_length=MOST_CONTACTS)]
Family = Annotated[list[Annotated[str, Form(max_length=64)]] | None, Form(max_length=MOST_FAMILY)]
Points = Annotated[list[Annotated[str, Form(max_length=256)]] | None, Form(max_length=MOST_POINTS)]


class MyHome:
    """The page, and how it says that something could not be done. A member of several estates chooses one in the address."""

    def __init__(
        self, request: Request, services: Given, me: Me, page: Annotated[Page, Depends(own_page)], estate: str = ""
    ) -> None:
        self.request, self.me, self.consent = request, me, services.welfare.consent
        self.estate = estate or next(iter(me.estates), "")
        known = self.estate in me.estates
        self.page = member_page(request, services, me, self.estate).at("account") if known else page

    def show(self, pages: Pages, problem: CloudError | None = None) -> HTMLResponse:
        view = self.consent.show(self.estate, self.me) if self.me.estates else WelfareView([], None)
        page = replace(self.page, notice=problem_of(problem) if problem else None)
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        shown = {
            "home": view, "estate": self.estate, "hours": DEFAULT_HOURS, "least": LEAST_HOURS, "most": MOST_HOURS,
            "lines": range(MOST_CONTACTS), "estates": self.me.estates,
        }  # fmt: skip
        return pages.respond(self.request, "welfare.html", page, status, **shown)

    def back(self) -> RedirectResponse:
        return back_to(f"{BACK}?estate={self.estate}" if len(self.me.estates) > 1 else BACK)


ThisHome = Annotated[MyHome, Depends(MyHome)]


class ConsentForm:
    """What was written; times and the day of coming back are the estate's own."""

    def __init__(
        self,
        home: ThisHome,
        *,
        points: Points = None,
        hours: Annotated[int, Form(ge=0, le=1000)] = DEFAULT_HOURS,
        day_from: Annotated[str, Form(max_length=8)] = "",
        day_until: Annotated[str, Form(max_length=8)] = "",
        away_until: Annotated[str, Form(max_length=32)] = "",
        names: Texts = None,
        phones: Texts = None,
        family: Family = None,
    ) -> None:
        self._points, self._hours, self._day = points or [], hours, (day_from, day_until)
        self._family = tuple(family or ())
        self._away, self._called, self._page = away_until, list(zip(names or [], phones or [], strict=False)), home.page

    def wanted(self) -> Wanted:
        try:
            start, end = (time.fromisoformat(one) if one else time(0) for one in self._day)
            away = datetime.fromisoformat(self._away).replace(tzinfo=self._page.zone) if self._away else None
        except ValueError as error:
            wrong = ["day_from, day_until, away_until: write times as 07:00, days as 2026-11-26T18:00"]
            raise Invalid("The consent was not taken.", wrong) from error
        return Wanted(tuple(self._points), self._hours, start, end, away, tuple(self._called), self._family)


ThisConsent = Annotated[ConsentForm, Depends(ConsentForm)]


def welfare(pages: Pages) -> PageRouter:
    router = PageRouter(BACK)

    @router.get("")
    def show(home: ThisHome) -> HTMLResponse:
        return home.show(pages)

    @router.post("")
    def give(home: ThisHome, form: ThisConsent) -> Response:
        try:
            home.consent.give(home.estate, form.wanted(), home.me)
        except NotFound:
            raise
        except CloudError as error:
            return home.show(pages, error)
        return home.back()

    @router.post("/well")
    def well(home: ThisHome) -> RedirectResponse:
        home.consent.well(home.estate, home.me)
        return home.back()

    @router.post("/withdraw")
    def withdraw(home: ThisHome) -> RedirectResponse:
        home.consent.withdraw(home.estate, home.me)
        return home.back()

    return router
