"""Readings such as nodes send, made cheaply: a hundred points by the second, and one point for a month."""

from __future__ import annotations

import random
from collections.abc import Iterator

from cloud.application.timeseries import DAY, SECOND, Origin, RawSample, StoredBatch

T0 = 1_795_420_800 * SECOND // DAY * DAY
MONTH = Origin("estate-1", "node-month", "box")
MONTH_POINT = "b9/cabinet/temperature"
NODES = 5
_POOL = 7_919  # a prime, so that points run through it out of step


def _walk(chance: random.Random, step: float, digits: int) -> list[float]:
    value, values = 20.0, []
    for _ in range(_POOL):
        value += chance.gauss(0, step) + (20.0 - value) / 500
        values.append(round(value, digits))
    return values


def _pools() -> dict[str, list[float | bool]]:
    """A node's twenty points: what sensors give has few digits; two have none to spare, as the worst case."""
    chance = random.Random(7)
    pools: dict[str, list[float | bool]] = {}
    for n in range(8):
        pools[f"lift-{n}/speed"] = [*_walk(chance, 0.05, 2)]
    for n in range(4):
        pools[f"smoke-{n}/temperature"] = [*_walk(chance, 0.02, 1)]
    for n in range(3):
        pools[f"lift-{n}/floor"] = [float(int(value) % 30) for value in _walk(chance, 0.5, 0)]
        pools[f"lift-{n}/door-open"] = [chance.random() < 0.1 for _ in range(_POOL)]
    for n in range(2):
        pools[f"adc-{n}/raw"] = [*_walk(chance, 0.05, 17)]
    return pools


def fleet(readings: int, group: int = 500) -> Iterator[list[StoredBatch]]:
    """Groups of batches as ingest commits them: each batch a node's twenty points of one second."""
    pools = _pools()
    points = [[(f"b{node}/{name}", pool) for name, pool in pools.items()] for node in range(NODES)]
    origins = [Origin("estate-1", f"node-{node}", "box") for node in range(NODES)]
    chance = random.Random(11)
    batches: list[StoredBatch] = []
    for second in range(readings // (NODES * len(pools))):
        for node, origin in enumerate(origins):
            time = T0 + second * SECOND + chance.randrange(2_000)  # two milliseconds of scheduling
            at = second + node * 997
            samples: list[RawSample] = [
                (point, time + n * 50, pool[(at + n * 131) % _POOL], 0) for n, (point, pool) in enumerate(points[node])
            ]
            batches.append(StoredBatch(origin, second + 1, chance.randbytes(16), samples))
        if len(batches) >= group:
            yield batches
            batches = []
    if batches:
        yield batches


def month(seconds: int, group: int = 10) -> Iterator[list[StoredBatch]]:
    """One point by the second, delivered as a backlog in full batches of a thousand."""
    chance = random.Random(13)
    pool = _walk(chance, 0.05, 2)
    batches: list[StoredBatch] = []
    for seq, first in enumerate(range(0, seconds, 1_000), 1):
        samples: list[RawSample] = [
            (MONTH_POINT, T0 + at * SECOND + chance.randrange(2_000), pool[at % _POOL], 0)
            for at in range(first, min(first + 1_000, seconds))
        ]
        batches.append(StoredBatch(MONTH, seq, chance.randbytes(16), samples))
        if len(batches) >= group:
            yield batches
            batches = []
    if batches:
        yield batches
