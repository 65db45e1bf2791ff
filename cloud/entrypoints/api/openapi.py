"""What the framework's OpenAPI document leaves unsaid: problems, local times, and the manners that all routes share."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic.json_schema import models_json_schema

from cloud.entrypoints.api.access import SESSION_COOKIE, area_of
from cloud.entrypoints.api.problems import Problem, documented

LOCAL_TIME: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$"
"""Hours of a day in the estate's own time. The format `time` of JSON Schema would want an offset."""

KEY_HEADER: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A fresh UUID for what must happen once: sent again within 24 hours it brings the same answer.",
    "schema": {"type": "string", "pattern": "^[!-~]{16,128}$"},
}


KEYS: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token of a member, with its scopes."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "A browser that has signed in.",
    },
}
"""What opens a door of the interface."""


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
        document["components"]["securitySchemes"] = KEYS
        guarded = set(_guarded(app))
        for path, methods in document["paths"].items():
            if path.startswith("/api/"):
                for method, operation in methods.items():
                    _manners(method, operation)
                    if (path, method) in guarded:
                        operation["security"] = [{name: []} for name in KEYS]
        return document

    app.openapi = described  # type: ignore[method-assign] # FastAPI's documented way to extend the document


def _guarded(app: FastAPI) -> Iterator[tuple[str, str]]:
    """(path, method) of every route that lets in only whom `access.decide` lets in."""
    for route in app.routes:
        if isinstance(route, APIRoute) and route.include_in_schema and _asks_who(route.dependant):
            yield from ((route.path_format, method.lower()) for method in route.methods or ())


def _asks_who(dependant: Dependant) -> bool:
    return area_of(dependant.call) is not None or any(_asks_who(one) for one in dependant.dependencies)


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
