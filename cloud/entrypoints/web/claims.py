"""The page with a claim code: as text to type, and as a picture for the phone of who stands at the node."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from cloud.entrypoints.api.access import EstateId, Given
from cloud.entrypoints.api.enrolment import Enroller, PathName, give_claim
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages

_SCALE = 5


def claims(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.post("/nodes/{node}/claims")
    def give(
        request: Request,
        services: Given,
        member: Enroller,
        page: ThisPage,
        estate: EstateId,
        *,
        node: PathName,
        replaces: Annotated[bool, Form()] = False,
    ) -> HTMLResponse:
        """Answers with the code itself: it is shown once, so there is no address at which it could be seen again."""
        claim = give_claim(services.enrolling, estate, node, member, replaces=replaces)
        return pages.respond(
            request, "claim.html", page.at("fleet"), node=node, claim=claim, picture=picture(claim.command)
        )

    @router.get("/nodes/{node}/claims")
    def seen(member: Enroller, estate: EstateId, node: PathName) -> RedirectResponse:  # noqa: ARG001 - asked for to be let in
        """Reloading, or another language: a code is not shown twice."""
        return RedirectResponse(f"/fleet?{urlencode({'estate': estate})}", HTTPStatus.SEE_OTHER)

    return router


def picture(text: str) -> Markup:
    """A QR code as SVG: black on white in dark mode too, or phones cannot read it."""
    import segno  # 1 MiB, for a page that is opened once for each node

    code = segno.make(text, error="m", micro=False)
    # Nothing but figures that segno computes goes into it.
    return Markup(code.svg_inline(scale=_SCALE, light="#fff", omitsize=True))  # noqa: S704
