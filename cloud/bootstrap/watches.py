"""The loops that look at what is stored and raise what nobody reports: faulty detectors, lifts that are overdue, doors
behind an alarm that is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cloud.adapters.estate_file import default_credit_table
from cloud.application.credit.following import CreditFollows
from cloud.application.credit.granting import Granting
from cloud.application.credit.watch_reopened import WatchReopened
from cloud.application.incidents.watch_causes import WatchCauses
from cloud.application.incidents.watch_false_alarms import WatchFalseAlarms
from cloud.application.incidents.watch_upkeep import WatchUpkeep
from cloud.bootstrap.shared import Shared
from cloud.entrypoints.timers import Loop

EVERY_S: Final = 60.0
"""None of it is a matter of seconds: alarms of weeks are counted, and days."""


def watches(common: Shared) -> list[Loop]:
    credit = CreditFollows(Granting(common.ids, default_credit_table()))
    looks: dict[str, Callable[[], int]] = {
        "false alarms": WatchFalseAlarms(common.units, common.clock, common.ids),
        "credit of what began again": WatchReopened(common.units, common.clock, credit),
        "causes": WatchCauses(common.units, common.clock, common.ids),
        "upkeep of lifts": WatchUpkeep(common.units, common.clock, common.ids),
    }
    return [Loop(name, _looking(look), common.clock, common.readiness) for name, look in looks.items()]


def _looking(look: Callable[[], int]) -> Callable[[], float]:
    def work() -> float:
        look()
        return EVERY_S

    return work
