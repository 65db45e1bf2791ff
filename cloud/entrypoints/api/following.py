"""One matter's part of the live stream: for who sees it alone, by a message's link or by somebody's consent."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from anyio import to_thread
from fastapi import Header, Path, Query, Request

from cloud.domain.tasks.sight import Outlook
from cloud.entrypoints.api.access import Area, CurrentMember, Given, identify, let_in
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.ledger import cursor_of
from cloud.entrypoints.api.problems import Refusal, documented
from cloud.entrypoints.feeds.live import LiveResponse, frames, headers
from cloud.errors import CloudError

router = Interface("/incidents", tags=["incidents"])


@router.get(
    "/{incident_id}/live",
    summary="What the ledger says of one incident as it grows, as server-sent events",
    response_class=LiveResponse,
    responses=documented(HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE),
)
async def follow_incident(  # noqa: PLR0917 - a cursor may come in two places
    incident_id: Annotated[str, Path(max_length=64)],
    request: Request,
    services: Given,
    member: CurrentMember,
    since: Annotated[
        int | None, Query(ge=0, lt=2**53, description="Resume after this sequence; by default from now.")
    ] = None,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
) -> LiveResponse:
    """As `/live`, with the lines about this incident alone. It ends when the reader may no longer see it."""
    cursor = cursor_of(last_event_id, since)
    estate, seen = await to_thread.run_sync(services.queries.outlook_on, incident_id, member)
    tail = await services.feeds.follow(estate)

    def welcome() -> Outlook | None:
        try:
            request.state.identity = identify(request, services)
            return services.queries.outlook_on(incident_id, let_in(request, services, Area.ESTATE))[1]
        except (Refusal, CloudError):
            return None

    async def still_welcome() -> Outlook | None:
        return await to_thread.run_sync(welcome)

    told = frames(tail, cursor, seen, still_welcome, only=incident_id, whose=member.member.id)
    return LiveResponse(told, headers=headers())
