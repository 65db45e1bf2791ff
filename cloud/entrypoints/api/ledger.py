"""The ledger over REST and live: the chain as it stands, told to people, and as it grows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from anyio import to_thread
from fastapi import Header, Query, Request

from cloud.application.asking.views import LineView
from cloud.application.estates.sign_in import Identity
from cloud.domain.community.access import Purpose
from cloud.domain.tasks.sight import Outlook
from cloud.entrypoints.api.access import Area, CurrentMember, EstateId, Given, OnTheWall, WallEstate, decide, identify
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import Fault, Refusal, documented
from cloud.entrypoints.feeds.elsewhere import Beyond, Outlooks, Wanted
from cloud.entrypoints.feeds.live import LiveResponse, frames, headers

router = Interface(tags=["ledger"])

Since = Annotated[int, Query(ge=0, lt=2**53, description="The last sequence already known.")]
MAX_CURSOR_DIGITS = 15


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """An entry as it stands in the chain; `hash` covers all of it and everything before. Of one that concerns a home, others
    than those who may see it are given its place, time and hashes; its kind and actor are `withheld`, its data empty.
    """

    estate: str
    seq: int
    kind: str
    at: datetime
    actor: str
    incident_id: str | None
    subject: str | None
    causation_id: str | None
    data: dict[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Lines:
    """What happened, told to people; `next`: the `since` of the following stretch."""

    items: list[LineView]
    next: int


@router.get("/ledger", summary="Entries of the hash chain after a sequence, for export and verification")
def read_ledger(
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    since: Since = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> list[LedgerEntry]:
    entries = services.queries.ledger_entries(estate, since, member, limit=limit)
    return [
        LedgerEntry(
            estate=entry.estate,
            seq=entry.seq,
            kind=entry.kind,
            at=entry.at,
            actor=entry.actor,
            incident_id=entry.incident_id,
            subject=entry.subject,
            causation_id=entry.causation_id,
            data=dict(entry.data),
            previous=entry.previous,
            hash=entry.hash,
        )
        for entry in entries
    ]


@router.get("/ledger/lines", summary="The same, told to people in both languages")
def read_lines(
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    since: Since = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Lines:
    page = services.queries.ledger_since(estate, since, member, limit=limit)
    return Lines(list(page.lines), page.seq)


def cursor_of(last_event_id: str | None, since: int | None) -> int | None:
    """A browser that reconnects repeats the address it began with; what it has seen since stands in the header."""
    if last_event_id is None or last_event_id == "":
        return since
    if last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= MAX_CURSOR_DIGITS:
        return int(last_event_id)
    fault = Fault(
        where="header.Last-Event-ID", what="is no sequence of the ledger; send back the id of the last event seen"
    )
    raise Refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "There is nothing to resume from.", problems=[fault])


@router.get(
    "/live",
    summary="The ledger as it grows, as server-sent events",
    response_class=LiveResponse,
    responses=documented(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE),
)
async def follow_ledger(  # noqa: PLR0917 - a cursor may come in two places
    request: Request,
    services: Given,
    member: OnTheWall,
    estate: WallEstate,
    since: Annotated[
        int | None, Query(ge=0, lt=2**53, description="Resume after this sequence; by default from now.")
    ] = None,
    elsewhere: Annotated[
        Wanted | None,
        Query(description="Tell of such matters in the reader's other estates as well, by `elsewhere` events."),
    ] = None,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
) -> LiveResponse:
    """Each event's id is the ledger's sequence, its data a line of it. `beat` events come at least every ten seconds;
    `reset` says that the cursor belonged to another history. Without a repeat, and without a gap but for lines about matters
    that are not the reader's to see. An `elsewhere` event says in which other estate something moved (`estate`, `seq`), or, with
    empty data, at the beginning and after much at once, that all of them are to be looked at; it has no id.
    """
    cursor, wall = cursor_of(last_event_id, since), member.purpose is Purpose.SCREEN
    feeds = services.feeds
    tail = await feeds.follow(estate)

    def eyes(identity: Identity) -> Outlook:
        return tail.outlook_of(identity.member, lambda: services.queries.outlook(estate, identity))

    def views(identity: Identity) -> Outlooks:
        return feeds.elsewhere.shared(services.queries.over.outlooks(identity))

    def welcome() -> tuple[Outlook, Outlooks] | None:
        identity = identify(request, services)
        may = identity is not None and decide(identity, Area.WALL, request.method) is None
        if identity is None or not may or estate not in identity.estates:
            return None
        return eyes(identity), views(identity) if beyond else {}

    async def still_welcome() -> Outlook | None:
        found = await to_thread.run_sync(welcome)
        if found is None:
            return None
        if beyond:
            beyond.outlooks = found[1]
            await feeds.follow_all(found[1])
        return found[0]

    beyond: Beyond | None = None
    if elsewhere is not None and len(member.estates) > 1:
        await feeds.follow_all(member.estates)
        beyond = Beyond(estate, feeds.elsewhere, await to_thread.run_sync(views, member), elsewhere)
    seen = await to_thread.run_sync(eyes, member)
    told = frames(tail, cursor, seen, still_welcome, bare=wall, beyond=beyond, whose=member.member.id)
    return LiveResponse(told, headers=headers())
