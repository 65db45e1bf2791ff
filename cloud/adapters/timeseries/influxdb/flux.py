"""The questions we ask of InfluxDB, in Flux."""

from __future__ import annotations

from collections.abc import Iterable

from cloud.adapters.timeseries.influxdb.line_protocol import MEASUREMENT, NUMBER, QUALITY, TRUTH
from cloud.application.timeseries import Grid, from_micros

ALWAYS = ("1970-01-01T00:00:00Z", "2200-01-01T00:00:00Z")
"""All times a point can have; Flux wants a range."""


def points(bucket: str, estate: str) -> str:
    return (
        'import "influxdata/influxdb/schema"\n'
        f'schema.tagValues(bucket: {quoted(bucket)}, tag: "point", start: {ALWAYS[0]}, stop: {ALWAYS[1]}, '
        f"predicate: (r) => r._measurement == {quoted(MEASUREMENT)} and r.estate == {quoted(estate)})"
    )


def latest(bucket: str, estate: str, names: Iterable[str]) -> str:
    return f"{_of(bucket, estate, names, *ALWAYS)} |> last()"


def read(bucket: str, estate: str, point: str, span: tuple[int, int], limit: int) -> str:
    """Each kind's first `limit`, as each is a table of its own."""
    return f'{_of(bucket, estate, [point], _time(span[0]), _time(span[1]))} |> sort(columns: ["_time"]) |> limit(n: {limit})'


def steps(bucket: str, estate: str, point: str, grid: Grid) -> str:
    """Results `min`, `max`, `sum`, `count` with the step's start as _time, and `last` with the reading's own."""
    windows = f"every: {grid.width}us, offset: {grid.start % grid.width}us"
    by_step = f'{windows}, createEmpty: false, timeSrc: "_start"'
    return "\n".join(
        [
            f"data = {_of(bucket, estate, [point], _time(grid.start), _time(grid.end))}",
            f'floats = data |> filter(fn: (r) => r._field == "{NUMBER}")',
            f'truths = data |> filter(fn: (r) => r._field == "{TRUTH}") |> toFloat()',
            "numbers = union(tables: [floats, truths])",
            *(f'numbers |> aggregateWindow({by_step}, fn: {f}) |> yield(name: "{f}")' for f in ("min", "max", "sum")),
            f'values = data |> filter(fn: (r) => r._field != "{QUALITY}")',
            f'values |> aggregateWindow({by_step}, fn: count) |> yield(name: "count")',
            f'values |> window({windows}) |> last() |> yield(name: "last")',
        ]
    )


def count(bucket: str, span: tuple[int, int]) -> str:
    """One number, or nothing."""
    return f"{_all(bucket, span)} |> count() |> group() |> sum()"


def held(bucket: str, span: tuple[int, int]) -> str:
    return f'{_all(bucket, span)} |> keep(columns: ["_time", "_field", "estate", "point"])'


def predicate(estate: str | None = None, point: str | None = None) -> str:
    """For the delete API, which speaks a language of its own."""
    tags = {"_measurement": MEASUREMENT, "estate": estate, "point": point}
    return " AND ".join(f"{tag}={quoted(value)}" for tag, value in tags.items() if value is not None)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${").replace("\n", "\\n")
    return f'"{escaped}"'


def _of(bucket: str, estate: str, names: Iterable[str], start: str, stop: str) -> str:
    any_of = " or ".join(f"r.point == {quoted(name)}" for name in names)
    return (
        f"from(bucket: {quoted(bucket)}) |> range(start: {start}, stop: {stop}) |> filter(fn: (r) => "
        f"r._measurement == {quoted(MEASUREMENT)} and r.estate == {quoted(estate)} and ({any_of}))"
    )


def _all(bucket: str, span: tuple[int, int]) -> str:
    """Values of every estate, without their qualities."""
    return (
        f"from(bucket: {quoted(bucket)}) |> range(start: {_time(span[0])}, stop: {_time(span[1])}) |> filter(fn: (r) => "
        f"r._measurement == {quoted(MEASUREMENT)} and r._field != {quoted(QUALITY)})"
    )


def _time(micros: int) -> str:
    return from_micros(micros).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
