"""What befalls the estate: hazards at the rates at which they befall such estates, by the hour of the day."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from deploy.year.estate import DETECTORS, DOORS, LIFTS, buildings


@dataclass(frozen=True, slots=True)
class Nature:
    """One kind of mishap. `share` of all incidents; `clears_itself` how often it passes without anybody; `lasts` then,
    and `work` where it does not: the median minutes until it is mended once somebody is there. `night`: its rate between
    23 and 6 o'clock, as a multiple of the day's. `false`: how often there was nothing to it.
    """

    hazard: str
    equipment: str
    share: float
    clears_itself: float
    lasts: float
    work: float
    night: float = 1.0
    false: float = 0.0


KINDS: Final = (
    Nature("access.held-open", "door", 0.40, clears_itself=0.55, lasts=6, work=5, night=0.4),
    Nature("access.forced-open", "door", 0.05, clears_itself=0.1, lasts=10, work=15, night=2.0, false=0.3),
    Nature("lift.door-fault", "lift", 0.17, clears_itself=0.35, lasts=4, work=50, night=0.3),
    Nature("lift.stopped-off-level", "lift", 0.07, clears_itself=0.3, lasts=3, work=60, night=0.4),
    Nature("lift.out-of-service", "lift", 0.04, clears_itself=0.1, lasts=30, work=120, night=0.5),
    Nature("lift.entrapment", "lift", 0.02, clears_itself=0.1, lasts=4, work=20, night=0.4),
    Nature("fire.smoke-prealarm", "smoke", 0.12, clears_itself=0.7, lasts=5, work=10, night=0.6, false=0.5),
    Nature("fire.smoke", "smoke", 0.03, clears_itself=0.3, lasts=6, work=12, night=0.7, false=0.8),
    Nature("fire.detector-fault", "smoke", 0.06, clears_itself=0.1, lasts=60, work=90),
    Nature("point.stale", "smoke", 0.04, clears_itself=0.5, lasts=20, work=60),
)
_COUNTS: Final = {"lift": LIFTS, "smoke": DETECTORS, "door": DOORS}
_NIGHT: Final = (23, 6)


@dataclass(frozen=True, slots=True)
class Mishap:
    """One onset. `passes_after` None: it lasts until somebody mends it."""

    at: datetime
    nature: Nature
    equipment: str
    passes_after: timedelta | None
    false: bool


def mishaps(
    seed: int, start: datetime, days: int, still: Callable[[], int], hour_of: Callable[[datetime], int]
) -> Iterator[Mishap]:
    """Mishaps in the order in which they begin, until none are `still` to come: it is asked before each, so that a mishap
    which opens no matter of its own is followed by one more. The same for the same arguments and answers.
    """
    chance = random.Random(f"{seed}:nature")  # noqa: S311 - the same year for the same seed is the point
    at, end = start, start + timedelta(days=days)
    while (left := still()) > 0:
        # The first of so many that fall anywhere in the time that is left, each moment as likely as any other.
        at += (end - at) * (1.0 - chance.random() ** (1.0 / left))
        nature = chance.choices(KINDS, [_weight(kind, hour_of(at)) for kind in KINDS])[0]
        name = f"{chance.choice(buildings())}/{nature.equipment}-{chance.randint(1, _COUNTS[nature.equipment])}"
        passes = chance.random() < nature.clears_itself
        lasts = timedelta(minutes=nature.lasts * chance.lognormvariate(0, 0.6))
        yield Mishap(at, nature, name, lasts if passes else None, chance.random() < nature.false)


def _weight(kind: Nature, hour: int) -> float:
    late, early = _NIGHT
    return kind.share * (kind.night if hour >= late or hour < early else 1.0)
