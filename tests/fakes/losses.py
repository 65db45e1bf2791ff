"""What was declared lost, in memory."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from copy import deepcopy

from cloud.domain.fleet.losses import Losses

Known = MutableMapping[tuple[str, str], Losses]


class FakeLossBook:
    def __init__(self, known: Known) -> None:
        self._known = known

    def of(self, estate: str) -> Sequence[Losses]:
        return [deepcopy(one) for one in self._known.values() if one.estate == estate]

    def save(self, losses: Losses) -> None:
        self._known[losses.outbox, losses.stream] = deepcopy(losses)
