"""Test alarms: they stand for a while, are told apart from real ones everywhere, and move nothing at the node."""

from __future__ import annotations

from dataclasses import dataclass

from edge.application.ports import RuleMemory
from edge.domain.signals import earliest
from schemas.presence import ActiveOccurrence

PREFIX = "exercise:"
"""No rule's id has a colon, so an exercise is never taken for a rule, nor a rule for an exercise."""


@dataclass(frozen=True, slots=True)
class _Standing:
    occurrence: ActiveOccurrence
    until: float


class Exercises:
    """Those that stand now. They are kept like the memory of a rule that is no more: a restart clears them."""

    def __init__(self) -> None:
        self._standing: dict[str, _Standing] = {}
        self._unkept: set[str] = set()

    @property
    def due(self) -> float | None:
        return earliest(*(standing.until for standing in self._standing.values()))

    @property
    def active(self) -> list[ActiveOccurrence]:
        return [standing.occurrence for standing in self._standing.values()]

    def begin(self, occurrence: ActiveOccurrence, until: float) -> None:
        self._standing[occurrence.rule] = _Standing(occurrence, until)
        self._unkept.add(occurrence.rule)

    def over(self, mono: float) -> list[ActiveOccurrence]:
        """Those whose time is up by `mono`; they stand no longer."""
        ended = [name for name, standing in self._standing.items() if standing.until <= mono]
        self._unkept -= set(ended)
        return [self._standing.pop(name).occurrence for name in ended]

    def take_unkept(self, boot: str) -> list[RuleMemory]:
        """What has to be kept since the last call."""
        unkept, self._unkept = self._unkept, set()
        standing = [self._standing[name].occurrence for name in sorted(unkept)]
        return [RuleMemory(one.rule, boot, "", one.model_dump_json()) for one in standing]

    def put_back(self, name: str) -> None:
        """It could not be kept after all."""
        if name in self._standing:
            self._unkept.add(name)
