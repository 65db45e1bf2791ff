"""Pages of those who are not in yet: whoever was asked in, and whoever sets Tocsin up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Form, Path, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from cloud.application.accounts.keep_members import LONGEST_NAME
from cloud.application.accounts.make_administrator import FirstPlace
from cloud.domain.accounts.passwords import shortest
from cloud.domain.community.names import Names
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.api.problems import not_found
from cloud.entrypoints.web.claims import picture
from cloud.entrypoints.web.page import language_of, public_page, visitor_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.sessions import former_of, keep_session, let_in_to, origin_of
from cloud.entrypoints.web.signing_in import Code, Login, Password
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError, Conflict, NotFound, Refused, Unauthenticated

Secret = Annotated[str, Path(max_length=128)]
Name = Annotated[str, Form(max_length=LONGEST_NAME)]
ACCOUNT, GUIDE = "/account", "/guide"


def differ() -> Refused:
    return Refused("The two do not match: type it again.", "两次输入的密码不一致，请重新输入")


_AT_FAULT: Final[Mapping[type[CloudError], str]] = {Unauthenticated: "code", Conflict: "login", Refused: "new-password"}
"""By what is wrong the field in which it lies."""
_UNLIKE: Final = "new-again"


def field_of(problem: CloudError | None) -> str:
    return next((field for kind, field in _AT_FAULT.items() if isinstance(problem, kind)), "")


class Guest:
    """Whoever holds an invitation's link, and what they are shown. Raises NotFound, Throttled."""

    def __init__(self, request: Request, services: Given, secret: Secret) -> None:
        self.request, self.services, self.secret = request, services, secret
        self.accept, self.origin, self.former = services.accounts.accept, origin_of(request), former_of(request)

    def show(self, pages: Pages, problem: CloudError | None = None, login: str = "", at: str = "") -> HTMLResponse:
        invitation = self.accept.look(self.secret, self.origin.address)
        page = public_page(self.request, self.services, invitation.time_zone, invitation.region)
        page = replace(page, at_fault=at or field_of(problem))
        shown = {
            "invitation": invitation,
            "secret": self.secret,
            "login": login,
            "least": shortest(second_factor=False),
            "organisation": self.services.accounts.organisation,
            "problem": problem_of(problem) if problem else None,
        }
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        return pages.respond(self.request, "invitation.html", page, status, **shown)


ThisGuest = Annotated[Guest, Depends(Guest)]


def beginnings(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/invitation/{secret}")
    def look(guest: ThisGuest) -> HTMLResponse:
        """Takes nothing by itself: chat programs fetch links to preview them."""
        return guest.show(pages)

    @router.post("/invitation/{secret}")
    def accept(guest: ThisGuest, login: Login, password: Password, again: Password = "") -> Response:
        try:
            if password != again:
                return guest.show(pages, differ(), login, _UNLIKE)
            session = guest.accept.with_password(
                guest.secret, login, password, origin=guest.origin, former=guest.former
            )
        except NotFound:
            raise
        except CloudError as error:
            return guest.show(pages, error, login)
        return let_in_to(ACCOUNT, session, guest.services)

    @router.post("/invitation/{secret}/link")
    def with_link(guest: ThisGuest) -> Response:
        """Answers with the link itself: it is shown once."""
        invitation = guest.accept.look(guest.secret, guest.origin.address)
        made = guest.accept.with_link(guest.secret, origin=guest.origin, former=guest.former)
        base = guest.services.url or str(guest.request.base_url).rstrip("/")
        link = f"{base}/enter/{made.link.token}"
        page = public_page(guest.request, guest.services, invitation.time_zone, invitation.region)
        shown: dict[str, Any] = {"link": link, "picture": picture(link), "expires_at": made.link.key.expires_at}
        response = pages.respond(guest.request, "own_link.html", page, **shown)
        keep_session(response, made.session, guest.services)
        return response

    _setup(router, pages)
    return router


def _setup(router: PageRouter, pages: Pages) -> None:
    def shown(
        request: Request, services: Given, problem: CloudError | None = None, at: str = "", **typed: str
    ) -> HTMLResponse:
        pending, placeless = services.accounts.first_run.pending()
        if not pending:
            raise not_found("such page")
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        page = replace(visitor_page(request, services), at_fault=at or field_of(problem))
        said = {"code": "", "login": "", "estate": "", "operator": "", **typed}
        notice = problem_of(problem) if problem else None
        least = shortest(second_factor=False)
        demo = services.demo is not None and services.demo.offered(None)
        view = {"problem": notice, "placeless": placeless, "least": least, "typed": said, "demo": demo}
        return pages.respond(request, "setup.html", page, status, **view)

    @router.get("/setup")
    def ask(request: Request, services: Given) -> HTMLResponse:
        return shown(request, services)

    @router.post("/setup")
    def set_up(
        request: Request,
        services: Given,
        code: Code,
        login: Login,
        password: Password,
        *,
        again: Password = "",
        estate: Name = "",
        operator: Name = "",
    ) -> Response:
        place = FirstPlace(Names(estate, estate), Names(operator, operator)) if estate else None
        typed = {"code": code, "login": login, "estate": estate, "operator": operator}
        if password != again:
            return shown(request, services, differ(), _UNLIKE, **typed)
        try:
            session = services.accounts.first_run(
                code,
                login,
                password,
                place,
                origin=origin_of(request),
                former=former_of(request),
                language=language_of(request),
            )
        except NotFound:
            raise
        except CloudError as error:
            return shown(request, services, error, **typed)
        return let_in_to(GUIDE if place else ACCOUNT, session, services)
