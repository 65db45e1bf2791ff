"""Every error of the interface as a problem document (RFC 9457) that says what was wrong and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

MEDIA_TYPE: Final = "application/problem+json"


class Fault(BaseModel):
    """One thing wrong with a request: where it stands and what is wrong with it."""

    where: str = Field(
        description="The part of the request - `body`, `query`, `path`, `header` - and the way to the field in it, joined by dots.",
        examples=["body.contacts.0.address", "query.from"],
    )
    what: str


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str = Field(
        description="A name for this class of problem, relative to the service.", examples=["/problems/conflict"]
    )
    title: str
    status: int
    detail: str = Field(description="What was wrong here, and what to do.")
    instance: str | None = None
    problems: list[Fault] = []


class Refusal(Exception):  # noqa: N818 - it is the answer, not a mistake
    """Raised anywhere below a route to answer with a problem."""

    def __init__(
        self,
        status: HTTPStatus,
        kind: str,
        detail: str,
        *,
        problems: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail = status, kind, detail
        self.problems, self.headers = tuple(problems), dict(headers or {})


def unauthorised() -> Refusal:
    return Refusal(
        HTTPStatus.UNAUTHORIZED,
        "sign-in-needed",
        "This needs a member. Send an API token as 'Authorization: Bearer …', or sign in with your personal link.",
        headers={"WWW-Authenticate": 'Bearer realm="tocsin"'},
    )


def not_found(what: str) -> Refusal:
    """Also the answer where something exists that the member may not see, so that nobody learns that it does."""
    return Refusal(HTTPStatus.NOT_FOUND, "not-found", f"There is no {what} here, or you have no part in it.")


def forbidden(detail: str) -> Refusal:
    return Refusal(HTTPStatus.FORBIDDEN, "forbidden", detail)


FACTOR_NEEDED: Final = "second-factor-needed"


def factor_needed(detail: str) -> Refusal:
    """Where everything waits until a session has proven it: a page leads there."""
    return Refusal(HTTPStatus.FORBIDDEN, FACTOR_NEEDED, detail)


def document(refusal: Refusal, instance: str | None = None) -> dict[str, Any]:
    return Problem(
        type=f"/problems/{refusal.kind}",
        title=refusal.kind.replace("-", " ").capitalize(),
        status=refusal.status,
        detail=refusal.detail,
        instance=instance,
        problems=list(refusal.problems),
    ).model_dump(exclude_none=True)


def answer(refusal: Refusal, instance: str | None = None) -> JSONResponse:
    return JSONResponse(document(refusal, instance), refusal.status, refusal.headers, media_type=MEDIA_TYPE)


def faults_of(errors: Sequence[Mapping[str, Any]]) -> list[Fault]:
    """Pydantic's errors as faults; what the client sent is not repeated to it."""
    return [
        Fault(
            where=".".join(str(part) for part in error.get("loc", ())) or "body",
            what=str(error.get("msg", "is not valid")).removeprefix("Value error, "),
        )
        for error in errors
    ]


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """OpenAPI's entries for these problems, for a route's `responses`."""
    return {
        status.value: {
            "description": status.phrase,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }
