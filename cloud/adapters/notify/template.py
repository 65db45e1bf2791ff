"""Text with `${names}` in it, filled so that no value can become anything but a value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from string import Template
from typing import Final, Literal
from urllib.parse import quote
from xml.sax.saxutils import escape

Form = Literal["json", "form", "xml", "text"]

NAMES: Final = frozenset(
    {"address", "text", "name", "language", "id", "link", "callback", "secret", "time", "signature", "body"}
)


def form_of(content_type: str) -> Form:
    """How values are written in a body of that type."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json" or kind.endswith("+json"):
        return "json"
    if kind == "application/x-www-form-urlencoded":
        return "form"
    return "xml" if kind in ("application/xml", "text/xml") or kind.endswith("+xml") else "text"


def unknown(template: str) -> list[str]:
    """Names in it that nothing stands for. Raises ValueError where a `$` begins no name; write `$$` for one."""
    parsed = Template(template)
    if not parsed.is_valid():
        raise ValueError("a $ begins no name: write ${name}, or $$ for the sign itself")
    return sorted(set(parsed.get_identifiers()) - NAMES)


def fill(template: str, values: Mapping[str, str], form: Form) -> str:
    return Template(template).substitute({name: _written(value, form) for name, value in values.items()})


def _written(value: str, form: Form) -> str:
    match form:
        case "json":
            return json.dumps(value, ensure_ascii=False)[1:-1]
        case "form":
            return quote(value, safe="")
        case "xml":
            return escape(value, {'"': "&quot;", "'": "&apos;"})
        case "text":
            return value
