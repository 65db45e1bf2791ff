"""What gateways tell us: the key that was pressed in a call."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from cloud.entrypoints.api.access import services_of
from cloud.entrypoints.api.late import LateRoute
from cloud.entrypoints.api.problems import documented, not_found

router = APIRouter(prefix="/callbacks", tags=["callbacks"], route_class=LateRoute)


@router.post(
    "/voice/{token}",
    summary="A key was pressed in a call (for the gateway that made it)",
    responses=documented(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    ),
)
async def key_pressed(token: Annotated[str, Path(max_length=128)], request: Request) -> Response:
    """The token in the address is the call's own, and good for one answer; the body is whatever the gateway sends."""
    answer = services_of(request).messaging.answer_call
    keypad = await run_in_threadpool(answer.keypad)
    if keypad is None:
        raise not_found("such call")
    body = await request.body()
    await run_in_threadpool(answer, token, body, dict(request.headers))
    return Response(keypad.answer, media_type=keypad.content_type)
