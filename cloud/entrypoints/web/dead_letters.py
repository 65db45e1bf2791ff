"""The page of what did not arrive: messages that reached nobody, what other systems did not take, and what nodes said
that nobody could take.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from cloud.application.estates.sign_in import Identity
from cloud.domain.community.names import Names
from cloud.domain.duties.register import Register
from cloud.domain.records.delivery import Delivery, DeliveryState
from cloud.domain.records.webhook import Posting, Webhook
from cloud.entrypoints.api.access import CurrentOperator, EstateId, Given
from cloud.entrypoints.web.node_deeds import Commander
from cloud.entrypoints.web.page import Page, ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import Back, back_to
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.webhooks import host_of
from cloud.errors import CloudError, Conflict, Refused

SHOWN: Final = 100
Id = Annotated[str, Path(max_length=64)]


@dataclass(frozen=True, slots=True)
class UndeliveredRow:
    """A message that did not reach its reader. `given_up`: nothing tries it any more; `to` and `party` by their names."""

    delivery: Delivery
    to: Names
    party: Names

    @property
    def given_up(self) -> bool:
        return self.delivery.state is DeliveryState.FAILED


@dataclass(frozen=True, slots=True)
class UntakenRow:
    """An entry that another system did not take. `host`: of its address; the rest of an address may be a secret. `off`: the
    webhook is switched off, so that nothing is sent there.
    """

    posting: Posting
    host: str
    off: bool

    @property
    def given_up(self) -> bool:
        return self.posting.failed_at is not None


def dead_letters(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/dead-letters")
    def show(
        request: Request, services: Given, member: CurrentOperator, page: ThisPage, estate: EstateId
    ) -> HTMLResponse:
        return _page(pages, request, services, page, (estate, member))

    @router.post("/dead-letters/{letter_id}/replay")
    def replay(
        request: Request, services: Given, member: Commander, page: ThisPage, estate: EstateId, *, letter_id: Id
    ) -> Response:
        try:
            services.tuning.replay(letter_id, member)
        except (Conflict, Refused) as error:
            return _page(pages, request, services, page, (estate, member), error=error)
        return _back(page)

    @router.post("/deliveries/{delivery_id}/try-again")
    def try_again(
        request: Request, services: Given, member: CurrentOperator, page: ThisPage, estate: EstateId, *, delivery_id: Id
    ) -> Response:
        try:
            services.tuning.try_again(estate, delivery_id, member)
        except Conflict as error:
            return _page(pages, request, services, page, (estate, member), error=error)
        return _back(page)

    @router.post("/webhooks/{webhook_id}/deliveries/{posting_id}/again")
    def post_again(
        request: Request, services: Given, member: CurrentOperator, page: ThisPage, estate: EstateId, *,
        webhook_id: Id, posting_id: Id, back: Back = "",
    ) -> Response:  # fmt: skip
        try:
            services.messaging.webhooks.again(estate, webhook_id, posting_id, member.member.id)
        except Conflict as error:
            return _page(pages, request, services, page, (estate, member), error=error)
        return back_to(back) if back else _back(page)

    return router


def _back(page: Page) -> RedirectResponse:
    return RedirectResponse(f"/dead-letters{page.estate_query}", HTTPStatus.SEE_OTHER)


def _page(
    pages: Pages,
    request: Request,
    services: Given,
    page: Page,
    of: tuple[str, Identity],
    *,
    error: CloudError | None = None,
) -> HTMLResponse:
    estate, member = of
    register = services.queries.register(estate, member)
    untaken = services.messaging.webhooks.untaken(estate, SHOWN, member.member.id)
    notice = Names(error.zh or str(error), str(error)) if error else None
    status = HTTPStatus.CONFLICT if isinstance(error, Conflict) else HTTPStatus.UNPROCESSABLE_ENTITY
    return pages.respond(
        request,
        "dead_letters.html",
        # The other language is read at the list's address: what was posted to has no page.
        replace(page.at("dead-letters"), path=f"/dead-letters{page.estate_query}", notice=notice),
        status if error else HTTPStatus.OK,
        letters=services.queries.dead_letters(member, limit=SHOWN),
        undelivered=_undelivered(services.messaging.sent(estate, True, SHOWN, member), register),
        untaken=[_untaken(one, untaken.webhooks[one.webhook_id]) for one in untaken.postings],
        gone=[(host_of(one), one.gone_at) for one in untaken.gone],
        members={one.id: one.names for one in register.members.values()},
    )


def _untaken(posting: Posting, webhook: Webhook) -> UntakenRow:
    return UntakenRow(posting, host_of(webhook), off=not webhook.active)


def _undelivered(found: Sequence[Delivery], register: Register) -> list[UndeliveredRow]:
    """What failed and is not sent; the newest first."""
    rows = []
    for one in found:
        if one.state in {DeliveryState.FAILED, DeliveryState.WAITING}:
            party = register.parties.get(one.party_id)
            names = party.names if party else Names(one.party_id, one.party_id)
            member = register.members.get(one.member_id or "")
            rows.append(UndeliveredRow(one, member.names if member else names, names))
    return rows
