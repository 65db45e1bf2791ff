"""The pages to which the `type` of a problem document leads: without signing in, and without asking the database."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request
from fastapi.responses import HTMLResponse

from cloud.entrypoints.api.access import Given
from cloud.entrypoints.web.page import bare_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.problem_words import PROBLEMS
from cloud.entrypoints.web.rendering import Pages
from cloud.errors import NotFound


def problems(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/problems")
    def show_all(request: Request, services: Given) -> HTMLResponse:
        return pages.respond(request, "problems.html", bare_page(request, services), asked=None, known=PROBLEMS)

    @router.get("/problems/{kind}")
    def show(request: Request, services: Given, kind: Annotated[str, Path(max_length=64)]) -> HTMLResponse:
        if kind not in PROBLEMS:
            raise NotFound("There is no such kind of problem. All are listed at /problems.", "没有这类问题")
        return pages.respond(request, "problems.html", bare_page(request, services), asked=kind, known=PROBLEMS)

    return router
