"""What lift controllers' numbers mean: fault and event codes of GB/T 24476, service modes, directions."""

from __future__ import annotations

_CODES = {
    1: "safety circuit opened while running",
    2: "door will not close",
    3: "door will not open",
    4: "stopped outside the unlocking zone",
    5: "unintended car movement",
    6: "motor run-time limiter",
    7: "floor position lost",
    8: "restart prevented",
    40: "back to automatic",
    41: "main power off",
    42: "out of service",
    43: "inspection",
    44: "fire recall",
    45: "firefighter",
    46: "emergency power",
    47: "seismic",
    90: "alarm button",
}
_SERVICE_MODES = (
    "stopped",
    "normal",
    "inspection",
    "fire recall",
    "firefighter",
    "emergency power",
    "earthquake",
    "unknown",
)
_DIRECTIONS = ("none", "up", "down")


def code_meaning(code: int) -> str:
    """The meaning of a code; from 09 on, unless listed, codes are the maker's own (GB/T 24476)."""
    return _CODES.get(code, "maker's own code")


def mode_meaning(mode: int) -> str:
    return _SERVICE_MODES[mode] if 0 <= mode < len(_SERVICE_MODES) else "unknown"


def direction_name(direction: int) -> str:
    return _DIRECTIONS[direction] if 0 <= direction < len(_DIRECTIONS) else "unknown"
