"""What goes on by itself in consultation: ballots end, effects are looked at, patterns are looked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cloud.application.consultation.run_consultation import RunConsultation
from cloud.application.consultation.watch_patterns import WatchPatterns
from cloud.bootstrap.shared import Shared
from cloud.bootstrap.watches import unhurried
from cloud.entrypoints.timers import Loop

ENDS_S: Final = 10.0
"""How often it is looked whether a ballot is over or a review is due: they are announced for days, and no vote is taken after
the end, whenever that is noticed.
"""

PATTERNS_S: Final = 300.0
"""How often patterns are looked for: they are counted in days, and each look reads two months of incidents."""


def consultation_loops(common: Shared) -> list[Loop]:
    run = RunConsultation(common.units, common.clock, common.ids)
    watch = WatchPatterns(common.units, common.clock, common.ids)
    return [
        Loop("ballots", unhurried(_every(run, ENDS_S), common), common.clock, common.readiness),
        Loop("patterns", _every(watch, PATTERNS_S), common.clock, common.readiness),
    ]


def _every(step: Callable[[], object], seconds: float) -> Callable[[], float]:
    def work() -> float:
        step()
        return seconds

    return work
