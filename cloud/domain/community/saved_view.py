"""A view of the board that a member has saved: a filter under a name of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.errors import Conflict, Invalid

MAX_NAME: Final = 60
MAX_QUERY: Final = 4096
MAX_VIEWS: Final = 30
"""As many as can still be told apart at a glance."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """`query`: the filter as it stands in the board's address, without the estate."""

    id: str
    estate: str
    member_id: str
    name: str
    query: str
    saved_at: datetime


def checked_name(name: str) -> str:
    """The name as it is kept. Raises Invalid."""
    kept = " ".join(name.split())
    if not kept or len(kept) > MAX_NAME or not kept.isprintable():
        raise Invalid("The view was not saved.", [f"name: write 1 to {MAX_NAME} printable characters"])
    return kept


def check_room(known: int) -> None:
    """Raises Conflict when the member has as many as there is room for."""
    if known >= MAX_VIEWS:
        raise Conflict(
            f"You have {known} saved views. Remove one that you no longer use, then save this one.",
            f"您已保存{known}个视图，请先删除不再使用的视图",
        )
