"""How long an event takes to become a committed task: the record_event use case on SQLite, synchronous = FULL."""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.identifiers import RandomIds
from cloud.application.intake.record_event import RecordEvents
from cloud.domain.community.names import Names
from cloud.domain.duties.register import Equipment, EquipmentKind
from tests.bench.figures import Bench, percentiles
from tests.fakes.clocks import FakeClock
from tests.fakes.estate import HOME, NodeOnPaper, description, raised


def measure(count: int, directory: Path) -> tuple[list[float], float]:
    """Milliseconds from calling the use case to its return, each event opening a task of its own; and of processor time."""
    engine = open_engine(f"sqlite:///{directory / 'bench.db'}")
    upgrade(engine)
    units, clock = SqlUnitsOfWork(engine), FakeClock()
    doors = tuple(
        Equipment(f"b1/door-{n}", EquipmentKind.ACCESS_GATE, f"{HOME}/b1", Names(f"门{n}", f"Door {n}"))
        for n in range(count)
    )
    LoadEstate(units, clock)(replace(description(), equipment=doors))
    record, node, taken = RecordEvents(units, clock, RandomIds()), NodeOnPaper(clock.now), []
    busy = time.process_time()
    for n in range(count):
        arrival = node.batch(raised("access.forced-open", f"b1/door-{n}", n + 1))
        begin = time.perf_counter()
        record(arrival)
        taken.append((time.perf_counter() - begin) * 1000)
    busy = time.process_time() - busy
    engine.dispose()
    return taken, busy * 1000 / count


def measured(short: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as directory:
        taken, busy = measure(150 if short else 500, Path(directory))
    return {**percentiles(taken), "processor_ms_each": busy}


BENCH = Bench("event-to-commit", "the use case alone: event → committed task, on SQLite", measured)
