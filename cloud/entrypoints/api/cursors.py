"""Where a listing goes on: an opaque cursor that stays valid when rows before it come and go."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeVar

from fastapi import Depends, Query, Request, Response

from cloud.application.asking.board_view import urgency
from cloud.application.asking.views import TaskView
from cloud.application.positions import TopicPosition
from cloud.entrypoints.api.problems import Fault, Refusal

_Item = TypeVar("_Item")

MOST: Final = 2**53
"""What any client's numbers hold exactly."""

Rank = tuple[bool, bool, int, int, str, str]
"""The board's order as JSON can carry it, made total by the id."""


Closing = tuple[datetime, str]

Place = tuple[Any, ...]
"""Where something stands in its list: scalars that JSON can carry."""


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
        case [str(moment), str(task_id)] if task_id.isprintable():
            try:
                parsed = datetime.fromisoformat(moment)
                if parsed.tzinfo is not None:
                    return parsed.astimezone(UTC), task_id
            except (ValueError, OverflowError) as error:
                raise _refused() from error
    raise _refused()


def decode_topic(cursor: str) -> TopicPosition:
    match _decode(cursor):
        case [bool(over), str(moment), str(topic_id)]:
            return TopicPosition(over, *decode_closing(encode([moment, topic_id])))
    raise _refused()


class Onward:
    """Where a listing was left and where it goes on, for bodies that are bare lists: as a Link (RFC 8288)."""

    def __init__(
        self,
        request: Request,
        response: Response,
        cursor: Annotated[str | None, Query(max_length=512, description="From the address of the `next` Link.")] = None,
    ) -> None:
        self._request, self._response, self._cursor = request, response, cursor

    @property
    def id(self) -> str | None:
        """The id of the last one shown."""
        match self._position:
            case None:
                return None
            case [str(last)] if last.isprintable():
                return last
        raise _refused()

    @property
    def number(self) -> int | None:
        match self._position:
            case None:
                return None
            case [int(last)] if 0 <= last < MOST:
                return last
        raise _refused()

    @property
    def moment(self) -> Closing | None:
        """When the last one shown was, and its id."""
        return None if self._cursor is None else decode_closing(self._cursor)

    @property
    def _position(self) -> list[object] | None:
        return None if self._cursor is None else _decode(self._cursor)

    def page(self, found: Sequence[_Item], limit: int, position: Callable[[_Item], Sequence[object]]) -> list[_Item]:
        """Of one more than was asked for the page."""
        shown = list(found[:limit])
        if len(found) > limit:
            onward = self._request.url.include_query_params(cursor=encode(position(shown[-1])))
            self._response.headers["Link"] = f'<{onward.path}?{onward.query}>; rel="next"'
        return shown


ThisPage = Annotated[Onward, Depends(Onward)]

MOST_LISTED: Final = 1000
"""As much as was ever asked for at once."""


class Older(Onward):
    """A list of which the storage gives one piece after the other. Ask it for one more than `limit`."""

    def __init__(
        self,
        request: Request,
        response: Response,
        cursor: Annotated[str | None, Query(max_length=512, description="From the address of the `next` Link.")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 100,
    ) -> None:
        super().__init__(request, response, cursor)
        self._limit = limit

    @property
    def asked(self) -> int:
        """How many the storage is asked for: one more than are shown, which says whether there are older ones."""
        return self._limit + 1

    @property
    def topic(self) -> TopicPosition | None:
        return None if self._cursor is None else decode_topic(self._cursor)

    def of(self, found: Sequence[_Item], position: Callable[[_Item], Place]) -> list[_Item]:
        return self.page(found, self._limit, position)


Piece = Annotated[Older, Depends(Older)]


class Listing(Onward):
    """A list that is known as a whole, page by page: by a position of each that is its order, so that nothing is told twice or left
    out when others come and go meanwhile, the one that was shown last among them.
    """

    def __init__(
        self,
        request: Request,
        response: Response,
        cursor: Annotated[str | None, Query(max_length=512, description="From the address of the `next` Link.")] = None,
        limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = MOST_LISTED,
    ) -> None:
        super().__init__(request, response, cursor)
        self._limit = limit

    def of(
        self, found: Iterable[_Item], position: Callable[[_Item], Place], *, newest_first: bool = False
    ) -> list[_Item]:
        """`position`: what JSON can carry, made total by an id. Raises Refusal for a cursor of another list."""
        after = self._position
        ordered = sorted(found, key=position, reverse=newest_first)
        if after is not None:
            last = tuple(after)
            try:
                # Of a cursor of another list the first comparison says so; of an empty list there is nothing to go on to.
                ordered = [one for one in ordered if (position(one) < last if newest_first else position(one) > last)]
            except TypeError as error:
                raise _refused() from error
        return self.page(ordered, self._limit, position)


Cut = Annotated[Listing, Depends(Listing)]


def at(moment: datetime) -> str:
    """A moment as a part of a position: sorts as it passed."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
