"""Answers of Open311 as JSON or XML, its errors among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi.responses import JSONResponse, Response

JSON: Final = "json"
XML: Final = "xml"
PREFIX: Final = "/open311/"

Record = Mapping[str, Any]


def answer(form: str, root: str, item: str, found: Sequence[Record]) -> Response:
    """A list: in JSON an array, in XML `root` with one `item` for each."""
    if form == XML:
        return _xml(root, {item: list(found)})
    return JSONResponse(list(found))


def single(form: str, root: str, record: Record) -> Response:
    """One thing by itself. In JSON its lists are arrays; in XML each lies in an element of its own."""
    if form == XML:
        return _xml(root, {name: _wrapped(name, value) for name, value in record.items()})
    return JSONResponse(dict(record))


def error(form: str, status: int, description: str, headers: Mapping[str, str] | None = None) -> Response:
    """GeoReport v2, Errors: each with its code, which is the status."""
    found = {"code": status, "description": description}
    made = _xml("errors", {"error": [found]}) if form == XML else JSONResponse([found])
    made.status_code = status
    made.headers.update(headers or {})
    return made


def form_of(path: str) -> str:
    """How an answer at that address is written, also where nothing else about it can be understood."""
    return XML if path.endswith(f".{XML}") else JSON


def _wrapped(name: str, value: object) -> object:
    """`values` of several become `values` with a `value` each, as the format has it."""
    if not isinstance(value, list):
        return value
    rows = [{key: _wrapped(key, part) for key, part in row.items()} for row in value]
    return {name.removesuffix("s"): rows}


def _xml(root: str, content: Record) -> Response:
    from xml.etree import ElementTree as ET

    from cloud.entrypoints.feeds.markup import put, written

    def fill(parent: ET.Element, record: Record) -> None:
        for name, value in record.items():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, Mapping):
                    fill(ET.SubElement(parent, name), one)
                else:
                    put(parent, name, str(one).lower() if isinstance(one, bool) else str(one))

    top = ET.Element(root)
    fill(top, content)
    return Response(written(top), media_type="text/xml")
