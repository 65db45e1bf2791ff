"""Readings of one point made into what a chart draws: as they are where they are few, as steps with their envelope where not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from cloud.application.timeseries import Sample, Step, TimeSeriesReader
from cloud.entrypoints.web.chart import Dot, Shape
from schemas.points import Point

LOOK_BACK: Final = timedelta(minutes=15)
"""How far before the chart a value may come from that still held at its beginning; points speak more often than that."""

RAW: Final = 1500
"""Up to so many readings are drawn as they are; more are drawn as steps with their envelope."""

STEPS: Final = 300


def course(
    readings: TimeSeriesReader,
    estate: str,
    point: str,
    between: tuple[int, int],
    factor: float,
    *,
    stepped: bool = False,
) -> list[Dot]:
    """The dots of a point between two moments (microseconds), numbers multiplied by `factor`. `stepped`: a range so long that
    nobody reads every reading of it to find that there are too many. Text beside anything else makes all of it text.
    """
    start, end = between
    samples: list[Sample] = []
    if not stepped:
        look_back = start - LOOK_BACK // timedelta(microseconds=1)
        samples = readings.read(estate, point, look_back, end, RAW + 1)
    if stepped or len(samples) > RAW:
        dots = _from_steps(readings.steps(estate, point, start, end, STEPS), (end - start) // STEPS, factor)
    else:
        dots = _from_samples(samples, start, factor)
    if len({type(dot.value) is str for dot in dots}) > 1:
        return [Dot(dot.time, str(dot.value)) for dot in dots]
    return dots


def _from_samples(samples: Sequence[Sample], start: int, factor: float) -> list[Dot]:
    """Readings as they are; of those before the chart only the last, which held when it begins."""
    before = [sample for sample in samples if sample.time < start][-1:]
    inside = [sample for sample in samples if sample.time >= start]
    held = [Dot(start, _scaled(sample.value, factor)) for sample in before]
    return held + [Dot(sample.time, _scaled(sample.value, factor)) for sample in inside]


def _scaled(value: float | bool | str, factor: float) -> float | bool | str:
    return value * factor if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _from_steps(steps: Sequence[Step], width: int, factor: float) -> list[Dot]:
    dots: list[Dot] = []
    for step in steps:
        if isinstance(step.last, bool):
            # A pulse shorter than the step must not vanish: on at its beginning, and then as the step ended.
            dots.append(Dot(step.time, bool(step.max)))
            if bool(step.max) != step.last:
                dots.append(Dot(step.time + width, step.last))
        elif step.mean is None or step.min is None or step.max is None:
            dots.append(Dot(step.time, step.last))
        else:
            dots.append(Dot(step.time, step.mean * factor, step.min * factor, step.max * factor))
    return dots


def shape_of(dots: Sequence[Dot], known: Point | None) -> Shape:
    kinds = {type(dot.value) for dot in dots}
    if str in kinds:
        return "text"
    if kinds == {bool}:
        return "truth"
    return "line" if known is not None and known.unit not in {None, "count"} else "stairs"
