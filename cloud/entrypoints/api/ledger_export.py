"""The ledger as a file over REST, and its published heads for everybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import Path, Query, Response
from fastapi.responses import StreamingResponse

from cloud.application.ledger_ports import PublishedHead
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented

router = Interface(tags=["ledger"])
public = Interface(tags=["public"])

MEDIA_TYPE = "application/jsonl"

EstateName = Annotated[str, Path(max_length=64, description="The estate's id.")]


@dataclass(frozen=True, slots=True)
class LedgerHead:
    """A head as it was published. Give `head` to `tocsin ledger verify FILE --head`."""

    estate: str
    seq: int
    hash: str
    at: datetime
    head: str


@router.get(
    "/ledger/export",
    summary="The chain as a file that `tocsin ledger verify` checks on any machine",
    response_class=StreamingResponse,
    responses={
        **documented(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FORBIDDEN),
        200: {
            "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
            "description": "JSON Lines: a header, then entries",
        },
    },
)
def export_ledger(
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    since: Annotated[int, Query(ge=0, lt=2**53, description="The last sequence not exported.")] = 0,
    until: Annotated[int | None, Query(ge=0, lt=2**53, description="By default the head there is now.")] = None,
) -> StreamingResponse:
    export = services.export(estate, member, since=since, until=until)
    name = f"ledger-{estate}-{export.header.first}-{export.header.last}.jsonl"
    return StreamingResponse(
        export.lines, media_type=MEDIA_TYPE, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@public.get(
    "/public/{estate}/ledger-head",
    summary="The ledger's head as it was published last; no sign-in",
    responses=documented(HTTPStatus.NOT_FOUND),
)
def read_head(services: Given, response: Response, estate: EstateName) -> LedgerHead:
    response.headers["Cache-Control"] = "public, max-age=60"
    return head_of(estate, services.heads(estate)[0])


@public.get(
    "/public/{estate}/ledger-heads",
    summary="All heads that were ever published, newest first; no sign-in",
    responses=documented(HTTPStatus.NOT_FOUND),
)
def list_heads(
    services: Given,
    response: Response,
    estate: EstateName,
    before: Annotated[int | None, Query(ge=1, lt=2**53, description="Only heads below this sequence.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[LedgerHead]:
    response.headers["Cache-Control"] = "public, max-age=60"
    return [head_of(estate, one) for one in services.heads(estate, limit, before=before)]


def head_of(estate: str, published: PublishedHead) -> LedgerHead:
    return LedgerHead(estate, published.seq, published.hash, published.at, f"{published.seq}:{published.hash}")
