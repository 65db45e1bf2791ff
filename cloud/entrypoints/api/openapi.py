"""What the framework's OpenAPI document leaves unsaid: problems, local times, and the manners that all routes share."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from pydantic.json_schema import models_json_schema

from cloud.entrypoints.api.problems import Problem, documented

LOCAL_TIME: Final = r"^\d\d:\d\d(:\d\d(\.\d{1,6})?)?$"
"""Hours of a day in the estate's own time. The format `time` of JSON Schema would want an offset."""

KEY_HEADER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A fresh UUID for what must happen once: sent again within 24 hours it brings the same answer.",
    "schema": {"type": "string", "pattern": "^[!-~]{16,128}$"},
}


def describe(app: FastAPI) -> None:
    """Adds it to the document when that is asked for."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        document = plain()
        _, schemas = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
        document.setdefault("components", {}).setdefault("schemas", {}).update(schemas["$defs"])
        for part in _parts(document):
            if part.get("format") == "time":
                part["pattern"] = LOCAL_TIME
                del part["format"]
        for path, methods in document["paths"].items():
            if path.startswith("/api/"):
                for method, operation in methods.items():
                    _manners(method, operation)
        return document

    app.openapi = described  # type: ignore[method-assign] # FastAPI's documented way to extend the document


def _manners(method: str, operation: dict[str, Any]) -> None:
    statuses = [HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.METHOD_NOT_ALLOWED]
    if method == "post":
        operation.setdefault("parameters", []).append(KEY_HEADER)
        statuses.append(HTTPStatus.CONFLICT)
    for status, answer in documented(*statuses).items():
        operation["responses"].setdefault(str(status), answer)


def _parts(document: object) -> Iterator[dict[str, Any]]:
    if isinstance(document, dict):
        yield document
        for part in document.values():
            yield from _parts(part)
    elif isinstance(document, list):
        for part in document:
            yield from _parts(part)
