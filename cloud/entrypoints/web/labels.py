"""The labels of lifts and doors: a sheet to print, one label by itself, and what makes and replaces them."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from cloud.application.estates.keep_labels import LabelView
from cloud.entrypoints.api.access import CurrentOperator, EstateId, Given
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages

Code = Annotated[str, Path(max_length=32)]
Building = Annotated[str | None, Query(max_length=512)]


def labels(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/codes")
    def sheet(
        request: Request,
        services: Given,
        member: CurrentOperator,
        page: ThisPage,
        estate: EstateId,
        *,
        building: Building = None,
    ) -> HTMLResponse:
        shown = services.labels.sheet(estate, member, building or None)
        site = address_of(request, services)
        return pages.respond(
            request, "labels.html", page.at("codes"), sheet=shown, chosen=building, picture=_picture_at(site),
            site=site, settled=services.url is not None,
        )  # fmt: skip

    @router.get("/codes/{code}")
    def one(
        request: Request, services: Given, member: CurrentOperator, page: ThisPage, estate: EstateId, *, code: Code
    ) -> HTMLResponse:
        label, site = services.labels.one(estate, code, member), address_of(request, services)
        return pages.respond(
            request, "label.html", page.at("codes"), label=label, picture=_picture_at(site), site=site,
            settled=services.url is not None,
        )  # fmt: skip

    @router.post("/codes")
    def make(services: Given, member: CurrentOperator, estate: EstateId) -> RedirectResponse:
        services.labels.make(estate, member)
        return _to("/codes", estate)

    @router.post("/codes/{code}/replace")
    def replace(services: Given, member: CurrentOperator, estate: EstateId, code: Code) -> RedirectResponse:
        return _to(f"/codes/{services.labels.replace(estate, code, member)}", estate)

    return router


def address_of(request: Request, services: Services) -> str:
    """Where the service is reached from outside: as it is set, else as this request says."""
    return services.url or str(request.base_url).rstrip("/")


def _to(path: str, estate: str) -> RedirectResponse:
    return RedirectResponse(f"{path}?{urlencode({'estate': estate})}", HTTPStatus.SEE_OTHER)


def _picture_at(site: str) -> Callable[[LabelView], Markup]:
    """What draws a label's address as a QR code that is read through scratches: a quarter of it may be lost (level Q)."""
    import segno  # only this page needs it

    def picture(label: LabelView) -> Markup:
        code = segno.make(f"{site}/at/{label.printed}", error="q", micro=False)
        # Nothing but figures that segno computes goes into it.
        return Markup(code.svg_inline(scale=4, border=2, light="#fff", omitsize=True))  # noqa: S704

    return picture
