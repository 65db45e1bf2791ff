"""People who live in a building: they come by card, ride the lift, go out by the button. Numbers only, never names."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from firmware_sim.access import Gate
from firmware_sim.lift import Lift, Passenger
from firmware_sim.script import Script, Stage
from firmware_sim.wiegand import Card

ARRIVALS_PER_HOUR: Final = (2, 1, 1, 0, 0, 1, 4, 10, 12, 10, 10, 16, 18, 12, 10, 12, 18, 30, 38, 32, 22, 14, 8, 4)
"""People coming home to about a hundred flats, by hour of the day from midnight. Ours: a shape, not a survey."""
DEPARTURES_PER_HOUR: Final = (1, 1, 0, 0, 1, 4, 16, 40, 36, 20, 14, 14, 14, 14, 14, 12, 12, 14, 18, 16, 10, 6, 3, 2)
_STAIRS_S: Final = 14.0
_HOUR_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Resident:
    card: Card
    floor: int
    mass: float


def draw_residents(count: int, floors: int, rng: random.Random, *, site: int) -> list[Resident]:
    """Residents with cards of one site, each number once, on floors above the entrance."""
    numbers = rng.sample(range(1, 1 << 16), count)
    return [
        Resident(Card(site, number), rng.randrange(1, max(floors, 2)), rng.uniform(45.0, 95.0)) for number in numbers
    ]


@dataclass(slots=True)
class Life:
    """What goes on in a building whether or not anything goes wrong. `start_hour` is the hour of day at time 0."""

    residents: Sequence[Resident]
    gates: Sequence[Gate]
    lifts: Sequence[Lift]
    rng: random.Random
    start_hour: float = 8.0
    stage: Stage = field(default_factory=Stage)
    _next_arrival: float = 0.0
    _next_departure: float = 0.0

    def __post_init__(self) -> None:
        self._next_arrival = self._interval(ARRIVALS_PER_HOUR, 0.0)
        self._next_departure = self._interval(DEPARTURES_PER_HOUR, 0.0)

    def step(self, now: float) -> None:
        if self.residents and now >= self._next_arrival:
            self.stage.play(self._come_home(self.rng.choice(self.residents)))
            self._next_arrival = now + self._interval(ARRIVALS_PER_HOUR, now)
        if self.residents and now >= self._next_departure:
            self.stage.play(self._go_out(self.rng.choice(self.residents)))
            self._next_departure = now + self._interval(DEPARTURES_PER_HOUR, now)
        self.stage.step(now)

    def _interval(self, per_hour: Sequence[int], now: float) -> float:
        hour = int(self.start_hour + now / _HOUR_S) % 24
        # An hour in which nobody comes is looked at again when it is over.
        return self.rng.expovariate(per_hour[hour] / _HOUR_S) if per_hour[hour] else _HOUR_S

    def _come_home(self, resident: Resident) -> Script:
        with_reader = [gate for gate in self.gates if gate.decides and gate.cards]
        if with_reader:
            yield from self.rng.choice(with_reader).enter(resident.card)
        yield self.rng.uniform(3.0, 8.0)
        yield from self._ride(0, resident)

    def _go_out(self, resident: Resident) -> Script:
        yield from self._ride(resident.floor, resident)
        yield self.rng.uniform(3.0, 8.0)
        if self.gates:
            yield from self.rng.choice(self.gates).leave()

    def _ride(self, origin: int, resident: Resident) -> Script:
        """Between the entrance and the resident's floor; by the stairs while a lift is out of use."""
        destination = 0 if origin else resident.floor
        free = [lift for lift in self.lifts if lift.in_service and not lift.reserved]
        if not free or origin == destination:
            yield _STAIRS_S * abs(destination - origin)
            return
        lift = self.rng.choice(free)
        top = len(lift.levels) - 1
        if min(origin, top) != min(destination, top):
            yield from lift.ride(min(origin, top), min(destination, top), Passenger(resident.mass))
