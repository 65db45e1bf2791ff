"""A reporter's own page: what became of their report, more words, a photo of it, and their word on the result. Its address is the
only key; whoever was signed in finds theirs by their account too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from cloud.application.tasks import say_more
from cloud.application.tasks.follow_reports import MAX_WORDS, MOST_PHOTOS
from cloud.application.tasks.report_keys import Key, Own
from cloud.application.tasks.report_view import ReportView
from cloud.domain.tasks.witness import Verdict
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.api.neighbours import CurrentNeighbour
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.api.verification import Picture, bytes_of
from cloud.entrypoints.web.page import Page, member_page, public_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.parts import SELDOM_S, part
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError, Unavailable

Token = Annotated[str, Path(max_length=128)]
ReportId = Annotated[str, Path(max_length=64)]
PhotoSaid = Annotated[str, Query(max_length=16)]
Words = Annotated[str, Form(max_length=4 * MAX_WORDS)]


@dataclass(frozen=True, slots=True)
class Opened:
    """What opens a report, the address it is then at, and the page it is shown on. `own`: by one's account."""

    request: Request
    services: Services
    key: Key
    address: str
    page: Callable[[ReportView], Page]

    @property
    def own(self) -> bool:
        return isinstance(self.key, Own)


def by_link(request: Request, services: Given, token: Token) -> Opened:
    return Opened(
        request, services, token, f"/follow/{quote(token)}",
        lambda view: public_page(request, services, view.time_zone, view.region),
    )  # fmt: skip


def by_account(request: Request, services: Given, member: CurrentNeighbour, report_id: ReportId) -> Opened:
    own = Own(report_id, member.member.id)
    services.assurance.follow.opens(own)  # before it is judged what a form says: of others' nothing is told
    return Opened(
        request, services, own, f"/reports/{quote(report_id)}",
        lambda view: member_page(request, services, member, view.estate).at("home"),
    )  # fmt: skip


ByLink = Annotated[Opened, Depends(by_link)]
ByAccount = Annotated[Opened, Depends(by_account)]


class Reporter:
    """What a reporter sees and does, whatever opened it."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def look(self, by: Opened, problem: CloudError | None = None, *, typed: str = "", photo: str = "") -> HTMLResponse:
        """`typed`: words that were not taken, so that they are still there."""
        view = by.services.assurance.follow.read(by.key)
        status = HTTPStatus.OK if problem is None else refusal_of(problem).status
        told = {"refused": photo == "refused", "problem": problem_of(problem) if problem else None, "typed": typed}
        shown = {**_shown(by, view), **told, "every": SELDOM_S}
        return self._pages.respond(by.request, "follow.html", by.page(view), status, **shown)

    def now(self, by: Opened) -> Response:
        view = by.services.assurance.follow.read(by.key)
        return part(by.request, self._pages, "follow_now.html", by.page(view), said=view, view=lambda: _shown(by, view))

    def judge(self, by: Opened, verdict: Verdict, words: str) -> Response:
        return self._done(by, lambda: by.services.assurance.follow.judge(by.key, verdict, words), words)

    def say(self, by: Opened, words: str) -> Response:
        return self._done(by, lambda: by.services.assurance.say_more(by.key, words), words)

    def photo(self, by: Opened, photo: Picture) -> Response:
        return self._done(by, lambda: by.services.assurance.follow.photo(by.key, bytes_of(photo)))

    def _done(self, by: Opened, deed: Callable[[], ReportView], typed: str = "") -> Response:
        try:
            deed()
        except Unavailable:
            raise
        except CloudError as error:
            return self.look(by, error, typed=typed)
        return RedirectResponse(by.address, HTTPStatus.SEE_OTHER)


def _shown(by: Opened, view: ReportView) -> dict[str, Any]:
    """What its changing parts are written from."""
    limits = {"most": MOST_PHOTOS, "longest": say_more.MAX_WORDS}
    return {"view": view, "at": by.address, "own": by.own, "refused": False, "problem": None, "typed": "", **limits}


def follow(pages: Pages) -> PageRouter:
    router, reporter = PageRouter(), Reporter(pages)

    @router.get("/follow/{token}")
    def look(by: ByLink, photo: PhotoSaid = "") -> HTMLResponse:
        return reporter.look(by, photo=photo)

    @router.get("/follow/{token}/now", response_class=Response)
    def now(by: ByLink) -> Response:
        return reporter.now(by)

    @router.post("/follow/{token}")
    def judge(by: ByLink, verdict: Annotated[Verdict, Form()], *, words: Words = "") -> Response:
        return reporter.judge(by, verdict, words)

    @router.post("/follow/{token}/words")
    def say(by: ByLink, *, words: Words = "") -> Response:
        return reporter.say(by, words)

    @router.post("/follow/{token}/photos")
    def add_photo(by: ByLink, photo: Picture) -> Response:
        return reporter.photo(by, photo)

    return router


def own_reports(pages: Pages) -> PageRouter:
    """The same for who was signed in when they reported."""
    router, reporter = PageRouter(), Reporter(pages)

    @router.get("/reports/{report_id}")
    def look_at_own(by: ByAccount) -> HTMLResponse:
        return reporter.look(by)

    @router.get("/reports/{report_id}/now", response_class=Response)
    def own_now(by: ByAccount) -> Response:
        return reporter.now(by)

    @router.post("/reports/{report_id}")
    def judge_own(by: ByAccount, verdict: Annotated[Verdict, Form()], *, words: Words = "") -> Response:
        return reporter.judge(by, verdict, words)

    @router.post("/reports/{report_id}/words")
    def say_of_own(by: ByAccount, *, words: Words = "") -> Response:
        return reporter.say(by, words)

    @router.post("/reports/{report_id}/photos")
    def add_own_photo(by: ByAccount, photo: Picture) -> Response:
        return reporter.photo(by, photo)

    return router
