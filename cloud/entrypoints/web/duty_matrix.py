"""The matrix as a text: edited, checked, tried on what happened, and only then put in force as a new version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from cloud.application.estates.change_duties import Checked
from cloud.domain.community.names import Names
from cloud.domain.duties.dry_run import Answer, Difference
from cloud.domain.duties.meant import only_names
from cloud.domain.duties.register import Register
from cloud.domain.duties.target import Only
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.web.fault_words import fault_words
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.errors import CloudError, Conflict, Invalid

SPANS: Final = (7, 30, 90, 366)
"""Days of past incidents on which a matrix is tried."""

USUAL: Final = 30
LISTED: Final = 40
"""Past incidents that would have been answered otherwise, at most; all of them are counted."""

MAX_TEXT: Final = 128 * 1024
Text = Annotated[str, Form(max_length=MAX_TEXT)]
Seen = Annotated[int, Form(ge=0, lt=2**31)]
_PARTS: Final = tuple(one.name for one in fields(Answer) if one.name != "duty_id")


class MatrixEditor:
    """The page on which the matrix of an estate is edited."""

    def __init__(
        self, request: Request, services: Given, member: CurrentMember, page: ThisPage, estate: EstateId
    ) -> None:
        self.member, self.estate, self.duties = member, estate, services.duties
        self._request, self._services, self.address = request, services, f"/duties/matrix{page.estate_query}"
        self._page = page.at("duties")

    def show(
        self, pages: Pages, text: str | None = None, *,
        checked: Checked | None = None, days: int = USUAL, error: CloudError | None = None,
    ) -> HTMLResponse:  # fmt: skip
        """`text` None: as it is in force. What somebody typed is never thrown away."""
        exported = self.duties.export(self.estate)
        register = self._services.queries.register(self.estate, self.member)
        differences = checked.tried.differences if checked else ()
        return pages.respond(
            self._request,
            "duty_matrix.html",
            self._page,
            refusal_of(error).status if error else HTTPStatus.OK,
            version=exported.version,
            rows=exported.rows,
            text=exported.text if text is None else text,
            may=self.duties.may(self.estate, self.member.member),
            checked=checked,
            past=[(one, differing(one)) for one in differences[:LISTED]],
            more=max(0, len(differences) - LISTED),
            days=days,
            spans=SPANS,
            parties={one.id: one.names for one in register.parties.values()},
            some=_some(register),
            places=register.places,
            problems=self._words(error),
            warnings=[fault_words(one, self._page.language) for one in (checked.tried.warnings if checked else ())],
        )

    def _words(self, error: CloudError | None) -> Sequence[str]:
        if error is None:
            return ()
        language = self._page.language
        if isinstance(error, Invalid):
            return [fault_words(one, language) for one in error.problems or (str(error),)]
        return [error.zh if language == "zh" and error.zh else str(error)]


Editor = Annotated[MatrixEditor, Depends(MatrixEditor)]


def duty_matrix(pages: Pages) -> PageRouter:
    router = PageRouter("/duties/matrix")

    @router.get("")
    def show(editor: Editor) -> HTMLResponse:
        return editor.show(pages)

    @router.post("/check")
    def check(editor: Editor, text: Text, days: Annotated[int, Form(ge=1, le=366)] = USUAL) -> HTMLResponse:
        try:
            checked = editor.duties.check(editor.estate, text, editor.member.member, days=days)
        except Invalid as error:
            return editor.show(pages, text, days=days, error=error)
        return editor.show(pages, text, checked=checked, days=days)

    @router.get("/check")
    def checked(editor: Editor) -> RedirectResponse:
        """Another language: what was typed is not in the address."""
        return RedirectResponse(editor.address, HTTPStatus.SEE_OTHER)

    @router.post("")
    def save(editor: Editor, text: Text, seen: Seen, replayed: Annotated[str, Form(max_length=64)] = "") -> Response:
        try:
            editor.duties.replace(editor.estate, text, editor.member.member, seen=seen, replayed=replayed)
        except (Invalid, Conflict) as error:
            return editor.show(pages, text, error=error)
        return RedirectResponse(editor.address, HTTPStatus.SEE_OTHER)

    return router


def _some(register: Register) -> dict[str, Names]:
    """What a ladder calls besides parties, by how the text names it."""
    rosters = {f"roster:{one.id}": only_names(register, Only("roster", one.id)) for one in register.rosters}
    return rosters | {f"member:{one.id}": one.names for one in register.members.values()}


def differing(one: Difference) -> list[str]:
    """The parts of an answer that would have been otherwise, as `Answer` names them."""
    return [part for part in _PARTS if getattr(one.before, part) != getattr(one.after, part)]
