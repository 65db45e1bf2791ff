"""What wall screens need of the storage."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from cloud.domain.accounts.screen import Screen


class ScreenBook(Protocol):
    """The screens that hang on walls, or may soon."""

    def of(self, estates: Collection[str]) -> Sequence[Screen]:
        """The newest first."""
        ...

    def find(self, hash_: str) -> Screen | None: ...

    def save(self, screen: Screen) -> None:
        """New, or in place of the one with its id."""
        ...

    def seen(self, screen_id: str, now: datetime) -> None: ...

    def remove(self, screen_id: str) -> None: ...
