"""What goes on by itself in a running cloud: its own loops, in threads of their own, each woken when a test says so."""

from __future__ import annotations

import threading
from collections import defaultdict
from datetime import datetime
from typing import Self

from prometheus_client import CollectorRegistry

from cloud.application.asking.readiness import Readiness
from cloud.application.identifiers import RandomIds
from cloud.bootstrap.consultation import consultation_loops
from cloud.bootstrap.shared import Shared
from cloud.settings import CloudSettings
from tests.integration.cloud_web.house import House

LONGEST_S = 30.0


class _Stands:
    """The house's clock. A loop that has taken its turn waits at it until it is woken, however long it wanted to."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.turned: dict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(0))

    def now(self) -> datetime:
        return self._house.clock.now()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        assert seconds > 0
        self.turned[threading.current_thread().name].release()
        return event.wait(LONGEST_S)


class Loops:
    """The loops of consultation as the cloud makes them."""

    def __init__(self, house: House) -> None:
        self._clock = _Stands(house)
        self.readiness = Readiness()
        common = Shared(
            CloudSettings(), self._clock, house.units, RandomIds(), self.readiness, CollectorRegistry()
        )  # fmt: skip
        self._loops = {loop.name: loop for loop in consultation_loops(common)}
        for name in self._loops:
            self._clock.turned[name]

    def __enter__(self) -> Self:
        for name, loop in self._loops.items():
            loop.start()
            self._has_turned(name)
        return self

    def __exit__(self, *_: object) -> None:
        for loop in self._loops.values():
            loop.stop()

    def take(self, name: str) -> None:
        """That loop's next turn, to its end."""
        self._loops[name].wake()
        self._has_turned(name)

    def _has_turned(self, name: str) -> None:
        assert self._clock.turned[name].acquire(timeout=LONGEST_S), f"the loop of {name} takes no turn"
        assert not self._loops[name].dead
