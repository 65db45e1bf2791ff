"""Coming in and going out: the sign-in page, personal links, sign-out, and the pages for what went wrong."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cloud.application.estates.sign_in import Identity
from cloud.domain.community.names import Names
from cloud.entrypoints.api.access import SESSION_COOKIE, Given, services_of
from cloud.entrypoints.api.problems import FACTOR_NEEDED, Refusal
from cloud.entrypoints.web.filters import Filter
from cloud.entrypoints.web.language import N_
from cloud.entrypoints.web.page import bare_page, path_of, visitor_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import local
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.sessions import factor_page, forget_session, former_of, let_in_to, origin_of
from cloud.entrypoints.web.signing_in import sign_in_view

HEADLINES: Final = {
    403: N_("You may not do this"),
    404: N_("Page not found"),
    409: N_("This cannot be done now"),
    422: N_("This was not accepted"),
    429: N_("Too many tries"),
    503: N_("The service cannot do this right now"),
}
ADVICE: Final = {
    403: N_("This form was not sent from a page of this service. Open the page here and try again."),
    404: N_("The address is wrong, or you may not see what is here."),
    413: N_("What was sent is too long. Shorten it and send it again."),
    422: N_("Something is missing or not written as it should be. Go back, correct it and send it again."),
    429: N_("Wait a few minutes, then try again. Where a life is in danger, phone."),
    500: N_("It has been logged. Try again, and tell the operator if it stays."),
    503: N_("Nothing was stored. Try again in a moment."),
}
"""What a page says where the refusal has words for programs only, none in the visitor's language."""
UNREAD: Final = frozenset({"foreign-form", "too-large", "too-many-requests"})
"""Kinds of refusals that cost the storage nothing: of these anybody may cause any number."""
PASSING: Final = frozenset({429, 500, 503})
"""What may be over when one asks again."""
CARRIES: Final = ("/enter/", "/screen/")
"""Addresses that carry a secret of their own: what is said is that it opens nothing."""
BROKEN: Final = N_("Something went wrong here")
UNKNOWN: Final = N_("This could not be done")

TO_START: Final = N_("To the start page")
TO_TASK: Final = N_("To the task of the message")
TO_FACTOR: Final = N_("Set up the second factor")
TO_ACCOUNT: Final = N_("Your account")
OUTSIDE: Final = ("/at/", "/follow/")
"""Where people without an account report and follow: no board is behind them, and life may be in danger."""


def label_of(path: str) -> str | None:
    """The code of the label at which somebody went wrong: there they begin anew."""
    _, _, rest = path.partition("/at/") if path.startswith("/at/") else ("", "", "")
    return rest.partition("/")[0] or None


def way_on(request: Request, refusal: Refusal) -> tuple[str, str]:
    """The address at which whoever was refused may go on, and what the way there is called: nobody is led to the refusal again."""
    identity: Identity | None = getattr(request.state, "identity", None)
    if refusal.kind == FACTOR_NEEDED:
        return "/account/second-factor", TO_FACTOR
    if identity is not None and identity.matters:
        return f"/incidents/{identity.matters[0].incident_id}", TO_TASK
    if identity is not None and request.url.path == "/" and refusal.status is HTTPStatus.FORBIDDEN:
        return "/account", TO_ACCOUNT
    return "/", TO_START


Token = Annotated[str, Path(max_length=128)]
Incident = Annotated[str | None, Query(max_length=64, pattern=r"^[A-Za-z0-9-]+$")]
"""Where a link in a message leads: to an incident of ours, or what was folded with it, and nowhere else."""
Slug = Annotated[str | None, Query(max_length=64, pattern=r"^[a-z0-9-]+$")]


def doors(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/enter/{token}")
    def knock(
        request: Request, services: Given, token: Token,
        *, incident: Incident = None, flood: Incident = None, estate: Slug = None,
    ) -> HTMLResponse:  # fmt: skip
        """Opens nothing by itself: chat programs fetch links to preview them, and a session must not begin there. Says whom
        it was made for: messages are passed on.
        """
        wanted = {"incident": incident, "estate": estate, "flood": flood}
        query = urlencode({key: value for key, value in wanted.items() if value})
        page, meant = visitor_page(request, services), services.sign_in.meant(token)
        return pages.respond(request, "enter.html", page, token=token, query=query, meant=meant)

    @router.post("/enter/{token}")
    def enter(
        request: Request, services: Given, token: Token,
        *, incident: Incident = None, flood: Incident = None, estate: Slug = None,
    ) -> RedirectResponse:  # fmt: skip
        session = services.sign_in.enter(token, origin=origin_of(request), former=former_of(request))
        matters = session.key.matters
        if matters and incident not in {one.incident_id for one in matters}:
            # The link's own come first. Who sees only these has no board on which they could be folded.
            incident = matters[0].incident_id
        folded = Filter(flood=flood, estate=estate).url
        return let_in_to(f"/incidents/{incident}" if incident else folded, session, services)

    @router.post("/sign-out")
    def sign_out(request: Request, services: Given) -> RedirectResponse:
        token = request.cookies.get(SESSION_COOKIE)
        if token:
            services.sign_in.leave(token)
        response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        forget_session(response, services)
        return response

    return router


def _came_from_elsewhere(request: Request) -> bool:
    """A page opened from a chat or mail comes without the session's strict cookie, even if there is one. Loading it
    once more, from here, sends it.
    """
    return request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site"


def _ways_on(request: Request, status: int) -> dict[str, str]:
    """Where to go from a page that says what went wrong: what was only read is asked for again where waiting helps; from
    a form one goes back to where it stood, which shows how things are now.
    """
    if request.method == "GET":
        return {"again": path_of(request) if status in PASSING else "", "back": ""}
    came = urlsplit(request.headers.get("referer", ""))
    here = came.netloc == request.url.netloc and came.path != "/"
    return {"again": "", "back": local(urlunsplit(("", "", came.path, came.query, ""))) if here else ""}


class ErrorPages:
    """Pages for refusals: the sign-in page where a member is needed, else what happened and what to do."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def __call__(self, request: Request, refusal: Refusal, zh: str | None) -> Response:
        return await run_in_threadpool(self._page, request, refusal, zh)

    def _page(self, request: Request, refusal: Refusal, zh: str | None) -> Response:
        response = self._choose(request, refusal, zh)
        response.headers.update({key: value for key, value in refusal.headers.items() if key != "WWW-Authenticate"})
        return response

    def _choose(self, request: Request, refusal: Refusal, zh: str | None) -> Response:
        services = services_of(request)
        if refusal.kind == FACTOR_NEEDED and request.method == "GET":
            return RedirectResponse(factor_page(path_of(request)), HTTPStatus.SEE_OTHER)
        if refusal.status is not HTTPStatus.UNAUTHORIZED:
            status = int(refusal.status)
            unread = refusal.kind in UNREAD
            unasked = unread or status >= HTTPStatus.INTERNAL_SERVER_ERROR or services.queries.remembered
            page = bare_page(request, services) if unasked else visitor_page(request, services)
            headline = HEADLINES.get(status, BROKEN if status >= 500 else UNKNOWN)  # noqa: PLR2004 - server errors
            detail = Names(zh, refusal.detail) if zh else None
            # What access is refused with says more than what refusals of that status have in common.
            advice = refusal.detail if refusal.kind in {"forbidden", FACTOR_NEEDED} else ADVICE.get(status, "")
            view: dict[str, Any] = {"headline": headline, "detail": detail, "advice": advice, "code": status}
            view |= {"said": refusal.detail, **_ways_on(request, status), "way": way_on(request, refusal)}
            view |= {
                "names_at_fault": [
                    one.where.rpartition(".")[2] for one in refusal.problems if one.where.startswith("body.")
                ]
            }
            view |= {"outside": request.url.path.startswith(OUTSIDE), "label": label_of(request.url.path)}
            return self._pages.respond(request, "error.html", page, refusal.status, **view)
        page = visitor_page(request, services)
        if _came_from_elsewhere(request):
            return self._pages.respond(request, "again.html", page)
        services = services_of(request)
        # A form that was posted without a session cannot be sent again; the page it stood on can be opened.
        onward = path_of(request) if request.method == "GET" else _ways_on(request, refusal.status)["back"] or "/"
        if request.url.path.startswith(CARRIES):
            onward = "/"
        said = refusal.detail if request.url.path.startswith(CARRIES) else None
        problem = Names(zh or said, said) if said else None
        shown = sign_in_view(services, onward, problem=problem, lost=SESSION_COOKIE in request.cookies)
        return self._pages.respond(request, "sign_in.html", page, refusal.status, **shown)
