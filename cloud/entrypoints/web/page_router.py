"""What pages and the forms on them are declared with."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from cloud.entrypoints.api.late import LateRoute


class PageRouter(APIRouter):
    """Of routes that answer people and stand in no description. `under`: where they begin."""

    def __init__(self, under: str = "") -> None:
        super().__init__(
            prefix=under, include_in_schema=False, default_response_class=HTMLResponse, route_class=LateRoute
        )
