"""The cookie that a session travels in, and where whoever begins one comes from."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.responses import Response

from cloud.application.estates.sign_in import Issued
from cloud.domain.community.access import Origin, Through
from cloud.entrypoints.api.access import SESSION_COOKIE
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.web.posting import local

LONGEST_S: Final = 400 * 24 * 3600
"""Browsers keep no cookie longer (RFC 6265bis, 5.5)."""
OUTLASTS: Final = timedelta(days=1)
"""So much longer than its session the cookie is kept: by it the sign-in page knows that somebody was signed in here and is no more."""

ASKED_AT_ONCE: Final = frozenset({Through.PASSWORD, Through.ORGANISATION})


def factor_page(onward: str) -> str:
    """Where a second factor is set up or proven; from there they go on to where they wanted to go."""
    return f"/account/second-factor?{urlencode({'next': onward})}"


def origin_of(request: Request) -> Origin:
    """As the connection and the browser say; behind a proxy on this machine, as that says."""
    device = "".join(letter for letter in request.headers.get("user-agent", "") if letter.isprintable())
    return Origin(request.client.host if request.client else "unknown", device[:256])


def former_of(request: Request) -> str | None:
    """The session that the browser comes with; it ends when another begins."""
    return request.cookies.get(SESSION_COOKIE)


def keep_session(response: Response, session: Issued, services: Services) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        session.token,
        max_age=int((services.sign_in.lasting.altogether + OUTLASTS).total_seconds()),
        httponly=True,
        samesite="strict",
        secure=services.secure_cookies,
    )


def keep_screen(request: Request, response: Response, services: Services, token: str | None = None) -> None:
    """On a wall: as long as browsers keep anything, counted anew whenever the page is asked for."""
    held = token or request.cookies.get(SESSION_COOKIE, "")
    response.set_cookie(
        SESSION_COOKIE, held, max_age=LONGEST_S, httponly=True, samesite="strict", secure=services.secure_cookies
    )


def forget_session(response: Response, services: Services) -> None:
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict", secure=services.secure_cookies)


def let_in_to(address: str, session: Issued, services: Services) -> RedirectResponse:
    """In, and on to that page of this service; whoever owes a second factor passes the page where it is set up or proven."""
    onward = local(address)
    key = session.key
    # A first setup and an invitation go on to what they were begun for; a line on every page reminds of it.
    if key.held or (key.factor_by is not None and key.through in ASKED_AT_ONCE):
        onward = factor_page(onward)
    response = RedirectResponse(onward, HTTPStatus.SEE_OTHER)
    keep_session(response, session, services)
    return response
