"""Coming in with a password, or through an organisation's own sign-in."""

from __future__ import annotations

import json
from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from cloud.application.account_ports import Journey
from cloud.domain.accounts.passwords import LONGEST
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.api.problems import not_found
from cloud.entrypoints.web.page import visitor_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import local
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.sessions import former_of, let_in_to, origin_of
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError

Login = Annotated[str, Form(max_length=128)]
Password = Annotated[str, Form(max_length=LONGEST * 2)]
Code = Annotated[str, Form(max_length=64)]
Next = Annotated[str, Form(alias="next", max_length=2048)]
Asked = Annotated[str, Query(max_length=2048)]

JOURNEY_COOKIE: Final = "tocsin_journey"
_BACK: Final = "/sign-in/organisation/back"
_JOURNEY_S: Final = 600
"""How long somebody may take at the provider."""


def signing_in(pages: Pages) -> PageRouter:
    router = PageRouter()
    _with_a_password(router, pages)
    _through_the_organisation(router, pages)
    return router


def _with_a_password(router: PageRouter, pages: Pages) -> None:
    @router.get("/sign-in")
    def ask(request: Request, services: Given, next: Asked = "/") -> HTMLResponse:  # noqa: A002 - its name in the address
        page = visitor_page(request, services)
        return pages.respond(request, "sign_in.html", page, **sign_in_view(services, local(next)))

    @router.post("/sign-in")
    def sign_in(
        request: Request, services: Given, login: Login, password: Password, *, code: Code = "", onward: Next = "/"
    ) -> Response:
        try:
            session = services.accounts.password(
                login, password, code, origin=origin_of(request), former=former_of(request)
            )
        except CloudError as error:
            page = replace(visitor_page(request, services), at_fault="password")
            view = sign_in_view(services, local(onward), login=login, problem=problem_of(error))
            response = pages.respond(request, "sign_in.html", page, refusal_of(error).status, **view)
            response.headers.update(refusal_of(error).headers)
            return response
        return let_in_to(onward, session, services)


def _through_the_organisation(router: PageRouter, pages: Pages) -> None:
    @router.get("/sign-in/organisation")
    def depart(services: Given, next: Asked = "/", invitation: Asked = "") -> RedirectResponse:  # noqa: A002 - as above
        if services.accounts.through is None:
            raise not_found("such sign-in")
        departure = services.accounts.through.depart()
        journey = departure.journey
        kept = [journey.state, journey.nonce, journey.verifier, local(next), invitation[:128]]
        response = RedirectResponse(departure.address, HTTPStatus.SEE_OTHER)
        # Not strict: it has to come along when the provider sends the browser back.
        response.set_cookie(
            JOURNEY_COOKIE,
            json.dumps(kept).encode().hex(),
            max_age=_JOURNEY_S,
            path=_BACK,
            httponly=True,
            samesite="lax",
            secure=services.secure_cookies,
        )
        return response

    @router.get(_BACK)
    def arrive(request: Request, services: Given, state: Asked = "", code: Asked = "") -> Response:
        if services.accounts.through is None:
            raise not_found("such sign-in")
        journey, onward, invitation = _kept(request)
        try:
            session = services.accounts.through.arrive(
                state, code, journey, invitation or None, origin=origin_of(request), former=former_of(request)
            )
            response: Response = let_in_to(onward, session, services)
        except CloudError as error:
            page = visitor_page(request, services)
            view = sign_in_view(services, onward, problem=problem_of(error))
            response = pages.respond(request, "sign_in.html", page, refusal_of(error).status, **view)
        response.delete_cookie(
            JOURNEY_COOKIE, path=_BACK, httponly=True, samesite="lax", secure=services.secure_cookies
        )
        return response


def sign_in_view(services: Given, onward: str, **more: object) -> dict[str, Any]:
    """What the sign-in page shows."""
    pending, _ = services.accounts.first_run.pending()
    shown = {
        "login": "",
        "problem": None,
        "onward": onward,
        "organisation": services.accounts.organisation,
        "lost": False,
    }
    return {**shown, "first_run": pending, **more}


def _kept(request: Request) -> tuple[Journey | None, str, str]:
    """What this browser kept of its journey, where it wanted to go, and the invitation it came with."""
    try:
        kept = json.loads(bytes.fromhex(request.cookies.get(JOURNEY_COOKIE, "")))
        state, nonce, verifier, onward, invitation = (str(part) for part in kept)
    except (ValueError, TypeError):
        return None, "/", ""
    return Journey(state, nonce, verifier), local(onward), invitation
