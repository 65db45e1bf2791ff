"""Lists on pages that go on: as many as are shown at once, and the address of the older ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar

from fastapi import Query

from cloud.application.positions import Position
from cloud.entrypoints.api import cursors

AT_ONCE: Final = 50
Cursor = Annotated[str | None, Query(max_length=512)]
_Item = TypeVar("_Item")


def before(cursor: str | None) -> Position | None:
    """Raises Refusal for one that no page gave out."""
    return cursors.decode_closing(cursor) if cursor else None


def turned(
    path: str, name: str, found: Sequence[_Item], position: Callable[[_Item], Sequence[object]], *, most: int = AT_ONCE
) -> tuple[list[_Item], str | None]:
    """Of one more than are shown those that are, and the address at which the parameter `name` has the place of the last one;
    None where there are no older ones. `path` may have a query.
    """
    shown = list(found[:most])
    if len(found) <= most:
        return shown, None
    return shown, f"{path}{'&' if '?' in path else '?'}{name}={cursors.encode(position(shown[-1]))}#{name}"
