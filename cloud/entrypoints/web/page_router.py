"""What pages and the forms on them are declared with."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from starlette.exceptions import HTTPException

from cloud.entrypoints.api.late import LateRoute

_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")


class PageRoute(LateRoute):
    """Keeps what was posted at hand (`request.state.posted`): whatever goes wrong with it, its page can give it back."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_with_form(request: Request) -> Response:
            if request.method == "POST" and request.headers.get("content-type", "").startswith(_FORMS):
                try:
                    # Read once: the route is given the same.
                    request.state.posted = await request.form()
                except HTTPException:
                    raise
                except Exception as error:
                    # As FastAPI says of what it cannot read.
                    raise HTTPException(HTTPStatus.BAD_REQUEST, "The form cannot be read.") from error
            return await answer(request)

        return answer_with_form


class PageRouter(APIRouter):
    """Of routes that answer people and stand in no description. `under`: where they begin."""

    def __init__(self, under: str = "") -> None:
        super().__init__(
            prefix=under, include_in_schema=False, default_response_class=HTMLResponse, route_class=PageRoute
        )
