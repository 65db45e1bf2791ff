"""What rings now, and until when the visitor is signed in: for the script of pages that are not live as a whole."""

from __future__ import annotations

from fastapi import Response

from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages


def ringing(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/alarms", response_class=Response)
    def show(page: ThisPage) -> Response:
        html = pages.html("alarms.html", page)
        return Response(html, media_type="text/html", headers={"Cache-Control": "no-store"})

    return router
