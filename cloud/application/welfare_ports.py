"""What the consents of people at home need of the storage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cloud.domain.duties.consent import Consent


class Consents(Protocol):
    """At most one of a member in an estate. What is removed is gone: nothing of it is kept."""

    def of(self, estate: str) -> Sequence[Consent]:
        """By member."""
        ...

    def get(self, estate: str, member_id: str) -> Consent | None: ...

    def save(self, consent: Consent) -> None: ...

    def remove(self, estate: str, member_id: str) -> None: ...
