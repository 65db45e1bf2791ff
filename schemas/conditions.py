"""What an alarm rule may ask of the points of one piece of equipment: the vocabulary of conditions."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import DocumentModel, PointName

Seconds = Annotated[float, Field(ge=0, le=31 * 86400)]


class Limit(DocumentModel):
    """A number at or beyond a limit. True at `value >= above` (or `<= below`); once true it stays true until the value is
    back by more than `deadband` (ISA-18.2, deadband): `value < above - deadband` (or `> below + deadband`).
    """

    kind: Literal["limit"] = "limit"
    point: PointName
    above: float | None = None
    below: float | None = None
    deadband: Annotated[float, Field(ge=0)] = 0.0

    @model_validator(mode="after")
    def _one_side(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError("a limit needs either 'above' or 'below', for example above = 5.0")
        return self


class State(DocumentModel):
    """A point that equals a value, for example `door-open` equals true, or `service-mode` equals 0."""

    kind: Literal["state"] = "state"
    point: PointName
    equals: bool | float | str = True


class Rate(DocumentModel):
    """A number that changed by at least `rise` (or fell by at least `fall`) within the last `window_s` seconds."""

    kind: Literal["rate"] = "rate"
    point: PointName
    rise: Annotated[float, Field(gt=0)] | None = None
    fall: Annotated[float, Field(gt=0)] | None = None
    window_s: Annotated[Seconds, Field(gt=0)]

    @model_validator(mode="after")
    def _one_direction(self) -> Self:
        if (self.rise is None) == (self.fall is None):
            raise ValueError("a rate needs either 'rise' or 'fall', for example rise = 10.0 with window_s = 60")
        return self


class Count(DocumentModel):
    """A point that became `equals` at least `at_least` separate times within the last `window_s` seconds.

    It counts changes into the value, not repeats of it. True until enough of them have left the window.
    """

    kind: Literal["count"] = "count"
    point: PointName
    equals: bool | float | str = True
    at_least: Annotated[int, Field(ge=1, le=10_000)]
    window_s: Annotated[Seconds, Field(gt=0)]


class Absence(DocumentModel):
    """No reading of the point for `for_s` seconds, counted from the last one, or from when the rule began to watch."""

    kind: Literal["absence"] = "absence"
    point: PointName
    for_s: Annotated[Seconds, Field(gt=0)]


class All(DocumentModel):
    """Every one of these, together and without a break for `for_s` seconds."""

    kind: Literal["all"] = "all"
    of: Annotated[list[Condition], Field(min_length=1, max_length=16)]
    for_s: Seconds = 0.0


class AnyOf(DocumentModel):
    """At least one of these at each moment, without a break for `for_s` seconds."""

    kind: Literal["any"] = "any"
    of: Annotated[list[Condition], Field(min_length=1, max_length=16)]
    for_s: Seconds = 0.0


class Not(DocumentModel):
    """The condition is known to be false. A point never observed makes it neither true nor false."""

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
