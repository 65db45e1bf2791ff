"""Readings become SenML packs (RFC 8428), small and resolvable."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from edge.domain.signals import Value
from schemas.telemetry import MONO_LABEL

MAX_RECORDS = 400
"""Fewer than the contract's 1,000, so that names and texts of any length stay within 64 KiB a payload."""


@dataclass(frozen=True, slots=True)
class ReadingTaken:
    """One value of a point. `t`: seconds since 1970, None while the node's clock is not believed; `mono` always."""

    equipment: str
    point: str
    value: Value
    unit: str | None
    t: float | None
    mono: float


class Distinct:
    """Gives no point two readings with one time: a later one gets a microsecond more (wire.md, Identity)."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], tuple[float, float | None]] = {}

    def stamp(self, equipment: str, point: str, mono: float, t: float | None) -> tuple[float, float | None]:
        mono, t = round(mono, 3), None if t is None else round(t, 3)
        key = (equipment, point)
        if (last := self._last.get(key)) is not None:
            last_mono, last_t = last
            if last_mono - 0.0005 < mono <= last_mono:
                mono = round(last_mono + 1e-6, 6)
            if t is not None and last_t is not None and last_t - 0.0005 < t <= last_t:
                t = round(last_t + 1e-6, 6)
        self._last[key] = (mono, t)
        return mono, t


def packs_of(readings: Iterable[ReadingTaken]) -> list[list[dict[str, Any]]]:
    """Packs of at most `MAX_RECORDS`; each wholly with wall time, or wholly without."""
    packs = []
    for _, group in itertools.groupby(readings, key=lambda reading: reading.t is None):
        ordered = sorted(group, key=lambda reading: reading.equipment)
        packs += [_pack(ordered[start : start + MAX_RECORDS]) for start in range(0, len(ordered), MAX_RECORDS)]
    return packs


def _pack(readings: list[ReadingTaken]) -> list[dict[str, Any]]:
    base_time = None if readings[0].t is None else math.floor(readings[0].t)
    equipment: str | None = None
    pack: list[dict[str, Any]] = []
    for reading in readings:
        record: dict[str, Any] = {}
        if reading.equipment != equipment:
            equipment = reading.equipment
            record["bn"] = f"{equipment}/"
        if base_time is not None and not pack:
            record["bt"] = base_time
        record["n"] = reading.point
        if reading.unit is not None:
            record["u"] = reading.unit
        record[_label(reading.value)] = reading.value
        if base_time is not None and reading.t is not None:
            record["t"] = round(reading.t - base_time, 6)
        pack.append(record | {MONO_LABEL: reading.mono})
    return pack


def _label(value: Value) -> str:
    if isinstance(value, bool):
        return "vb"
    return "vs" if isinstance(value, str) else "v"
