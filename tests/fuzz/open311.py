"""A form of Open311: the fields of the body, and the report they say."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request

from cloud.domain.incidents.report import Concern
from cloud.entrypoints.api.problems import Refusal
from cloud.entrypoints.open311.asked import fields_of, report_of
from tests.fuzz.target import Target, said


def one(data: bytes) -> bool:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": data, "more_body": False}

    kind = (b"content-type", b"application/x-www-form-urlencoded")
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": [kind], "app": None}
    try:
        report = report_of(_run(fields_of(Request(scope, receive))), device="d", too_many=False)
    except (Refusal, HTTPException) as error:
        said(str(error))
        return False
    assert isinstance(report.concern, Concern)
    return True


def _run(reading: Coroutine[Any, Any, dict[str, str]]) -> dict[str, str]:
    """Nothing in it waits."""
    try:
        reading.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("reading a form waits for something")


TARGET = Target(
    [
        f"jurisdiction_id=example&service_code={concern.value}&address_id=b3%2Flift-2&description=%E5%9D%8F%E4%BA%86"
        "&first_name=a&phone=1".encode()
        for concern in Concern
    ],
    one,
)
