"""What the script of a fault has in its hands: the equipment, the clock, and the pen that writes the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from firmware_sim.scenario import FaultSpec
from firmware_sim.script import Stage
from firmware_sim.truth import Fact, GroundTruth, InjectedFault
from firmware_sim.wiegand import Card

Thing = TypeVar("Thing")


@dataclass(slots=True)
class Staging(Generic[Thing]):
    """`panel` closes or opens the fire inputs of the building's gates, as the panel's hard-wired output does."""

    spec: FaultSpec
    fault: InjectedFault
    equipment: Thing
    stage: Stage
    truth: GroundTruth
    panel: Callable[[bool], None]
    known_card: Card | None = None

    @property
    def now(self) -> float:
        return self.stage.now

    @property
    def seconds(self) -> float:
        """How long the fault lasts from its onset."""
        return self.spec.for_

    def injected(self) -> None:
        self._state("injected")

    def onset(self) -> None:
        self._state("onset")

    def defined(self, *, after: float = 0.0) -> None:
        self._state("defined", after)

    def ended(self) -> None:
        self._state("ended")

    def _state(self, fact: Fact, after: float = 0.0) -> None:
        self.truth.state(self.fault, fact, self.now + after)
