"""The figures of a rule that people tune - thresholds, deadbands, delays - wherever they stand in its conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from math import isfinite
from typing import Any, Final

from schemas.alarm_rules import AlarmRule

OF_POINT: Final = frozenset({"above", "below", "deadband", "rise", "fall"})
"""Figures in the unit of the point they are held against; the others are seconds, or how many."""

SECONDS: Final = frozenset({"on_delay_s", "off_delay_s", "for_s", "window_s"})
_TUNED: Final = OF_POINT | SECONDS | {"at_least"}
_DELAYS: Final = ("on_delay_s", "off_delay_s")
_CONDITIONS: Final = ("when", "clear_when")


class UnfitFigure(ValueError):  # noqa: N818 - named for what went wrong
    """A figure that a rule cannot be given. `code` and `values` say why, for whoever tells it in the reader's language."""

    def __init__(self, code: str, **values: str) -> None:
        super().__init__(code, values)
        self.code, self.values = code, values


@dataclass(frozen=True, slots=True)
class Figure:
    """One of them. `way`: how one comes to it in the rule's document, such as `when.of.0.above`; `point`: whose it is."""

    way: str
    name: str
    value: float
    point: str | None = None

    @property
    def in_units_of_point(self) -> bool:
        return self.name in OF_POINT


def figures_of(rule: AlarmRule) -> list[Figure]:
    """Those of the conditions first, in the order in which they are written, then the delays. A deadband is there for each
    limit, and a duration only where there is one: which conditions there are is not for tuning.
    """
    document = rule.model_dump(mode="json", exclude_none=True)
    found = [figure for key in _CONDITIONS if key in document for figure in _within(document[key], key)]
    return found + [Figure(delay, delay, float(document[delay])) for delay in _DELAYS]


def _within(condition: Mapping[str, Any], way: str) -> Iterator[Figure]:
    for key, value in condition.items():
        if key in _TUNED and not (key == "for_s" and not value):
            yield Figure(f"{way}.{key}", key, float(value), condition.get("point"))
        elif key == "of":
            parts = enumerate(value) if isinstance(value, list) else ((None, value),)
            for number, part in parts:
                yield from _within(part, f"{way}.of" if number is None else f"{way}.of.{number}")


def retuned(rule: AlarmRule, given: Mapping[str, float]) -> dict[str, Any]:
    """The fields of the rule that other figures change, by their `way`, as a document: what is not named stays.

    Raises UnfitFigure for a figure that the rule does not have or that is no finite number. Whether the rule still holds
    together is its own schema's business.
    """
    known = {figure.way: figure for figure in figures_of(rule)}
    document = rule.model_dump(mode="json", exclude_none=True)
    changed = deepcopy(document)
    for way, value in given.items():
        if way not in known:
            raise UnfitFigure("figure-unknown", rule=rule.id, way=way, known=", ".join(known))
        if not isfinite(value):
            raise UnfitFigure("figure-infinite", way=way)
        whole = known[way].name == "at_least"
        if whole and value != int(value):
            raise UnfitFigure("figure-whole", way=way)
        *path, last = way.split(".")
        part: Any = changed
        for key in path:
            part = part[int(key)] if isinstance(part, list) else part[key]
        part[last] = int(value) if whole else value
    return {key: value for key, value in changed.items() if value != document[key]}
