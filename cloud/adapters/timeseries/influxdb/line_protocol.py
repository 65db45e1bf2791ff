"""Readings as lines of InfluxDB's line protocol, version 2."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cloud.application.timeseries import RawSample, Value
from cloud.errors import ReadingsRefused

MEASUREMENT: Final = "reading"
NUMBER: Final = "v"
TRUTH: Final = "vb"
TEXT: Final = "vs"
"""A field per kind, as SenML names them: a field that changes its type is refused by the engine for good."""
QUALITY: Final = "q"
"""Written when it is not 0."""

_TAG: Final = str.maketrans({",": r"\,", "=": r"\=", " ": r"\ "})
_STRING: Final = str.maketrans({"\\": r"\\", '"': r"\""})


def lines(readings: Sequence[tuple[str, RawSample]]) -> bytes:
    """UTF-8, a line for each reading, times in microseconds (`precision=us`).

    Raises ReadingsRefused for a name that the protocol cannot carry.
    """
    heads: dict[tuple[str, str], str] = {}
    return "\n".join(_lines(readings, heads)).encode()


def _lines(readings: Iterable[tuple[str, RawSample]], heads: dict[tuple[str, str], str]) -> Iterable[str]:
    for estate, (point, time, value, quality) in readings:
        head = heads.get((estate, point))
        if head is None:
            head = heads[estate, point] = f"{MEASUREMENT},estate={_tag(estate)},point={_tag(point)}"
        yield f"{head} {_field(value)}{f',{QUALITY}={quality}i' if quality else ''} {time}"


def _field(value: Value) -> str:
    if isinstance(value, bool):
        return f"{TRUTH}={'true' if value else 'false'}"
    if isinstance(value, str):
        return f'{TEXT}="{value.translate(_STRING)}"'
    return f"{NUMBER}={value!r}"


def _tag(value: str) -> str:
    # A tag that ends in a backslash would swallow the separator; a control character would end the line.
    if not value or value.endswith("\\") or not value.isprintable():
        raise ReadingsRefused(f"The line protocol cannot carry the name {value!r}; give the point a SenML name.")
    return value.translate(_TAG)
