"""Where a second factor is set up, or proven in a session that was begun without it: open before anything else is."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from cloud.application.accounts.own_account import Provisioning
from cloud.application.estates.sign_in import Identity
from cloud.domain.accounts.passwords import shortest
from cloud.entrypoints.api.access import Area, Given, entrance
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.web.account import own_page
from cloud.entrypoints.web.claims import picture
from cloud.entrypoints.web.page import Page, language_of, visitor_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import back_to, local
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.sessions import factor_page, origin_of
from cloud.entrypoints.web.signing_in import Asked, Code, Login, Next, Password
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError, Refused

Me = Annotated[Identity, Depends(entrance(Area.FACTOR))]
ACCOUNT = "/account"


class AtTheGate:
    """Who is asked for it, and the page that asks. Where nothing else is open, it has no head of an estate either."""

    def __init__(self, request: Request, services: Given, me: Me) -> None:
        self.request, self.me = request, me
        self.own, self.factor = services.accounts.own, services.accounts.second_factor
        page = visitor_page(request, services) if me.held else own_page(request, services, me)
        self.page: Page = replace(page, language=language_of(request, me), factor_by=None)
        self.address = origin_of(request).address

    def ask(self, pages: Pages, onward: str, problem: CloudError | None = None, *, at: str = "") -> HTMLResponse:
        """`at`: the field in which the problem lies."""
        account = self.own.view(self.me)
        view = {"account": account, "me": self.me, "least": shortest(second_factor=account.second_factor)}
        return self._respond(pages, "second_factor_asked.html", onward, problem, at=at, **view)

    def provision(
        self, pages: Pages, made: Provisioning, onward: str, problem: CloudError | None = None
    ) -> HTMLResponse:
        """The secret as a picture for the authenticator app, and to type."""
        view = {"made": made, "picture": picture(made.address), "me": self.me}
        return self._respond(pages, "second_factor.html", onward, problem, at="code", **view)

    def codes(self, pages: Pages, codes: list[str], onward: str) -> HTMLResponse:
        return self._respond(pages, "recovery_codes.html", onward, None, codes=codes)

    def _respond(
        self, pages: Pages, template: str, onward: str, problem: CloudError | None, *, at: str = "", **view: Any
    ) -> HTMLResponse:
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        page = replace(self.page, notice=problem_of(problem), at_fault=at) if problem else self.page
        response = pages.respond(self.request, template, page, status, onward=local(onward), **view)
        response.headers.update(refusal_of(problem).headers if problem else {})
        return response


Gate = Annotated[AtTheGate, Depends(AtTheGate)]


def second_factor(pages: Pages) -> PageRouter:
    router = PageRouter("/account/second-factor")

    @router.get("")
    def ask(gate: Gate, next: Asked = ACCOUNT) -> HTMLResponse:  # noqa: A002 - its name in the address
        return gate.ask(pages, next)

    @router.post("")
    def begin(gate: Gate, onward: Next = ACCOUNT) -> Response:
        try:
            made = gate.own.begin_second_factor(gate.me)
        except CloudError as error:
            return gate.ask(pages, onward, error)
        return gate.provision(pages, made, onward)

    @router.post("/confirm")
    def confirm(gate: Gate, code: Code, onward: Next = ACCOUNT) -> Response:
        try:
            codes = gate.own.confirm_second_factor(gate.me, code, address=gate.address)
        except CloudError as error:
            waiting = gate.own.pending(gate.me)
            return gate.provision(pages, waiting, onward, error) if waiting else gate.ask(pages, onward, error)
        return gate.codes(pages, codes, onward)

    _proofs(router, pages)
    return router


def _proofs(router: PageRouter, pages: Pages) -> None:
    @router.post("/proof")
    def prove(gate: Gate, code: Code, onward: Next = ACCOUNT) -> Response:
        try:
            gate.factor.prove(gate.me, code, address=gate.address)
        except CloudError as error:
            return gate.ask(pages, onward, error, at="code")
        return back_to(onward)

    @router.post("/password")
    def set_password(
        gate: Gate, password: Password, *, login: Login = "", again: Password = "", onward: Next = ACCOUNT
    ) -> Response:
        """The first one: whoever comes by links or an organisation has none yet for codes to be second to."""
        if password != again:
            unlike = Refused("The two do not match: type it again.", "两次输入的密码不一致，请重新输入")
            return gate.ask(pages, onward, unlike, at="new-again")
        try:
            gate.own.set_password(gate.me, login, "", password, address=gate.address)
        except CloudError as error:
            return gate.ask(pages, onward, error, at="new-password")
        return back_to(factor_page(local(onward)))

    for path in ("/confirm", "/proof", "/password"):

        @router.get(path)
        def seen(me: Me) -> RedirectResponse:  # noqa: ARG001 - asked for to be let in
            """Reloading, or another language: what is secret is not shown twice."""
            return back_to(factor_page(ACCOUNT))
