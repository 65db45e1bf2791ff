"""What telling losses needs from outside: what has arrived of each outbox, and a place for what was declared lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from cloud.application.timeseries import Origin, SeqRange, VoidRange
from cloud.domain.fleet.losses import Losses


class Arrivals(Protocol):
    """What of the nodes' telemetry is stored. From any thread. Raises cloud.errors.ReadingsUnavailable."""

    def origins(self) -> list[Origin]:
        """Every outbox of which anything was ever stored or said to be void."""
        ...

    def stored_ranges(self, origin: Origin) -> list[SeqRange]: ...

    def void_ranges(self, origin: Origin) -> list[VoidRange]: ...


class LossBook(Protocol):
    """What was declared lost, or is in doubt."""

    def of(self, estate: str) -> Sequence[Losses]: ...

    def save(self, losses: Losses) -> None: ...
