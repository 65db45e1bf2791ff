"""The published table: what each kind of act is worth, and how much of it counts in a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from cloud.domain.community.names import Names
from cloud.domain.credit.together import Together
from cloud.errors import Invalid


class ActKind(StrEnum):
    """What residents and volunteers earn points for: prevention as much as response."""

    HAZARD_REPORT = "hazard-report"
    PATROL = "patrol"
    SMALL_TASK = "small-task"
    RESPONSE = "response"


DONE = "done"
"""The one step of an act that has only one."""

ON_SITE = "on-site"
WORK = "work"
STEPS: dict[ActKind, tuple[str, ...]] = {
    ActKind.HAZARD_REPORT: (DONE,),
    ActKind.PATROL: (DONE,),
    ActKind.SMALL_TASK: (DONE,),
    ActKind.RESPONSE: (ON_SITE, WORK),
}
"""The steps of which an act of each kind is made, and of which each has a worth."""


@dataclass(frozen=True, slots=True)
class StepWorth:
    """What one step is worth, in whole points."""

    step: str
    points: int
    names: Names


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of act. `daily_cap`: the points that one member may earn with it in a day of the estate."""

    act: ActKind
    names: Names
    steps: tuple[StepWorth, ...]
    daily_cap: int

    @property
    def points(self) -> int:
        return sum(step.points for step in self.steps)

    def worth(self, step: str) -> int:
        return next(known.points for known in self.steps if known.step == step)


@dataclass(frozen=True, slots=True)
class CreditTable:
    """All rows, in one version; an act keeps the version it was credited by. A kind without a row earns nothing.

    `daily_cap`: the points that one member may earn in a day with everything together. `together`: what a response is worth more
    where several bring what one alone has not.
    """

    rows: tuple[Row, ...]
    daily_cap: int
    version: int = 1
    together: tuple[Together, ...] = ()

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise Invalid("The credit table does not hold together.", problems)

    def row(self, act: ActKind) -> Row | None:
        return next((row for row in self.rows if row.act is act), None)

    def _problems(self) -> Iterator[str]:
        if self.daily_cap < 1:
            yield f"credit: daily_cap is {self.daily_cap}; give at least 1 point a day"
        for act, count in Counter(row.act for row in self.rows).items():
            if count > 1:
                yield f"credit {act!s}: stands {count} times; keep one of them"
        for row in self.rows:
            given = sorted(step.step for step in row.steps)
            if given != sorted(STEPS[row.act]):
                yield f"credit {row.act!s}: its steps are {', '.join(STEPS[row.act])}, not {', '.join(given) or 'none'}"
            if any(step.points < 0 for step in row.steps) or row.points < 1:
                yield f"credit {row.act!s}: each step is worth 0 points or more, and all together at least 1"
            if row.daily_cap < row.points:
                yield f"credit {row.act!s}: daily_cap {row.daily_cap} is less than one act's {row.points} points; raise it"
        yield from self._problems_together()

    def _problems_together(self) -> Iterator[str]:
        if not self.together:
            return
        for rule in self.together:
            yield from rule.problems()
        for names, count in Counter(frozenset(rule.capabilities) for rule in self.together).items():
            if count > 1:
                yield f"credit together {'+'.join(sorted(names))}: stands {count} times; keep one of them"
        row = self.row(ActKind.RESPONSE)
        most = sum(rule.points for rule in self.together) + (row.points if row else 0)
        if row is None:
            yield f"credit together: there is no row {ActKind.RESPONSE!s} that it could add to; give one, or leave it out"
        elif row.daily_cap < most:
            yield f"credit {row.act!s}: daily_cap {row.daily_cap} is less than {most}, one act with all of together; raise it"
