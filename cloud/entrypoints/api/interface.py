"""Where the interface lives, and what any of its routes may refuse with.

Its routers say both themselves, and the application takes their routes as they are: of a router that is included in another,
FastAPI makes each route anew with the validators of its models, and once more where that one is included - 27 MiB and a
second for ours.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fastapi import APIRouter

from cloud.entrypoints.api.late import LateRoute
from cloud.entrypoints.api.problems import documented

PREFIX: Final = "/api/v1"

REFUSED: Final = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


class Interface(APIRouter):
    """A router of ours, complete in itself. `under`: where beneath `PREFIX` its routes begin."""

    def __init__(self, under: str = "", *, tags: list[str]) -> None:
        super().__init__(prefix=f"{PREFIX}{under}", tags=[*tags], responses=REFUSED, route_class=LateRoute)
