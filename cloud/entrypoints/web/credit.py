"""A member's own credit on a page: what was earned and taken back, how far today's caps are filled, and the published table."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from cloud.domain.community.neighbour import is_neighbour
from cloud.domain.credit.account import CreditEntry, ReversalReason
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import CurrentMember, Given
from cloud.entrypoints.api.credit import known_entry
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.web.page import member_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages

AT_ONCE: Final = 30


def credit(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/credit")
    def show(
        request: Request,
        services: Given,
        member: CurrentNeighbour,
        estate: SharedEstate,
        cursor: Annotated[str | None, Query(max_length=512)] = None,
    ) -> HTMLResponse:
        page = member_page(request, services, member, estate).at("credit")
        register, kept = services.queries.register(estate, member), services.credit
        found = kept.statement(estate, member, limit=AT_ONCE, before=cursors.decode_closing(cursor) if cursor else None)
        table, last = kept.table(estate), found.entries[-1] if found.more else None
        return pages.respond(
            request, "credit.html", page, credit=table, today=kept.today(estate, member),
            names={row.act: row.names for row in table.table.rows},
            balance=kept.account(estate, member).balance, entries=found.entries,
            older=cursors.encode([last.at.isoformat(), last.id]) if last else None,
            paid=kept.paid(estate, member), reasons=list(ReversalReason),
            earns=is_neighbour(member.member, register.party(member.member.party_id)),
        )  # fmt: skip

    @router.post("/credit/entries/{entry_id}/reverse")
    def take_back(
        request: Request, services: Given, member: CurrentMember, reason: Annotated[ReversalReason, Form()],
        *, entry: Annotated[CreditEntry, Depends(known_entry)],
    ) -> RedirectResponse:  # fmt: skip
        services.credit.reverse(entry.id, member, reason)
        page = member_page(request, services, member, entry.estate)
        return RedirectResponse(f"/credit{page.estate_query}#paid", HTTPStatus.SEE_OTHER)

    return router
