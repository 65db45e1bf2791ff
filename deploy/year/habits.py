"""How people answer: how often, how fast by day and by night, and how often they say that it is not theirs."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cloud.domain.community.party import PartyKind

NIGHT: Final = frozenset({23, 0, 1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True)
class Habit:
    """`answers`: how often a call is answered at all, by day and by night; `minutes`: the median until then; `declines`:
    how often the answer is no; `travel`: median minutes to be on site.
    """

    answers: float
    answers_at_night: float
    minutes: float
    declines: float
    travel: float


_USUAL: Final = Habit(answers=0.6, answers_at_night=0.15, minutes=20, declines=0.05, travel=25)
HABITS: Final = {
    PartyKind.PROPERTY_MANAGER: Habit(0.95, 0.8, 3, 0.02, 6),
    PartyKind.FIRE_CONTROL_ROOM: Habit(0.98, 0.95, 0.15, 0.0, 3),
    PartyKind.MICRO_FIRE_STATION: Habit(0.95, 0.85, 0.5, 0.0, 3),
    PartyKind.LIFT_MAINTAINER: Habit(0.92, 0.7, 2, 0.06, 22),
    PartyKind.FIRE_MAINTAINER: Habit(0.85, 0.3, 15, 0.08, 50),
    PartyKind.PLATFORM_OPERATOR: Habit(0.95, 0.5, 10, 0.02, 15),
}


def habit(kind: PartyKind) -> Habit:
    return HABITS.get(kind, _USUAL)


def takes(chance: random.Random, median: float) -> timedelta:
    """A time that mostly lies near its median, in minutes, and now and then far above."""
    return timedelta(minutes=median * chance.lognormvariate(0, 0.5))
