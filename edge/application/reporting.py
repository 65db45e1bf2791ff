"""Which observations become readings, and which points have been silent for longer than they may be."""

from __future__ import annotations

import math
from collections.abc import Collection

from edge.application.keep import Keeper
from edge.application.packing import Distinct, ReadingTaken
from edge.application.timestamps import Timestamps
from edge.domain.exception_reporting import ExceptionReporting
from edge.domain.signals import Value
from schemas.equipment import Equipment
from schemas.points import POINTS


class Reporting:
    """All points of one node: what is news, or a sign of life, is kept; no point has two readings of one time."""

    def __init__(self, keeper: Keeper, timestamps: Timestamps) -> None:
        self._keeper, self._timestamps = keeper, timestamps
        self._reports: dict[tuple[str, str], ExceptionReporting] = {}
        self._distinct = Distinct()

    def observed(self, item: Equipment, point: str, value: Value, mono: float) -> None:
        if not self._report_of(item, point).worth_reporting(value, mono):
            return
        at, t = self._distinct.stamp(item.id, point, mono, self._timestamps.time_of(mono))
        self._keeper.reading(ReadingTaken(item.id, point, value, POINTS[item.kind][point].unit, t, at))

    def awaited(self, item: Equipment, point: str, mono: float) -> None:
        """Its silence counts from here."""
        self._report_of(item, point).awaited(mono)

    def keep_only(self, equipment: Collection[str]) -> None:
        """What is known of the points of any other is known no more."""
        self._reports = {key: report for key, report in self._reports.items() if key[0] in equipment}

    def stale(self, mono: float) -> dict[str, float]:
        """Full point name → seconds since it was last observed, where that is longer than its maximum silence."""
        silences = ((f"{item}/{point}", report.silent_for(mono)) for (item, point), report in self._reports.items())
        return {name: round(silent, 1) for name, silent in silences if silent is not None}

    def _report_of(self, item: Equipment, point: str) -> ExceptionReporting:
        report = self._reports.get((item.id, point))
        if report is None:
            silence = math.inf if POINTS[item.kind][point].pulse else item.sampling.max_silence_s
            report = ExceptionReporting(item.sampling.deadbands.get(point, 0.0), silence)
            self._reports[item.id, point] = report
        return report
