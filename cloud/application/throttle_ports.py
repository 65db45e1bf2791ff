"""What throttling reports without login needs of the storage, which all workers share."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class ReportSources(Protocol):
    """Keys of the service's own, and who reported in the last minutes, as keyed prints."""

    def key(self, name: str) -> bytes | None: ...

    def make_key(self, name: str, now: datetime) -> bytes:
        """A new one under that name. Raises cloud.errors.Conflict when another worker has just made it."""
        ...

    def drop_keys(self, prefix: str, before: datetime) -> None:
        """Those of that kind that were made earlier: prints under them cannot be traced back any more, by anybody."""
        ...

    def forget(self, before: datetime) -> None:
        """Who reported until then."""
        ...

    def count(self, source: str | None = None) -> int:
        """How many reports are remembered of a source; None: of all."""
        ...

    def add(self, source: str, at: datetime) -> None: ...
