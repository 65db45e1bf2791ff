"""Shift handovers (交接班) on pages: drawn up from what is open, read by both, signed by who leaves and by who comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, get_args

from fastapi import Depends, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from cloud.application.rosters.hand_over import MAX_NOTE, HandoverView
from cloud.domain.community.party import Member, Role
from cloud.domain.records.handover import Handover, Item, ItemKind, Side
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.errors import CloudError, Invalid, NotFound

LISTED: Final = 30
HandoverId = Annotated[str, Path(max_length=64)]
SIDES: Final[tuple[Side, ...]] = get_args(Side)


class Handing:
    """The pages of handovers, and how they say that something could not be done."""

    def __init__(
        self, request: Request, services: Given, member: CurrentMember, page: ThisPage, estate: EstateId
    ) -> None:
        self.member, self.estate, self.page = member, estate, page.at("duties")
        self.use, self._services, self._request = services.reach.handovers, services, request

    def listed(self, pages: Pages, before: str | None = None, problem: CloudError | None = None) -> HTMLResponse:
        """`before`: those that follow this one, older than it."""
        older = self.use.read(self.estate, before, self.member).handover if before else None
        found = self.use.listed(
            self.estate, self.member, limit=LISTED + 1, before=(older.drawn_at, older.id) if older else None
        )
        shown = list(found.handovers[:LISTED])
        onward = shown[-1].handover.id if len(found.handovers) > LISTED else None
        register = self._services.queries.register(self.estate, self.member)
        acting = [
            one for one in register.parties.values() if acts(self.member.member, one.id) and register.seen_by(one)
        ]
        return self._respond(
            pages, "handovers.html", problem,
            shown=shown, missing=() if older else found.missing, onward=onward, acting=acting, longest=MAX_NOTE,
            parties={one.id: one.names for one in register.parties.values()},
        )  # fmt: skip

    def one(self, pages: Pages, handover: str, problem: CloudError | None = None) -> HTMLResponse:
        view = self.use.read(self.estate, handover, self.member)
        return self._respond(
            pages, "handover.html", problem,
            view=view, kinds=_by_kind(view.handover.items), incidents=self._incidents(view), open_to=self._open_to(view),
            sides=SIDES,
        )  # fmt: skip

    def back(self, handover: str = "") -> RedirectResponse:
        path = f"/handovers/{handover}" if handover else "/handovers"
        return RedirectResponse(f"{path}{self.page.estate_query}", HTTPStatus.SEE_OTHER)

    def _open_to(self, view: HandoverView) -> list[Side]:
        """The sides this member could sign."""
        drawn, mine = view.handover, self.member.member.id
        if not acts(self.member.member, drawn.party_id) or mine in _signers(drawn):
            return []
        return [side for side in SIDES if getattr(drawn, side) is None and view.shifts.signs(side, mine)]

    def _incidents(self, view: HandoverView) -> Mapping[str, str]:
        """By task that goes over, its incident, as far as this member may still see it."""
        found = {}
        for item in view.handover.items:
            if item.kind is ItemKind.TASK:
                try:
                    found[item.subject] = self._services.queries.task(item.subject, self.member).incident_id
                except NotFound:
                    continue
        return found

    def _respond(self, pages: Pages, template: str, problem: CloudError | None, **view: Any) -> HTMLResponse:
        register = self._services.queries.register(self.estate, self.member)
        names = {one.id: one.names for one in register.members.values()}
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        return pages.respond(
            self._request, template, self.page, status, problems=self._words(problem), names=names, **view
        )

    def _words(self, problem: CloudError | None) -> Sequence[str]:
        if problem is None:
            return ()
        if isinstance(problem, Invalid) and problem.problems:
            return problem.problems
        return [problem.zh if self.page.language == "zh" and problem.zh else str(problem)]


Here = Annotated[Handing, Depends(Handing)]


def handovers(pages: Pages) -> PageRouter:
    router = PageRouter("/handovers")

    @router.get("")
    def show(here: Here, before: Annotated[str | None, Query(max_length=64)] = None) -> HTMLResponse:
        return here.listed(pages, before)

    @router.post("")
    def draw(
        here: Here,
        party: Annotated[str, Form(max_length=128)],
        note: Annotated[str, Form(max_length=MAX_NOTE)] = "",
    ) -> Response:
        try:
            drawn = here.use.draw(here.estate, party, note, here.member)
        except CloudError as error:
            return here.listed(pages, problem=error)
        return here.back(drawn.handover.id)

    @router.get("/{handover}")
    def one(here: Here, handover: HandoverId) -> HTMLResponse:
        return here.one(pages, handover)

    @router.post("/{handover}/sign")
    def sign(here: Here, handover: HandoverId, side: Annotated[Side, Form()]) -> Response:
        try:
            here.use.sign(here.estate, handover, side, here.member)
        except NotFound:
            raise
        except CloudError as error:
            return here.one(pages, handover, error)
        return here.back(handover)

    @router.get("/{handover}/sign", response_class=Response)
    def signed(here: Here, handover: HandoverId) -> RedirectResponse:
        """Another language, after a signature was refused."""
        return here.back(handover)

    return router


def acts(member: Member, party_id: str) -> bool:
    """Whether this member is of the people who hand that party's shifts over."""
    return member.role_in(party_id) not in (None, Role.RESIDENT)


def _signers(drawn: Handover) -> set[str]:
    return {one.member_id for one in (drawn.leaving, drawn.coming) if one}


def _by_kind(items: Sequence[Item]) -> dict[ItemKind, list[tuple[Item, datetime | None]]]:
    """What goes over, by kind, each with until when it lasts, where that is known."""
    found: dict[ItemKind, list[tuple[Item, datetime | None]]] = {}
    for item in items:
        found.setdefault(item.kind, []).append((item, _moment(item.state)))
    return found


def _moment(text: str) -> datetime | None:
    """A state that is a moment says until when; others are words."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
