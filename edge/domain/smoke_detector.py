"""What the relays and analog outputs of a smoke or carbon monoxide detector mean."""

from __future__ import annotations

from collections.abc import Mapping

from edge.domain.analog import measured
from edge.domain.co_dose import CoDose
from edge.domain.sensor_life import CleanAir, Flatline, Stillness
from edge.domain.signals import (
    ContactChanged,
    Finding,
    PointAssumed,
    PointAwaited,
    PointLost,
    PointValue,
    Signal,
    VoltageRead,
)
from schemas.default_rules import SMOKE_THRESHOLD
from schemas.equipment import AnalogInput, SmokeDetector

_CONTACTS = {
    "alarm_relay": "alarm",
    "fault_relay": "fault",
    "battery_low": "battery-low",
    "tamper": "tamper",
    "call_point": "call-point",
}
_ANALOG = {"obscuration": "obscuration-per-metre", "temperature": "temperature", "co": "co"}
_NOISY = ("obscuration", "co")
"""Inputs that are never still while their sensor lives. A room's temperature may well be, at 10 bits."""


class SmokeDetectorInterpreter:
    """One detector. Analog values outside what the circuit can give are a fault and no reading."""

    due: float | None = None

    def __init__(self, detector: SmokeDetector, memory: Mapping[str, float] | None = None) -> None:
        memory = memory or {}
        self._wired: dict[str, AnalogInput] = {
            name: wired for name in _ANALOG if (wired := getattr(detector, name)) is not None
        }
        self._contacts = {name for name in _CONTACTS if getattr(detector, name) is not None}
        self._broken = dict.fromkeys(self._wired, False)
        self._still = {name: Stillness() for name in _NOISY if name in self._wired}
        self._stuck: dict[str, bool | None] = dict.fromkeys(self._still)
        self._flat = Flatline("temperature", memory)
        self._dose = CoDose(memory.get("co-dose", 0.0))
        self._clean_air = CleanAir(SMOKE_THRESHOLD * 2 / 3, memory.get("clean-air", 0.0))

    def start(self, mono: float) -> list[Finding]:
        del mono
        unwired = [point for name, point in _CONTACTS.items() if name not in self._contacts]
        unwired += [] if self._wired else ["circuit-fault"]
        unwired += [] if self._still else ["stuck"]
        unwired += [] if "temperature" in self._wired else ["temperature-stuck"]
        # What is wired is unknown until its first sample - and `stuck` until the value moves or an hour has passed.
        awaited = [_ANALOG[name] for name in self._wired]
        return [*(PointAssumed(point, False) for point in unwired), *map(PointAwaited, awaited)]

    def observe(self, signal: Signal, mono: float) -> list[Finding]:
        match signal:
            case ContactChanged():
                return [PointValue(_CONTACTS[signal.input], signal.active)]
            case VoltageRead():
                return self._voltage(signal, mono)
            case _:
                return []

    def tick(self, mono: float) -> list[Finding]:
        del mono
        return []

    def memory(self) -> dict[str, float]:
        """What must outlive a restart, because it took hours or days to learn."""
        kept = {}
        if "co" in self._wired:
            kept["co-dose"] = self._dose.dose
        if "obscuration" in self._wired:
            kept["clean-air"] = self._clean_air.baseline
        return kept | self._flat.memory()

    def _stuck_now(self) -> list[Finding]:
        if any(self._stuck.values()):
            return [PointValue("stuck", True)]
        return [] if None in self._stuck.values() else [PointValue("stuck", False)]

    def _voltage(self, read: VoltageRead, mono: float) -> list[Finding]:
        value = measured(self._wired[read.input], read.volts)
        self._broken[read.input] = value is None
        found: list[Finding] = [PointValue("circuit-fault", any(self._broken.values()))]
        if value is None:
            return [*found, PointLost(_ANALOG[read.input])]
        if read.input in self._still:
            self._stuck[read.input] = self._still[read.input].observe(read.volts, mono)
            found += self._stuck_now()
        found.append(PointValue(_ANALOG[read.input], value))
        match read.input:
            case "obscuration":
                found.append(PointValue("clean-air", self._clean_air.observe(value, mono)))
            case "temperature" if (stuck := self._flat.observe(read.volts, mono)) is not None:
                found.append(PointValue("temperature-stuck", stuck))
            case "co":
                found.append(PointValue("co-dose", self._dose.observe(value, mono)))
        return found
