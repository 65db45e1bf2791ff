"""What an alarm rule may ask of the points of one piece of equipment: the vocabulary of conditions.

At each moment a condition is true, false or unknown (`schemas.evaluation` computes it). A value holds from its reading
until the next; before its first reading, and after a reading that says so, a point's value is unknown.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import DocumentModel, PointName, misfit

Seconds = Annotated[float, Field(ge=0, le=31 * 86400)]


class Limit(DocumentModel):
    """A number at or beyond a limit. True at `value >= above` (or `<= below`); once true it stays true until the value is
    back by more than `deadband` (ISA-18.2, deadband): `value < above - deadband` (or `> below + deadband`).

    Each limit keeps a deadband of its own, wherever it stands in a rule, raised or not; it outlives unknown values and
    restarts. Truth values count as 1 and 0. Unknown while the value is unknown or is text.
    """

    kind: Literal["limit"] = "limit"
    point: PointName
    above: float | None = None
    below: float | None = None
    deadband: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise misfit("limit-of-one-side", "a limit needs either 'above' or 'below', for example above = 5.0")
        return self


class State(DocumentModel):
    """A point that equals a value, for example `door-open` equals true, or `service-mode` equals 0.

    1 equals true and 0 false, because many devices send them so. Unknown while the value is.
    """

    kind: Literal["state"] = "state"
    point: PointName
    equals: bool | float | str = True


class Rate(DocumentModel):
    """A number that rose by at least `rise` (or fell by at least `fall`) within the last `window_s` seconds.

    That is: its value now lies so far above the lowest value it had since then, the one that held as the window began
    included. A first observation, and the first after an unknown value, rose by nothing. Unknown while the value is.
    (Past 64 levels in one window - a long steady rise - the window is up to 1/64 longer, so that memory stays bounded.)
    """

    kind: Literal["rate"] = "rate"
    point: PointName
    rise: Annotated[float, Field(gt=0)] | None = None
    fall: Annotated[float, Field(gt=0)] | None = None
    window_s: Annotated[Seconds, Field(gt=0)]

    @model_validator(mode="after")
    def _one_direction(self) -> Self:
        if (self.rise is None) == (self.fall is None):
            raise misfit(
                "rate-of-one-direction",
                "a rate needs either 'rise' or 'fall', for example rise = 10.0 with window_s = 60",
            )
        return self


class Count(DocumentModel):
    """A point that became `equals` at least `at_least` separate times within the last `window_s` seconds.

    It counts changes into the value, not repeats of it; a first observation that equals it is one, an unknown value in
    between is none. True until enough of them have left the window: one exactly `window_s` old has left. Never
    unknown: a point that was never observed was counted no times.
    """

    kind: Literal["count"] = "count"
    point: PointName
    equals: bool | float | str = True
    at_least: Annotated[int, Field(ge=1, le=10_000)]
    window_s: Annotated[Seconds, Field(gt=0)]


class Absence(DocumentModel):
    """No reading of the point for `for_s` seconds, counted from the last one, or from when the rule began to watch.

    A reading of the same value is a reading; one that says the value is unknown is none. Never unknown. Once true it
    lasts until a reading comes, across restarts too.
    """

    kind: Literal["absence"] = "absence"
    point: PointName
    for_s: Annotated[Seconds, Field(gt=0)]


class All(DocumentModel):
    """Every one of these, together and without a break for `for_s` seconds; false until then.

    False as soon as one is false, whatever the others are; else unknown as soon as one is. Both are a break.
    """

    kind: Literal["all"] = "all"
    of: Annotated[list[Condition], Field(min_length=1, max_length=16)]
    for_s: Seconds = 0.0


class AnyOf(DocumentModel):
    """At least one of these at each moment, without a break for `for_s` seconds - which one may change; false until then.

    True as soon as one is true, whatever the others are; else unknown as soon as one is. Unknown is a break.
    """

    kind: Literal["any"] = "any"
    of: Annotated[list[Condition], Field(min_length=1, max_length=16)]
    for_s: Seconds = 0.0


class Not(DocumentModel):
    """The condition is known to be false. Where that is unknown - a point never observed - this is unknown too."""

    kind: Literal["not"] = "not"
    of: Condition


Condition = Annotated[Limit | State | Rate | Count | Absence | All | AnyOf | Not, Field(discriminator="kind")]

for _model in (All, AnyOf, Not):
    _model.model_rebuild()


def points_of(condition: Condition) -> frozenset[str]:
    """The names of the points that a condition reads."""
    if isinstance(condition, All | AnyOf):
        return frozenset().union(*(points_of(inner) for inner in condition.of))
    if isinstance(condition, Not):
        return points_of(condition.of)
    return frozenset((condition.point,))


def asks_every_reading(condition: Condition) -> bool:
    """Whether a reading that repeats the last value means something to it: it waits for readings to stay away."""
    if isinstance(condition, All | AnyOf):
        return any(asks_every_reading(inner) for inner in condition.of)
    if isinstance(condition, Not):
        return asks_every_reading(condition.of)
    return isinstance(condition, Absence)
