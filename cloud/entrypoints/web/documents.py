"""A node's whole document as a text: edited, checked, compared with what is in force, and only then sent."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from cloud.application.fleet.configure_node import MAX_REASON
from cloud.application.fleet.edit_document import CheckedText, DocumentText
from cloud.domain.duties.register import NODE_PREFIX
from cloud.domain.records import narrative
from cloud.entrypoints.api.access import EstateId, Given
from cloud.entrypoints.web.fault_words import fault_words
from cloud.entrypoints.web.node_deeds import Commander
from cloud.entrypoints.web.page import Page, ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.errors import Invalid

VERSIONS: Final = 10
"""The newest, with what became of them."""

MAX_TEXT: Final = 128 * 1024
NodeId = Annotated[str, Path(max_length=64)]
Text = Annotated[str, Form(max_length=MAX_TEXT)]
Seen = Annotated[int, Form(ge=0)]


def documents(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/nodes/{node}/document")
    def show(
        request: Request, services: Given, member: Commander, page: ThisPage, estate: EstateId,
        *, node: NodeId, version: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
    ) -> HTMLResponse:  # fmt: skip
        given = services.tuning.documents.text(estate, node, member, version=version)
        seq = services.queries.ledger_head(estate, member).seq
        return _Shown(pages, request, services, page.at("rules", seq)).page(estate, node, member, given)

    @router.post("/nodes/{node}/document/check")
    def check(
        request: Request, services: Given, member: Commander, page: ThisPage, estate: EstateId,
        *, node: NodeId, text: Text, seen: Seen,
    ) -> HTMLResponse:  # fmt: skip
        shows, given = _Shown(pages, request, services, page.at("rules")), DocumentText(text, seen)
        try:
            checked = services.tuning.documents.check(estate, node, text, member)
        except Invalid as error:
            return shows.page(estate, node, member, given, error=error)
        return shows.page(estate, node, member, given, checked=checked)

    @router.get("/nodes/{node}/document/check")
    def checked(member: Commander, page: ThisPage, estate: EstateId, node: NodeId) -> RedirectResponse:  # noqa: ARG001 - asked for to be let in
        """Another language: what was typed is not in the address."""
        return RedirectResponse(f"/nodes/{node}/document{page.estate_query}", HTTPStatus.SEE_OTHER)

    @router.post("/nodes/{node}/document")
    def issue(
        request: Request, services: Given, member: Commander, page: ThisPage, estate: EstateId,
        *, node: NodeId, text: Text, seen: Seen, reason: Annotated[str, Form(max_length=MAX_REASON)] = "",
    ) -> Response:  # fmt: skip
        try:
            services.tuning.documents.issue(estate, node, text, member.member, reason=reason, seen=seen)
        except Invalid as error:
            shows = _Shown(pages, request, services, page.at("rules"))
            return shows.page(estate, node, member, DocumentText(text, seen), error=error)
        return RedirectResponse(f"/nodes/{node}/document{page.estate_query}", HTTPStatus.SEE_OTHER)

    return router


class _Shown:
    def __init__(self, pages: Pages, request: Request, services: Given, page: Page) -> None:
        self._pages, self._request, self._services, self._page = pages, request, services, page

    def page(
        self,
        estate: str,
        node: str,
        member: Commander,
        given: DocumentText,
        *,
        checked: CheckedText | None = None,
        error: Invalid | None = None,
    ) -> HTMLResponse:
        nodes, register = self._services.nodes, self._services.queries.register(estate, member)
        versions = nodes.versions(estate, node, member, limit=VERSIONS)
        return self._pages.respond(
            self._request,
            "document.html",
            self._page,
            HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
            node=node,
            named=register.names_of(f"{NODE_PREFIX}{node}"),
            standing=nodes.configuration(estate, node, member),
            versions=versions,
            names={one.by: narrative.doer(one.by, register) for one in versions},
            given=given,
            checked=checked,
            problems=[fault_words(one, self._page.language) for one in error.problems or (str(error),)]
            if error
            else (),
        )
