"""Registers of an estate as files: what the import takes, given out as it takes it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Path, Query, Request
from fastapi.responses import Response

from cloud.application.estates.sign_in import Identity
from cloud.application.estates.table_files import Form, Table
from cloud.entrypoints.api.access import Area, CurrentMember, EstateId, Given, decide, entrance
from cloud.entrypoints.api.files import MEDIA_TYPES
from cloud.entrypoints.api.interface import Interface
from cloud.entrypoints.api.problems import documented, forbidden

router = Interface("/exports", tags=["exports"])

_TYPES: Final = {**MEDIA_TYPES, "yaml": "application/yaml"}
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    **documented(HTTPStatus.UNPROCESSABLE_ENTITY),
    200: {
        "description": "A file that the import takes again unchanged; as JSON and YAML a list under the table's name",
        "content": {
            _TYPES["csv"]: {"schema": {"type": "string"}},
            _TYPES["json"]: {"schema": {"type": "object", "additionalProperties": {"type": "array"}}},
            _TYPES["yaml"]: {},
        },
    },
}
Format = Annotated[Form, Query(alias="format")]
Host = Annotated[Identity, Depends(entrance(Area.MEMBERS))]
Chief = Annotated[Identity, Depends(entrance(Area.SETUP))]


@router.get("/members", summary="Members as a file", response_class=Response, responses=_FILE)
def export_members(
    request: Request,
    services: Given,
    member: Host,
    estate: EstateId,
    form: Format = "csv",
    *,
    contacts: Annotated[
        bool,
        Query(description="Also the channels that files named (JSON and YAML); for administrators, and the ledger says so."),
    ] = False,
) -> Response:  # fmt: skip
    reason = decide(member, Area.PERSONAL, request.method) if contacts else None
    if reason is not None:
        raise forbidden(reason)
    found = services.setting_up.tables(estate, member, "members", form, contacts=contacts and form != "csv")
    return _file("members", estate, form, found)


@router.get("/estate", summary="The whole estate as YAML", response_class=Response, responses={
    **documented(HTTPStatus.UNPROCESSABLE_ENTITY),
    200: {"content": {_TYPES["yaml"]: {}}, "description": "It replaces what is known where it comes in"},
})  # fmt: skip
def export_estate(services: Given, member: Chief, estate: EstateId) -> Response:
    return _file("estate", estate, "yaml", services.setting_up.files.export(estate, member)["estate.yaml"])


@router.get(
    "/{table}",
    summary="Places, parties, nodes, equipment or duties as a file",
    response_class=Response,
    responses=_FILE,
)
def export_table(
    services: Given,
    member: CurrentMember,
    estate: EstateId,
    table: Annotated[Literal["places", "parties", "nodes", "equipment", "duties"], Path()],
    form: Format = "csv",
) -> Response:
    named: Table = table
    return _file(named, estate, form, services.setting_up.tables(estate, member, named, form))


def _file(name: str, estate: str, form: Form, content: bytes) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}-{estate}.{form}"', "Cache-Control": "no-store"}
    return Response(content, media_type=_TYPES[form], headers=headers)
