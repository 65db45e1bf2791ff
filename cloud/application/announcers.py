"""Several who want to be told of commits, as the one that the units of work tell."""

from __future__ import annotations

from collections.abc import Callable


class Announcers:
    """Implements `ports.Announcer`: tells the live streams, and the loop that sends what the commit left to be said."""

    def __init__(self, *told: Callable[[str, int], object]) -> None:
        self.told = list(told)

    def announce(self, estate: str, seq: int) -> None:
        for tell in self.told:
            tell(estate, seq)
