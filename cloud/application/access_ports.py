"""What forgetting needs of the storage: who passed which door, as long as it may be known."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cloud.domain.records.privacy import AccessCount


class AccessLog(Protocol):
    """Access events as far as they concern persons."""

    def unname(self, before: datetime, limit: int) -> int:
        """Takes the card's mark off identified events that happened earlier, the oldest first; how many."""
        ...

    def fold(self, before: datetime, limit: int) -> int:
        """Counts pseudonymous events that happened earlier by door, day and kind, and forgets them; how many."""
        ...

    def counts(self, estate: str) -> Sequence[AccessCount]:
        """By day, door and kind."""
        ...
