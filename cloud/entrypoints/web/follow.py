"""A reporter's own page: what became of their report, a photo of it, and their word on the result. Its address is the only key."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from cloud.application.tasks.follow_reports import MAX_WORDS, MOST_PHOTOS
from cloud.domain.tasks.witness import Verdict
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.verification import Picture, bytes_of
from cloud.entrypoints.web.page import public_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError

Token = Annotated[str, Path(max_length=128)]


def follow(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/follow/{token}")
    def look(
        request: Request, services: Given, token: Token, photo: Annotated[str, Query(max_length=16)] = ""
    ) -> HTMLResponse:
        view = services.assurance.follow.read(token)
        page = public_page(request, services, view.time_zone, view.region)
        return pages.respond(
            request, "follow.html", page, view=view, token=token, refused=photo == "refused", problem=None,
            most=MOST_PHOTOS,
        )  # fmt: skip

    @router.post("/follow/{token}")
    def judge(
        services: Given,
        token: Token,
        verdict: Annotated[Verdict, Form()],
        *,
        words: Annotated[str, Form(max_length=MAX_WORDS)] = "",
    ) -> RedirectResponse:
        services.assurance.follow.judge(token, verdict, words)
        return RedirectResponse(f"/follow/{quote(token)}", HTTPStatus.SEE_OTHER)

    @router.post("/follow/{token}/photos")
    def add_photo(request: Request, services: Given, token: Token, photo: Picture) -> Response:
        follows = services.assurance.follow
        try:
            follows.photo(token, bytes_of(photo))
        except CloudError as error:
            view = follows.read(token)
            page = public_page(request, services, view.time_zone, view.region)
            return pages.respond(
                request, "follow.html", page, HTTPStatus.UNPROCESSABLE_ENTITY, view=view, token=token, refused=False,
                problem=problem_of(error), most=MOST_PHOTOS,
            )  # fmt: skip
        return RedirectResponse(f"/follow/{quote(token)}", HTTPStatus.SEE_OTHER)

    return router
