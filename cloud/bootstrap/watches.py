"""The loops that look at what is stored and raise what nobody reports: faulty detectors, lifts that are overdue, doors
behind an alarm that is none, a server's clock that somebody has set.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from structlog import get_logger

from cloud.application.credit.following import CreditFollows
from cloud.application.credit.granting import Granting
from cloud.application.credit.watch_reopened import WatchReopened
from cloud.application.incidents.watch_causes import WatchCauses
from cloud.application.incidents.watch_clock import WatchClock
from cloud.application.incidents.watch_false_alarms import WatchFalseAlarms
from cloud.application.incidents.watch_upkeep import WatchUpkeep
from cloud.application.incidents.watch_welfare import WatchWelfare
from cloud.application.timeseries import TimeSeriesReader
from cloud.bootstrap.shared import Shared
from cloud.entrypoints.timers import Loop
from cloud.state import default_credit

EVERY_S: Final = 60.0
"""None of it is a matter of seconds: alarms of weeks are counted, and days."""

CLOCK_S: Final = 1.0
"""A step of the clock is told as soon as ladders go on by it."""

UNSURE_S: Final = 60.0
"""How often it is looked whether the clock is trusted again."""


def watches(common: Shared, readings: TimeSeriesReader) -> list[Loop]:
    credit = CreditFollows(Granting(common.ids, default_credit))
    looks: dict[str, Callable[[], int]] = {
        "false alarms": WatchFalseAlarms(common.units, common.clock, common.ids),
        "credit of what began again": WatchReopened(common.units, common.clock, credit),
        "causes": WatchCauses(common.units, common.clock, common.ids),
        "upkeep of lifts": WatchUpkeep(common.units, common.clock, common.ids),
        "people at home": WatchWelfare(common.units, common.clock, common.ids, readings, common.doubted_until),
    }
    loops = [Loop(name, _looking(look), common.clock, common.readiness) for name, look in looks.items()]
    return [*loops, *_clock(common)]


def _looking(look: Callable[[], int]) -> Callable[[], float]:
    def work() -> float:
        look()
        return EVERY_S

    return work


def _clock(common: Shared) -> list[Loop]:
    """For a machine's clock, which somebody may set."""
    if common.machine is None:
        return []
    watch = WatchClock(common.units, common.machine, common.ids)
    log, part = get_logger("cloud.clock"), "machine's clock"

    def work() -> float:
        wrong = watch()
        if wrong is None:
            common.readiness.well(part)
        elif common.readiness.troubled(part, wrong):
            log.warning("the clock was set back", why=wrong)
        return CLOCK_S

    return [Loop("clock", work, common.clock, common.readiness)]


def unhurried(work: Callable[[], float], common: Shared) -> Callable[[], float]:
    """Erases for ever what is old, and so waits while it is doubted what time it is."""

    def when_sure() -> float:
        until = common.doubted_until()
        return UNSURE_S if until is not None and until > common.clock.now() else work()

    return when_sure
