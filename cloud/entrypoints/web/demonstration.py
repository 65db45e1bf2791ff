"""Into the demonstration and out of it again. These pages are always this product's own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from cloud.application.estates.demonstrate import Demonstrate, DemoOpen
from cloud.entrypoints.api.access import SESSION_COOKIE, Given, identify
from cloud.entrypoints.api.problems import not_found
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.looking_glass import KEY_COOKIE, OURS, PREFIX
from cloud.entrypoints.web.language import LANGUAGE_COOKIE
from cloud.entrypoints.web.page import language_of, visitor_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import back_to
from cloud.entrypoints.web.rendering import Pages
from cloud.errors import Unavailable

THERE = f"{PREFIX}{SESSION_COOKIE}"


def demonstration(pages: Pages) -> PageRouter:
    router = PageRouter(OURS)

    @router.get("")
    def show(request: Request, services: Given) -> Response:
        """While it starts the page asks again by itself; whoever started it is let in when it is there."""
        return _shown(request, services, pages)

    @router.post("")
    def enter(request: Request, services: Given, member: Annotated[str, Form(max_length=64)] = "") -> RedirectResponse:
        """Starts it, or goes on in it as somebody else."""
        demo = _demo(services)
        key = request.cookies.get(KEY_COOKIE)
        if demo.knows(key) and demo.opened is not None and member:
            return _enter(request, demo.opened, member, services)
        response = back_to(OURS)
        secret = demo.open(identify(request, services))
        response.set_cookie(KEY_COOKIE, secret, httponly=True, samesite="lax", secure=services.secure_cookies)
        # A session in one that ended opens nothing in this one.
        response.delete_cookie(THERE)
        return response

    @router.post("/leave")
    def leave(request: Request, services: Given) -> RedirectResponse:
        _demo(services).leave(request.cookies.get(KEY_COOKIE))
        response = back_to("/")
        for name in request.cookies:
            if name == KEY_COOKIE or name.startswith(PREFIX):
                response.delete_cookie(name)
        return response

    @router.get("/leave")
    def left() -> RedirectResponse:
        """Reloading, or another language."""
        return back_to("/")

    return router


def _shown(request: Request, services: Services, pages: Pages) -> Response:
    demo = _demo(services)
    mine, opened = demo.knows(request.cookies.get(KEY_COOKIE)), demo.opened
    if mine and opened is not None and THERE not in request.cookies:
        return _enter(request, opened, opened.roles[0].member, services)
    if not (mine or demo.offered(identify(request, services))):
        raise not_found("such page")
    state = "inside" if mine and opened else "starting" if mine and demo.starting else "offered"
    page = visitor_page(request, services)
    response = pages.respond(request, "demonstration.html", page, state=state, opened=opened)
    if state == "starting":
        response.headers["Refresh"] = "2"
    return response


def _demo(services: Services) -> Demonstrate:
    if services.demo is None:
        raise not_found("such page")
    return services.demo


def _enter(request: Request, opened: DemoOpen, member: str, services: Services) -> RedirectResponse:
    """In as that member; the session comes here under the demonstration's prefix. Pages stay in the visitor's own language,
    whatever the member reads.
    """
    import httpx

    role = next((one for one in opened.roles if one.member == member), opened.roles[0])
    try:
        answer = httpx.post(f"{opened.url}/enter/{role.token}", timeout=10, trust_env=False)
    except httpx.HTTPError as error:
        raise Unavailable("The demonstration does not answer. Open it again.", "演示没有响应，请重新打开") from error
    session = answer.cookies.get(SESSION_COOKIE)
    if answer.status_code != HTTPStatus.SEE_OTHER or session is None:
        raise Unavailable("The demonstration let nobody in. Open it again.", "演示无法进入，请重新打开")
    response = back_to("/")
    response.set_cookie(THERE, session, httponly=True, samesite="strict", secure=services.secure_cookies)
    secure = services.secure_cookies
    response.set_cookie(LANGUAGE_COOKIE, language_of(request), httponly=True, samesite="lax", secure=secure)
    return response
