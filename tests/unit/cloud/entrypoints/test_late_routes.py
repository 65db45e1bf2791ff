"""A route that is made when somebody comes to it is the route that was declared."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from threading import Barrier
from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, Path, Query
from fastapi.routing import APIRoute
from httpx import ASGITransport, AsyncClient, Response

from cloud.entrypoints.api.late import LateRoute
from cloud.entrypoints.api.problems import documented


@dataclass
class Answer:
    number: int


def declared(kind: type[APIRoute]) -> APIRouter:
    router = APIRouter(prefix="/at", tags=["all"], route_class=kind)

    @router.get("/{place}", summary="One", responses=documented(HTTPStatus.NOT_FOUND))
    def one(place: Annotated[str, Path(max_length=3)], number: Annotated[int, Query(ge=0)] = 0) -> Answer:
        """Says it."""
        return Answer(number + len(place))

    @router.post("/{place}", status_code=HTTPStatus.NO_CONTENT, deprecated=True)
    def none(place: str) -> None: ...

    @router.delete("/{place}", response_model=None, include_in_schema=False, name="gone")
    def rest(place: str) -> dict[str, str]:
        return {"gone": place}

    return router


def app_of(kind: type[APIRoute]) -> FastAPI:
    return FastAPI(routes=declared(kind).routes)


def ask(app: FastAPI, method: str, path: str) -> Response:
    async def asking() -> Response:
        async with AsyncClient(transport=ASGITransport(app), base_url="http://tocsin.test") as client:
            return await client.request(method, path)

    return asyncio.run(asking())


def test_it_is_described_as_the_frameworks_own():
    assert app_of(LateRoute).openapi() == app_of(APIRoute).openapi()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/at/b1?number=2"), ("GET", "/at/much-too-long"), ("GET", "/at/b1?number=-1"), ("POST", "/at/b1"),
        ("DELETE", "/at/b1"), ("PUT", "/at/b1"), ("GET", "/at"), ("GET", "/at/b1/"),
    ],
)  # fmt: skip
def test_it_answers_as_the_frameworks_own(method, path):
    answers = [ask(app_of(kind), method, path) for kind in (LateRoute, APIRoute)]
    late, own = [(answer.status_code, answer.text, answer.headers.get("allow")) for answer in answers]
    assert late == own


def test_whether_a_request_is_for_it_is_known_without_making_it():
    app = app_of(LateRoute)
    assert ask(app, "GET", "/elsewhere").status_code == HTTPStatus.NOT_FOUND
    assert ask(app, "PUT", "/at/b1").status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert app.url_path_for("gone", place="b1") == "/at/b1"
    assert not [route for route in app.routes if isinstance(route, LateRoute) and "dependant" in vars(route)]
    ask(app, "GET", "/at/b1")
    assert [route.name for route in app.routes if isinstance(route, LateRoute) and "dependant" in vars(route)] == [
        "one"
    ]


def test_what_no_route_has_it_has_not_either():
    (route, *_) = declared(LateRoute).routes
    assert not hasattr(route, "nonsense")
    assert hasattr(route, "dependant")


def test_who_comes_while_it_is_being_made_waits_for_it():
    routes, together = declared(LateRoute).routes, Barrier(8)

    def come(_: int) -> list[int]:
        together.wait()
        return [id(route.dependant) for route in routes]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(come, range(8)))
    assert found == [found[0]] * 8


def test_what_is_wrong_with_a_declaration_is_told_to_each_that_asks():
    router = APIRouter(route_class=LateRoute)

    @router.get("/wrong", status_code=HTTPStatus.NO_CONTENT)
    def wrong() -> Answer: ...

    (route,) = router.routes
    for _ in range(2):
        with pytest.raises(AssertionError, match="must not have a response body"):
            _ = route.app
