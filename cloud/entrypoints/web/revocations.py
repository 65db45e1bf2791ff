"""The page on which an operator shuts a node out: what that means, why, and a second look before it is done."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from cloud.domain.fleet.credential import CredentialState, RevocationReason
from cloud.entrypoints.api.access import EstateId, Given
from cloud.entrypoints.api.enrolment import Enroller, PathName
from cloud.entrypoints.api.estates import reported
from cloud.entrypoints.web.fleet import fleet_row, speaking
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.errors import Invalid, NotFound


def revocations(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/nodes/{node}/revocations")
    def ask(
        request: Request, services: Given, member: Enroller, page: ThisPage, estate: EstateId, *, node: PathName
    ) -> HTMLResponse:
        known = [one for one in services.queries.nodes(estate, member) if one.id == node]
        report = next(iter(reported(services, estate, known)), None)
        if report is None:
            raise NotFound(f"There is no node {node!r} in estate {estate!r}.", "没有这个节点")
        of_it = [one for one in services.enrolling.credentials(estate, member) if one.node_id == node]
        draining = [one for one in of_it if one.state is CredentialState.DRAINING]
        row = fleet_row(report, speaking(of_it).get(node), draining=len(draining))
        return pages.respond(
            request, "revoke.html", page.at("fleet"), row=row, reasons=list(RevocationReason), enrolled=bool(of_it)
        )

    @router.post("/nodes/{node}/revocations")
    def revoke(
        services: Given,
        member: Enroller,
        estate: EstateId,
        node: PathName,
        reason: Annotated[RevocationReason, Form()],
        *,
        confirmed: Annotated[bool, Form()] = False,
        old_board: Annotated[bool, Form()] = False,
    ) -> RedirectResponse:
        """`old_board`: only boards that were replaced."""
        if not confirmed:
            raise Invalid("Nothing was revoked.", ["confirmed: tick that you mean this node"])
        actor = f"member:{member.member.id}"
        services.enrolling.revoke(estate, node, actor=actor, drained_only=old_board, reason=reason)
        return RedirectResponse(f"/fleet?{urlencode({'estate': estate})}#node-{node}", HTTPStatus.SEE_OTHER)

    return router
