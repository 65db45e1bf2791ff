"""Rows as a file that is written while it is sent: CSV for spreadsheets, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from io import StringIO
from itertools import chain
from typing import Annotated, Any, Final, Literal

from fastapi import Query
from fastapi.responses import StreamingResponse

from cloud.entrypoints.api.problems import documented

Cell = str | int | float | bool | datetime | None
Row = Mapping[str, Cell]

MEDIA_TYPES: Final = {"csv": "text/csv", "json": "application/json"}
FILE: Final[dict[int | str, dict[str, Any]]] = {
    **documented(HTTPStatus.UNPROCESSABLE_ENTITY),
    200: {
        "description": "The file: a heading and rows, or an array of objects",
        "content": {
            MEDIA_TYPES["csv"]: {"schema": {"type": "string"}},
            MEDIA_TYPES["json"]: {"schema": {"type": "array", "items": {"type": "object"}}},
        },
    },
}
Form = Annotated[Literal["csv", "json"], Query(alias="format")]
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What makes a spreadsheet compute a cell instead of showing it (OWASP, CSV injection); full-width forms among them."""
_AT_ONCE: Final = 64
"""Rows in one piece: a piece each would cost more than what is in it."""


def as_file(name: str, form: str, columns: Iterable[str], rows: Iterable[Row]) -> StreamingResponse:
    """The first row is asked for before the answer begins, so that what cannot be read is still said as a problem."""
    found = iter(rows)
    first = [row for row in (next(found, None),) if row is not None]
    written = _csv(tuple(columns), chain(first, found)) if form == "csv" else _json(chain(first, found))
    disposition = f'attachment; filename="{name}.{form}"'
    return StreamingResponse(written, media_type=MEDIA_TYPES[form], headers={"Content-Disposition": disposition})


def _csv(columns: tuple[str, ...], rows: Iterable[Row]) -> Iterator[str]:
    import csv

    buffer = StringIO()
    buffer.write("\ufeff")  # By it spreadsheets in China know that this is UTF-8.
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for count, row in enumerate(rows, start=1):
        writer.writerow([_cell(row[column]) for column in columns])
        if count % _AT_ONCE == 0:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _cell(value: Cell) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return _moment(value)
        case str():
            return f"'{value}" if value.startswith(_FORMULA) else value
        case _:
            return repr(value)


def _json(rows: Iterable[Row]) -> Iterator[str]:
    before = "["
    for row in rows:
        told = {name: _moment(value) if isinstance(value, datetime) else value for name, value in row.items()}
        yield f"{before}\n{json.dumps(told, ensure_ascii=False)}"
        before = ","
    yield f"{'[' if before == '[' else ''}\n]\n"


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
