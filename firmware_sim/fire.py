"""A room with a fire in it, and the detector on its ceiling: t² growth, smoke, heat, carbon monoxide, and what is none."""

from __future__ import annotations

import math
import random
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

ALARM_OBSCURATION: Final = 0.05
"""Per metre: 5 %/m, where `fire.smoke` begins (equipment.md)."""
_SOOT_YIELD: Final = 0.06
"""Grams of soot per gram of fuel: furniture, between wood (0.015) and polyurethane foam (0.13); SFPE Handbook, tables of
yields."""
_CO_YIELD: Final = 0.03
_HEAT_OF_COMBUSTION: Final = 20.0
"""kJ/g, the same mix."""
_SOOT_EXTINCTION: Final = 8.7
"""m²/g of flaming soot in visible light (Mulholland and Croarkin, Fire and Materials 24, 2000)."""
_CO_MG_PER_PPM: Final = 1.165
"""mg/m³ for one ppm at 20 °C and 1 atm."""
_MAX_HEAT_KW: Final = 2_000.0
_CEILING_JET: Final = 5.38
"""Alpert's correlation, K·m^(5/3)/kW^(2/3), for r/H > 0.18."""


class Growth(Enum):
    """α in kW/s² of Q = α t²: a fire of 1,055 kW after 600, 300, 150 and 75 s (NFPA 204; EN 1991-1-2, E.4 likewise)."""

    SLOW = 1055 / 600**2
    MEDIUM = 1055 / 300**2
    FAST = 1055 / 150**2
    ULTRA_FAST = 1055 / 75**2

    @classmethod
    def named(cls, name: str) -> Growth:
        return cls[name.upper().replace("-", "_")]


@dataclass(frozen=True, slots=True)
class Air:
    """What stands at the detector: obscuration per metre (0 to 1), °C, ppm."""

    obscuration: float = 0.0
    temperature: float = 22.0
    co: float = 0.0


@dataclass(slots=True)
class Room:
    """A well-mixed room of `volume` m³. Smoke reaches the detector `transport_s` later; `extraction` (1/s) clears it
    once the fire is out, `leakage` always.
    """

    volume: float = 150.0
    transport_s: float = 6.0
    leakage: float = 0.0005
    extraction: float = 0.04
    detector_radius_m: float = 3.0
    ceiling_m: float = 2.8
    ambient: float = 22.0
    growth: Growth | None = None
    heat_kw: float = 0.0
    co_source_ppm_s: float = 0.0
    co_ceiling_ppm: float = 0.0
    soot_g: float = 0.0
    co_ppm: float = 0.0
    _lit_at: float = 0.0
    _vapour: float = 0.0
    _vapour_target: float = 0.0
    _on_the_way: deque[tuple[float, Air]] = field(default_factory=deque)
    at_detector: Air = field(default_factory=Air)

    def ignite(self, growth: Growth, now: float) -> None:
        self.growth, self._lit_at = growth, now

    def extinguish(self) -> None:
        """The fire is out and the windows are open."""
        self.growth, self.heat_kw = None, 0.0

    def leak_co(self, ppm_per_second: float, ceiling_ppm: float) -> None:
        """A flue that leaks, without smoke, until the room stands at `ceiling_ppm`."""
        self.co_source_ppm_s, self.co_ceiling_ppm = ppm_per_second, ceiling_ppm

    def air_out(self) -> None:
        self.co_source_ppm_s = 0.0

    def cook(self, obscuration: float) -> None:
        """Steam and frying: the room goes towards this obscuration within about a minute; 0 ends it."""
        self._vapour_target = obscuration

    def step(self, now: float, dt: float) -> None:
        if self.growth is not None:
            self.heat_kw = min(self.growth.value * (now - self._lit_at) ** 2, _MAX_HEAT_KW)
        burnt = self.heat_kw * dt / _HEAT_OF_COMBUSTION
        clearing = self.leakage + (0.0 if self.growth is not None else self.extraction)
        self.soot_g += burnt * _SOOT_YIELD - self.soot_g * clearing * dt
        leaking = self.co_source_ppm_s if self.co_ppm < self.co_ceiling_ppm else 0.0
        airing = clearing if not self.co_source_ppm_s else self.leakage
        burnt_co_ppm = burnt * _CO_YIELD * 1000 / self.volume / _CO_MG_PER_PPM
        self.co_ppm += leaking * dt + burnt_co_ppm - self.co_ppm * airing * dt
        self._vapour += (self._vapour_target - self._vapour) * min(dt / 20.0, 1.0)
        self._on_the_way.append((now + self.transport_s, self._air()))
        while self._on_the_way and self._on_the_way[0][0] <= now:
            self.at_detector = self._on_the_way.popleft()[1]

    def _air(self) -> Air:
        extinction = _SOOT_EXTINCTION * self.soot_g / self.volume
        jet = _CEILING_JET * (self.heat_kw / self.detector_radius_m) ** (2 / 3) / self.ceiling_m
        return Air(
            obscuration=1.0 - math.exp(-extinction) * (1.0 - self._vapour),
            temperature=self.ambient + jet + 40.0 * self._vapour,
            co=self.co_ppm,
        )


@dataclass(slots=True)
class Detector:
    """A smoke detector as its terminals show it. `threshold` is its own (they differ by a fifth, NIST); its relay lets
    go again at half of it. `dust` is obscuration that is not there.
    """

    id: str
    room: Room
    rng: random.Random
    threshold: float = ALARM_OBSCURATION
    dust: float = 0.0
    dust_per_second: float = 0.0
    faulty: bool = False
    open_circuit: bool = False
    frozen: bool = False
    """Its electronics hang: every analog output stays exactly where it is."""
    called: bool = False
    tampered: bool = False
    battery_low: bool = False
    alarm: bool = False

    def step(self, now: float, dt: float) -> None:
        self.room.step(now, dt)
        self.dust += self.dust_per_second * dt
        seen = self.obscuration
        self.alarm = seen >= (self.threshold / 2 if self.alarm else self.threshold)

    @property
    def obscuration(self) -> float:
        """What the chamber measures, before noise."""
        return self.room.at_detector.obscuration + self.dust

    def noise(self, sigma: float) -> float:
        """A living circuit is never perfectly still."""
        return self.rng.gauss(0.0, sigma)
