"""From volts to what a sensor measures, and to the news that its circuit is broken."""

from __future__ import annotations

from schemas.equipment import AnalogInput

REFERENCE_VOLTS = 3.3


def measured(wired: AnalogInput, volts: float) -> float | None:
    """The value in the unit of `at_zero` and `at_full`; None where the circuit is open or shorted."""
    if wired.fault_below_v is not None and volts < wired.fault_below_v:
        return None
    if wired.fault_above_v is not None and volts > wired.fault_above_v:
        return None
    return round(wired.at_zero + volts / REFERENCE_VOLTS * (wired.at_full - wired.at_zero), 6)
