"""Whether an analog sensor still lives: its noise, and what it has come to call clean air."""

from __future__ import annotations

from collections.abc import Mapping

STILL_FOR_S = 3600.0
"""No noise at all for this long and the value is stuck (equipment.md, Smoke and fire)."""
FLAT_FOR_S = 86400.0
"""A room has its day: morning, noon and night are not the same to the last code of a converter for a whole one, ours."""
MOVES_TO_BE_KNOWN = 50
"""So often a value must have been seen to move before its stillness means anything."""
_BASELINE_TIME_CONSTANT_S = 86400.0
"""Dust settles over days; a day averages cooking and weather away."""
_MAX_STEP_S = 3600.0


class Stillness:
    """Watches for a value that never moves."""

    def __init__(self) -> None:
        self._volts: float | None = None
        self._since = 0.0
        self._lives: bool | None = None

    def observe(self, volts: float, mono: float) -> bool | None:
        """True once the converter has given exactly the same for `STILL_FOR_S`; False since it moved.

        None before either: a node that starts beside a dead sensor must not say that it lives. At 0 V there is no noise
        to see, and nothing to say against it.
        """
        if volts != self._volts or volts <= 0.0:
            if self._volts is not None or volts <= 0.0:
                self._lives = True
            self._volts, self._since = volts, mono
        if mono - self._since >= STILL_FOR_S:
            self._lives = False
        return None if self._lives is None else not self._lives


class Flatline:
    """Watches a value that may well be still for hours, by its own habits: it is stuck when it has been exactly the same for
    a day, and three times as long as it ever was before.

    What was never seen to live is not judged: a steady 22 °C that never moved by a code may be a good sensor in a good
    room. `memory`: what it had learned before a restart, which is no reason to begin the day anew.
    """

    _TIMES_ITS_LONGEST = 3.0
    _KEYS = ("still-volts", "still-s", "still-longest-s", "moves")

    def __init__(self, point: str, memory: Mapping[str, float]) -> None:
        self._point = point
        volts, self._still_s, self._longest_s, self._moves = (memory.get(f"{point}-{key}", 0.0) for key in self._KEYS)
        self._volts = volts if f"{point}-still-volts" in memory else None
        self._last: float | None = None
        self._moved = False

    def observe(self, volts: float, mono: float) -> bool | None:
        """True while it is stuck; False once it has moved; None before either is known."""
        passed = 0.0 if self._last is None else min(mono - self._last, _MAX_STEP_S)
        self._last = mono
        if volts == self._volts:
            self._still_s += passed
            return True if self._stuck else False if self._moved else None
        if self._volts is not None:
            # How long it was dead is none of its habits.
            self._longest_s = self._longest_s if self._stuck else max(self._longest_s, self._still_s)
            self._moves += 1
            self._moved = True
        self._volts, self._still_s = volts, 0.0
        return False if self._moved else None

    def memory(self) -> dict[str, float]:
        if self._volts is None:
            return {}
        learned = (self._volts, self._still_s, self._longest_s, self._moves)
        return {f"{self._point}-{key}": value for key, value in zip(self._KEYS, learned, strict=True)}

    @property
    def _stuck(self) -> bool:
        expected_to_move = self._moves >= MOVES_TO_BE_KNOWN
        return expected_to_move and self._still_s >= max(FLAT_FOR_S, self._TIMES_ITS_LONGEST * self._longest_s)


class CleanAir:
    """The slow baseline of a smoke chamber, in the unit of its value.

    Values at or beyond `ignore_from` are smoke, not dirt, and are left out.
    """

    def __init__(self, ignore_from: float, baseline: float = 0.0) -> None:
        self._ignore_from = ignore_from
        self._last: float | None = None
        self.baseline = baseline

    def observe(self, value: float, mono: float) -> float:
        """Follow a sample; the baseline now."""
        seconds = 0.0 if self._last is None else min(mono - self._last, _MAX_STEP_S)
        self._last = mono
        if value < self._ignore_from:
            self.baseline += (value - self.baseline) * min(seconds / _BASELINE_TIME_CONSTANT_S, 1.0)
        return round(self.baseline, 5)
