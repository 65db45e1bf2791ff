"""What the labels on lifts and doors need of the storage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from cloud.domain.community.label import Label


class LabelBook(Protocol):
    """The labels of all estates, those that were replaced among them: no code is given twice."""

    def find(self, code: str) -> Label | None: ...

    def of(self, estate: str) -> Sequence[Label]:
        """Those that hold, by equipment."""
        ...

    def add(self, label: Label) -> None:
        """Raises cloud.errors.Conflict for a code that was given before, and where the equipment has a label that holds."""
        ...

    def retire(self, code: str, at: datetime) -> None:
        """It holds no longer."""
        ...
