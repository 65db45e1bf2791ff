"""InfluxDB's answers put together: values, qualities and figures come as records of their own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from influxdb_client.client.flux_table import FluxRecord

from cloud.adapters.timeseries.influxdb.line_protocol import NUMBER, QUALITY, TEXT, TRUTH
from cloud.application.timeseries import Grid, Sample, Step, Value, to_micros

KINDS: Final[dict[str, type]] = {NUMBER: float, TRUTH: bool, TEXT: str}


def samples_of(point: str, records: Iterable[FluxRecord]) -> list[Sample]:
    """By time."""
    values: dict[int, Value] = {}
    qualities: dict[int, int] = {}
    for record in records:
        into: dict[int, Any] = qualities if record.values["_field"] == QUALITY else values
        into[to_micros(record.values["_time"])] = _value(record)
    return [Sample(point, time, values[time], qualities.get(time, 0)) for time in sorted(values)]


def steps_of(grid: Grid, records: Iterable[FluxRecord]) -> list[Step]:
    """From the results of flux.steps."""
    tallies: dict[int, _Tally] = {}
    for record in records:
        moment = to_micros(record.values["_time"])
        step = (moment - grid.start) // grid.width
        tallies.setdefault(step, _Tally()).take(record, moment)
    return [tallies[step].step(grid.start + step * grid.width) for step in sorted(tallies)]


@dataclass(slots=True)
class _Tally:
    """A step's parts by kind of value: counts add up, the latest of the lasts counts, one text hides the figures."""

    low: float = float("inf")
    high: float = float("-inf")
    total: float = 0.0
    count: int = 0
    last_time: int = -(2**63)
    last: Value = 0.0
    text: bool = False

    def take(self, record: FluxRecord, moment: int) -> None:
        value: Any = _value(record)
        self.text = self.text or record.values["_field"] == TEXT
        match record.values["result"]:
            case "min":
                self.low = min(self.low, value)
            case "max":
                self.high = max(self.high, value)
            case "sum":
                self.total += value
            case "count":
                self.count += value
            case "last" if moment >= self.last_time:
                self.last_time, self.last = moment, value

    def step(self, time: int) -> Step:
        if self.text:
            return Step(time, None, None, None, self.last, self.count)
        return Step(time, self.low, self.high, self.total / self.count, self.last, self.count)


def _value(record: FluxRecord) -> Value:
    """The client reads an empty text as None."""
    value: Value | None = record.values["_value"]
    return "" if value is None else value
