"""What becomes of everything that goes wrong below a route: a problem document for programs, a page for people."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from cloud import errors
from cloud.entrypoints.api.problems import Fault, Refusal, answer, faults_of
from cloud.entrypoints.open311 import answers as open311

_log = logging.getLogger(__name__)

STATUS: Final[dict[type[errors.CloudError], HTTPStatus]] = {
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.NotAllowed: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Throttled: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Refused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.ReadingsUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

ADVICE: Final = {
    400: "The request cannot be read: a body is JSON in UTF-8. Correct it and send it again.",
    404: "There is nothing at this address. The interface is described at /api/v1/openapi.json.",
    405: "This address does not take this method; see the Allow header.",
    413: "The body is larger than is taken. Send less at once.",
}

PROGRAMS: Final = ("/api/", "/callbacks/", "/feeds/", "/healthz", "/readyz", "/metrics")
"""Where nobody reads pages."""

Render = Callable[[Request, Refusal, str | None], Awaitable[Response]]
"""Makes the page for a refusal; the last argument is the sentence in Chinese, where there is one."""


def refusal_of(error: errors.CloudError) -> Refusal:
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), HTTPStatus.INTERNAL_SERVER_ERROR)
    faults = [Fault(where="request", what=problem) for problem in getattr(error, "problems", ())]
    wait = {HTTPStatus.SERVICE_UNAVAILABLE: "2", HTTPStatus.TOO_MANY_REQUESTS: "600"}.get(status)
    retry = {"Retry-After": wait} if wait else {}
    if isinstance(error, errors.Throttled):
        retry |= _pacing(error)
    return Refusal(status, error.code, str(error), problems=faults, headers=retry)


def _pacing(error: errors.Throttled) -> dict[str, str]:
    """How long to wait, and for what (draft-ietf-httpapi-ratelimit-headers-11)."""
    if error.wait_s is None:
        return {}
    told = {"Retry-After": str(error.wait_s)}
    if error.quota is not None:
        most, window_s = error.quota
        told["RateLimit-Policy"] = f'"tries";q={most};w={window_s}'
        told["RateLimit"] = f'"tries";r=0;t={error.wait_s}'
    return told


def for_open311(refusal: Refusal, path: str) -> Response:
    """GeoReport v2 knows no other status than 400 for what does not fit."""
    unfit = refusal.status == HTTPStatus.UNPROCESSABLE_ENTITY
    status = HTTPStatus.BAD_REQUEST if unfit else refusal.status
    faults = "; ".join(f"{fault.where}: {fault.what}" for fault in refusal.problems)
    said = f"{refusal.detail} {faults}" if faults and faults not in refusal.detail else refusal.detail
    return open311.error(open311.form_of(path), status, said, refusal.headers)


def answering(page: Render | None = None) -> Render:
    """Every path under /api answers with a problem document, every other with a page, where there are pages."""

    async def respond(request: Request, refusal: Refusal, zh: str | None) -> Response:
        path = request.url.path
        if path.startswith(open311.PREFIX):
            return for_open311(refusal, path)
        if page is None or path.startswith(PROGRAMS):
            return answer(refusal, path)
        return await page(request, refusal, zh)

    return respond


def _allowing(request: Request) -> dict[str, str]:
    """Every method of the address (RFC 9110, 10.2.1): each is a route of its own, and the first one alone would be named. A word of
    ours in a path (`/rollouts/check`) is not also somebody's id (`/rollouts/{rollout}`).
    """
    routes = [route for route in request.app.routes if route.matches(request.scope)[0] is not Match.NONE]
    fewest = min((getattr(route, "path", "").count("{") for route in routes), default=0)
    routes = [route for route in routes if getattr(route, "path", "").count("{") == fewest]
    return {
        "Allow": ", ".join(sorted({method for route in routes for method in getattr(route, "methods", None) or ()}))
    }


def handle_failures(app: FastAPI, respond: Render) -> None:
    """`respond`: what `answering` gives."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refusal)
        return await respond(request, error, None)

    async def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, errors.CloudError)
        return await respond(request, refusal_of(error), error.zh)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        faults = faults_of(error.errors())
        detail = "The request does not fit: " + "; ".join(f"{fault.where}: {fault.what}" for fault in faults[:5])
        return await respond(
            request, Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", detail, problems=faults), None
        )

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        status = HTTPStatus(error.status_code)
        detail = ADVICE.get(error.status_code, str(error.detail))
        kind = "too-large" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else status.phrase.lower().replace(" ", "-")
        headers = _allowing(request) if status == HTTPStatus.METHOD_NOT_ALLOWED else error.headers
        return await respond(request, Refusal(status, kind, detail, headers=headers), None)

    async def broken(request: Request, error: Exception) -> Response:
        # The route, not what was asked for: addresses carry the secrets of links.
        asked = getattr(request.scope.get("route"), "path", "without a route")
        _log.error("request %s %s failed", request.method, asked, exc_info=error)
        detail = (
            "Something went wrong in the service; it has been logged. Try again, and tell the operator if it stays."
        )
        return await respond(request, Refusal(HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", detail), None)

    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(errors.CloudError, failed)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, broken)
