"""How the state stands, as numbers for whoever watches the service: what is open, who is silent, what is late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class EstateFigures:
    """One estate's. `tasks`: (state, life safety) → how many are open; `ledger_seq`: its last entry's number.
    `webhooks_waiting`, `webhooks_given_up`: what is on its way to other systems, and what they never took.
    """

    tasks: Mapping[tuple[str, bool], int]
    nodes_online: int
    nodes_offline: int
    dead_letters: int
    ledger_seq: int
    webhooks_waiting: int = 0
    webhooks_given_up: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """`timers_late_s`: seconds since the oldest due time that nobody has attended to; 0 while timers keep up.
    `notifications_oldest_s`: how long the oldest unsent message has waited beyond its time.
    """

    estates: Mapping[str, EstateFigures]
    timers_late_s: float
    notifications_waiting: int
    notifications_oldest_s: float
    notifications_retried: int


class FigureReader(Protocol):
    """Counts without loading what it counts: asked at every scrape."""

    def figures(self, now: datetime) -> Figures:
        """Raises cloud.errors.Unavailable when the storage cannot be read."""
        ...
