"""Where a listing goes on: an opaque cursor that stays valid when rows before it come and go."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus

from cloud.application.asking.queries import urgency
from cloud.application.asking.views import TaskView
from cloud.entrypoints.api.problems import Fault, Refusal

Rank = tuple[bool, bool, int, int, str, str]
"""The board's order as JSON can carry it, made total by the id."""


Closing = tuple[datetime, str]


def rank(task: TaskView) -> Rank:
    hidden, calm, stage, mildness, opened_at = urgency(task)
    return hidden, calm, stage, mildness, opened_at.isoformat(), task.id


def encode(position: Sequence[object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(list(position)).encode()).decode().rstrip("=")


def _refused() -> Refusal:
    what = "is none that this service gave out; leave it away to begin at the first page"
    return Refusal(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid",
        f"The cursor {what}.",
        problems=[Fault(where="query.cursor", what=what)],
    )


def _decode(cursor: str) -> list[object]:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error, RecursionError) as error:
        raise _refused() from error
    if not isinstance(found, list):
        raise _refused()
    return found


def decode_rank(cursor: str) -> Rank:
    match _decode(cursor):
        case [bool(hidden), bool(calm), int(stage), int(mildness), str(opened_at), str(task_id)]:
            return hidden, calm, stage, mildness, opened_at, task_id
        case _:
            raise _refused()


def decode_closing(cursor: str) -> Closing:
    """When the last one shown was closed, and its id: several may be closed in one moment."""
    match _decode(cursor):
        case [str(moment), str(task_id)]:
            try:
                parsed = datetime.fromisoformat(moment)
                if parsed.tzinfo is not None:
                    return parsed.astimezone(UTC), task_id
            except (ValueError, OverflowError) as error:
                raise _refused() from error
    raise _refused()
