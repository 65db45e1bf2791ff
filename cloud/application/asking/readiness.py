"""Whether this process can do its work: what is wrong now, in one sentence per part, for operators and monitors."""

from __future__ import annotations

import threading
from collections.abc import Mapping


class Readiness:
    """Each part says when it is in trouble and when it is well again. Used from any thread."""

    def __init__(self) -> None:
        self._troubles: dict[str, str] = {}
        self._lock = threading.Lock()

    def troubled(self, part: str, sentence: str) -> bool:
        """Whether this is news: the part was well before, or said something else."""
        with self._lock:
            news = self._troubles.get(part) != sentence
            self._troubles[part] = sentence
            return news

    def well(self, part: str) -> bool:
        """Whether this is news: the part was in trouble before."""
        with self._lock:
            return self._troubles.pop(part, None) is not None

    @property
    def ready(self) -> bool:
        return not self._troubles

    def troubles(self) -> Mapping[str, str]:
        """Part → what is wrong with it and what is being done; empty when all is well."""
        with self._lock:
            return dict(self._troubles)
