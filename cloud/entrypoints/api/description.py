"""The OpenAPI document, for whoever is let in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request

from cloud.entrypoints.api.access import CurrentMember
from cloud.entrypoints.api.interface import PREFIX
from cloud.entrypoints.api.late import LateRoute

router = APIRouter(prefix=PREFIX, include_in_schema=False, route_class=LateRoute)


@router.get("/openapi.json")
def describe(request: Request, member: CurrentMember) -> dict[str, Any]:  # noqa: ARG001 - asked for to be let in
    app: FastAPI = request.app
    return app.openapi()
