"""One's own account: password, second factor, sessions, tokens. What is secret is shown in the answer that made it, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from cloud.application.estates.sign_in import Identity
from cloud.domain.accounts.passwords import shortest
from cloud.domain.accounts.scopes import LASTS_AT_MOST, Scope
from cloud.domain.community.access import Purpose
from cloud.domain.community.names import Names
from cloud.entrypoints.api.access import Area, Given, entrance
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.web.page import Page, member_page, visitor_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import back_to
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.sessions import origin_of
from cloud.entrypoints.web.signing_in import Login, Password
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError, Refused, Unauthenticated

Me = Annotated[Identity, Depends(entrance(Area.ACCOUNT))]
KeyId = Annotated[str, Path(max_length=64)]
Days = Annotated[int, Form(ge=1, le=LASTS_AT_MOST.days)]


def own_page(request: Request, services: Given, me: Me) -> Page:
    """With the head of their first estate; somebody whose party serves none yet has a page all the same."""
    if not me.estates:
        return visitor_page(request, services)
    return member_page(request, services, me, me.estates[0]).at("account")


class Mine:
    """The account's page, and how it says that something could not be done."""

    def __init__(self, request: Request, services: Given, me: Me, page: Annotated[Page, Depends(own_page)]) -> None:
        self.request, self.services, self.me, self.page = request, services, me, page
        self.own, self.keys = services.accounts.own, services.accounts.keys

    def show(
        self, pages: Pages, problem: CloudError | None = None, said: Names | None = None, *, at: str = ""
    ) -> HTMLResponse:
        """`at`: the field in which the problem lies."""
        accounts = self.services.accounts
        view = accounts.own.view(self.me)
        notice = problem_of(problem) if problem else said
        shown = {
            "account": view,
            "least": shortest(second_factor=view.second_factor),
            "sessions": accounts.keys.mine(self.me, Purpose.SESSION),
            "tokens": accounts.keys.mine(self.me, Purpose.API),
            "links": accounts.keys.mine(self.me, Purpose.LINK),
            "walls": accounts.screens.walls(self.me),
            "screens": accounts.screens.of(self.me),
            "scopes": list(Scope),
            "most_days": LASTS_AT_MOST.days,
            "at_home": self.services.welfare.concerns(self.me),
        }
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        page = replace(self.page, notice=notice, at_fault=at)
        return pages.respond(self.request, "account.html", page, status, **shown)

    def codes(self, pages: Pages, codes: list[str]) -> HTMLResponse:
        return pages.respond(self.request, "recovery_codes.html", self.page, codes=codes, onward=BACK)

    @property
    def address(self) -> str:
        return origin_of(self.request).address


ThisAccount = Annotated[Mine, Depends(Mine)]
BACK = "/account"


def account(pages: Pages) -> PageRouter:
    router = PageRouter("/account")

    @router.get("")
    def show(mine: ThisAccount) -> HTMLResponse:
        return mine.show(pages)

    @router.post("/password")
    def set_password(
        mine: ThisAccount, password: Password, *, login: Login = "", present: Password = "", again: Password = ""
    ) -> Response:
        if password != again:
            unlike = Refused("The two do not match: type it again.", "两次输入的密码不一致，请重新输入")
            return mine.show(pages, unlike, at="new-again")
        try:
            mine.own.set_password(mine.me, login, present, password, address=mine.address)
        except CloudError as error:
            return mine.show(
                pages, error, at="change-present" if isinstance(error, Unauthenticated) else "new-password"
            )
        return mine.show(
            pages, said=Names("密码已设置，其他设备均已退出", "The password is set. All other devices are signed out.")
        )

    _codes_on_paper(router, pages)
    _keys(router, pages)
    _once(router)
    return router


def _codes_on_paper(router: PageRouter, pages: Pages) -> None:
    @router.post("/second-factor/end")
    def end(mine: ThisAccount, present: Password = "") -> Response:
        try:
            mine.own.end_second_factor(mine.me, present, address=mine.address)
        except CloudError as error:
            return mine.show(pages, error, at="end-present")
        return back_to(BACK)

    @router.post("/recovery-codes")
    def recovery(mine: ThisAccount, present: Password = "") -> Response:
        try:
            return mine.codes(pages, mine.own.new_recovery_codes(mine.me, present, address=mine.address))
        except CloudError as error:
            return mine.show(pages, error, at="codes-present")


def _once(router: PageRouter) -> None:
    for path in ("/password", "/recovery-codes", "/tokens"):

        @router.get(path)
        def seen(me: Me) -> RedirectResponse:  # noqa: ARG001 - asked for to be let in
            """Reloading, or another language: what is secret is not shown twice."""
            return back_to(BACK)


def _keys(router: PageRouter, pages: Pages) -> None:
    @router.post("/sessions/{key_id}/end")
    def end_session(mine: ThisAccount, key_id: KeyId) -> RedirectResponse:
        mine.keys.end(mine.me, key_id, Purpose.SESSION)
        return back_to(BACK)

    @router.post("/sessions/end-others")
    def end_others(mine: ThisAccount) -> RedirectResponse:
        mine.keys.end_others(mine.me)
        return back_to(BACK)

    @router.post("/links/{key_id}/end")
    def end_link(mine: ThisAccount, key_id: KeyId) -> RedirectResponse:
        mine.keys.end(mine.me, key_id, Purpose.LINK)
        return back_to(BACK)

    @router.post("/tokens")
    def mint(
        mine: ThisAccount,
        label: Annotated[str, Form(max_length=64)],
        days: Days,
        *,
        scopes: Annotated[list[Scope] | None, Form()] = None,
    ) -> Response:
        """Answers with the token itself: there is no address at which it could be seen again."""
        try:
            minted = mine.keys.mint(mine.me, label, scopes or (), timedelta(days=days))
        except CloudError as error:
            return mine.show(pages, error)
        return pages.respond(mine.request, "token.html", mine.page, minted=minted)

    @router.post("/tokens/{key_id}/end")
    def end_token(mine: ThisAccount, key_id: KeyId) -> RedirectResponse:
        mine.keys.end(mine.me, key_id, Purpose.API)
        return back_to(BACK)
