"""What saved views of the board need of the storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cloud.domain.community.saved_view import SavedView


class SavedViewShelf(Protocol):
    """The views that members have saved, in one estate each."""

    def of(self, estate: str, member_id: str) -> Sequence[SavedView]:
        """By name."""
        ...

    def save(self, view: SavedView) -> None:
        """New, or in place of the one with its id. Raises cloud.errors.Conflict for a name that the member has already."""
        ...

    def remove(self, view_id: str) -> None: ...
