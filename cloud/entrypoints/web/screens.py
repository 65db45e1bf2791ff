"""Screens on walls: made and taken back on the account's page, opened by their link on the wall's browser."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from cloud.application.estates.sign_in import Identity
from cloud.domain.accounts.screen import LONGEST_LABEL
from cloud.entrypoints.api.access import Area, Given, entrance
from cloud.entrypoints.web.account import BACK, Me, ThisAccount
from cloud.entrypoints.web.claims import picture
from cloud.entrypoints.web.page import visitor_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import back_to
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.sessions import former_of, keep_screen, origin_of
from cloud.errors import CloudError

Host = Annotated[Identity, Depends(entrance(Area.MEMBERS))]
Token = Annotated[str, Path(max_length=128)]
Wall = Annotated[str, Form(max_length=256)]
Label = Annotated[str, Form(max_length=LONGEST_LABEL * 4)]


def screens(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.post("/account/screens")
    def make(mine: ThisAccount, host: Host, wall: Wall, label: Label) -> Response:
        """Answers with the link itself, which is shown this once. `wall`: estate and party, as the form offers them."""
        estate, _, party = wall.partition("|")
        try:
            hung = mine.services.accounts.screens.make(host, estate, party, label)
        except CloudError as error:
            return mine.show(pages, error)
        base = mine.services.url or str(mine.request.base_url).rstrip("/")
        link = f"{base}/screen/{hung.token}"
        return pages.respond(mine.request, "screen_made.html", mine.page, hung=hung, link=link, picture=picture(link))

    @router.get("/account/screens")
    def seen(me: Me, host: Host) -> RedirectResponse:  # noqa: ARG001 - asked for to be let in
        """Reloading, or another language: the link is not shown twice."""
        return back_to(BACK)

    @router.post("/account/screens/{screen_id}/end")
    def end(mine: ThisAccount, host: Host, screen_id: Annotated[str, Path(max_length=64)]) -> RedirectResponse:
        mine.services.accounts.screens.end(host, screen_id)
        return back_to(f"{BACK}#screens-title")

    @router.get("/screen/{token}")
    def knock(request: Request, services: Given, token: Token) -> HTMLResponse:
        """Opens nothing by itself: programs that preview a link must not use it up."""
        screen = services.accounts.screens.meant(token)
        return pages.respond(request, "screen_enter.html", visitor_page(request, services), screen=screen, token=token)

    @router.post("/screen/{token}")
    def hang(request: Request, services: Given, token: Token) -> RedirectResponse:
        former = former_of(request)
        if former:
            services.sign_in.leave(former)
        held = services.accounts.screens.open(token, origin_of(request))
        response = back_to("/duty-room")
        keep_screen(request, response, services, held)
        return response

    return router
