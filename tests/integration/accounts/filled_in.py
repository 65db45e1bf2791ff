"""Every route's request, filled in from its own description: so that what is refused is refused for what it names, not its form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from fastapi import params
from PIL import Image
from pydantic import TypeAdapter

SORTS = {
    "task": ("task_id", "task", "into", "same_as"),
    "incident": ("incident_id", "incident"),
    "party": ("party", "party_id", "parties", "to", "lead", "named", "to_party"),
    "member": ("member_id", "member", "members", "participants"),
    "place": ("place", "place_id", "places", "building", "buildings", "home"),
    "equipment": ("equipment", "equipment_id", "points", "point", "of"),
    "node": ("node", "node_id"),
}  # fmt: skip
"""What a field of that name holds the id of."""
SORT_OF = {name: sort for sort, names in SORTS.items() for name in names}


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    return out.getvalue()


@dataclass
class Asked:
    """One request. `ids`: the sorts of things that its body names."""

    method: str
    path: str
    query: dict[str, str]
    sent: dict[str, Any]
    ids: set[str] = field(default_factory=set)


def flat(dependant: Any) -> Iterator[Any]:
    yield dependant
    for one in dependant.dependencies:
        yield from flat(one)


class Filler:
    """`ids`: an id for each sort and for each parameter of a path; `estate`: which is asked for; `words`: what stands wherever
    people may write what they like.
    """

    def __init__(self, ids: Mapping[str, str], estate: str, words: str = "something") -> None:
        self._ids, self._estate, self._words = ids, estate, words

    def asked(self, method: str, route: Any) -> Asked:
        path = re.sub(r"{(\w+)(:path)?}", lambda found: self._named(found[1]) or "something", route.path)
        query = {"lang": "en", "estate": self._estate}
        made = Asked(method, path, query, {})
        if method == "GET":
            points = [one.name for part in flat(route.dependant) for one in part.query_params]
            query.update({name: found for name in points if name not in query and (found := self._named(name))})
            return made
        form: dict[str, Any] = {}
        for part in (one for every in flat(route.dependant) for one in every.body_params):
            info = part.field_info
            if isinstance(info, params.File):
                made.sent["files"] = {part.alias: ("photo.png", picture(), "image/png")}
                continue
            schema = TypeAdapter(info.annotation).json_schema()
            value = self._value(schema, part.alias, schema.get("$defs", {}), made.ids)
            if isinstance(info, params.Form):
                form[part.alias] = value
            else:
                made.sent["json"] = value
        if form:
            made.sent["data"] = {key: value for key, value in form.items() if value is not None}
        return made

    def _named(self, name: str) -> str | None:
        if name == "estate":
            return self._estate
        return self._ids.get(name) or self._ids.get(SORT_OF.get(name, ""))

    def _value(self, schema: dict[str, Any], name: str, known: dict[str, Any], ids: set[str]) -> Any:
        if "$ref" in schema:
            return self._value(known[schema["$ref"].rpartition("/")[2]], name, known, ids)
        choices = schema.get("anyOf") or schema.get("oneOf")
        if choices and "properties" in schema:
            # An object that has to name one of several: it names the first.
            schema = {**schema, "required": [*schema.get("required", ()), *choices[0].get("required", ())]}
        elif choices:
            return self._value(next(one for one in choices if one.get("type") != "null"), name, known, ids)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        kind = schema.get("type", "object")
        if kind == "object":
            inner = schema.get("properties", {})
            needed = {one for one in inner if one in schema.get("required", ()) or one in SORT_OF}
            return {one: self._value(inner[one], one, known, ids) for one in sorted(needed)}
        if kind == "array":
            return [self._value(schema.get("items", {"type": "string"}), name, known, ids)]
        return self._text(schema, name, ids) if kind == "string" else _plain(schema, kind)

    def _text(self, schema: dict[str, Any], name: str, ids: set[str]) -> str:
        named = self._named(name)
        if named is not None:
            ids.add(SORT_OF.get(name, name))
            return named
        form = {"date-time": "2026-05-14T08:00:00+08:00", "date": "2026-05-14", "time": "08:00:00"}
        form |= {"uri": "https://receiver.example/hook", "duration": "PT1H"}
        if schema.get("format") in form:
            return form[schema["format"]]
        known = {"url": form["uri"], "at": form["date-time"], "starts": form["date-time"]}
        words = "something" if "pattern" in schema else self._words[: schema.get("maxLength", 1000)]
        return known.get(name, words)


def _plain(schema: dict[str, Any], kind: str) -> bool | int:
    """The least that is allowed, and yes."""
    return True if kind == "boolean" else max(1, int(schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)))
