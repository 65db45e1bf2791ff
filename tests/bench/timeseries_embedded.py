"""Measures the embedded store beside a plain SQLite table clustered by point and time, on the same readings.

python -m tests.bench.timeseries_embedded --readings 10000000 --json out.json
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from time import perf_counter, time_ns

from rich.console import Console
from rich.progress import track
from rich.table import Table

from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
from cloud.adapters.timeseries.embedded.settling import Settler
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import SECOND, Grid, StoredBatch
from tests.bench.timeseries_load import MONTH_POINT, T0, fleet, month

_ROWS = {
    "readings": ("readings", "{:,.0f}"),
    "ingest_rate": ("recorded durably, readings/s (in record)", "{:,.0f}"),
    "ingest_wall_rate": ("the same by the wall clock, load and settling included", "{:,.0f}"),
    "commit_p50_ms": ("a commit of 10,000 readings, median ms", "{:.1f}"),
    "commit_p99_ms": ("99th percentile ms", "{:.1f}"),
    "settle_s": ("left to settle afterwards, s", "{:.1f}"),
    "month_days": ("days of the month by the second", "{:.1f}"),
    "month_steps": ("drawn in steps", "{:,.0f}"),
    "chart_first_ms": ("first chart, ms", "{:.1f}"),
    "chart_ms": ("chart, median of 9, ms", "{:.1f}"),
    "hour_ms": ("an hour's 3,600 readings, median of 9, ms", "{:.1f}"),
    "latest_ms": ("latest of 100 points, median of 9, ms", "{:.2f}"),
    "bytes_per_reading": ("bytes a reading on disk", "{:.2f}"),
    "peak_rss_mib": ("peak memory, MiB", "{:.0f}"),
    "idle_rss_mib": ("of that before the first reading, MiB", "{:.0f}"),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--readings", type=int, default=1_000_000)
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--only", choices=["embedded", "naive"], help="one of them, in this process")
    options = arguments.parse_args()
    if options.only:
        with tempfile.TemporaryDirectory() as folder:
            measure = {"embedded": _embedded, "naive": _naive}[options.only]
            sys.stdout.write(json.dumps(measure(Path(folder) / "readings.db", options.readings)))
        return
    # Each in a process of its own, or the second's memory would be measured on top of the first's.
    command = [sys.executable, "-m", "tests.bench.timeseries_embedded", "--readings", str(options.readings), "--only"]
    results = {
        name: json.loads(subprocess.run([*command, name], check=True, stdout=subprocess.PIPE).stdout)
        for name in ("embedded", "naive")
    }
    _show(results)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


def _embedded(path: Path, readings: int) -> dict[str, float]:
    figures = {"idle_rss_mib": _rss()}
    journal, settler, reader = Journal(path), Settler(path), None
    stop = threading.Event()
    settling = threading.Thread(target=_settle_until, args=(settler, stop))
    settling.start()
    month_seconds = _month_seconds(readings)
    figures |= _ingest(lambda batches: journal.record(batches, _now()), readings, month_seconds)
    stop.set()
    settling.join()
    begun = perf_counter()
    settler.settle_all()
    figures["settle_s"] = perf_counter() - begun
    while settler.step(_now()) < 1:  # gives back the space that the backlog took
        pass
    reader = EmbeddedReader(path)
    span = T0, T0 + month_seconds * SECOND
    figures |= _reads(
        lambda: len(reader.steps("estate-1", MONTH_POINT, *span, 1000)),
        lambda: len(reader.read("estate-1", MONTH_POINT, T0 + 7 * 3600 * SECOND, T0 + 8 * 3600 * SECOND)),
    )
    points = [point for point in reader.points("estate-1") if point != MONTH_POINT]
    figures["latest_ms"] = _median_ms(lambda: len(reader.latest("estate-1", points)))
    for part in (reader, settler, journal):
        part.close()
    return figures | _size(path, figures["readings"], month_seconds)


def _naive(path: Path, readings: int) -> dict[str, float]:
    """What one would write first: no identity of batches, no compaction; it draws without the last value of a step."""
    figures = {"idle_rss_mib": _rss()}
    table = sqlite3.connect(path, isolation_level=None)
    table.execute("PRAGMA journal_mode = WAL")
    table.execute("PRAGMA synchronous = FULL")
    table.execute(
        "CREATE TABLE readings (series INTEGER, time INTEGER, value REAL, quality INTEGER, PRIMARY KEY (series, time)) "
        "WITHOUT ROWID"
    )
    series: dict[str, int] = {}

    def record(batches: list[StoredBatch]) -> None:
        table.execute("BEGIN IMMEDIATE")
        table.executemany(
            "INSERT OR IGNORE INTO readings VALUES (?, ?, ?, ?)",
            [
                (series.setdefault(point, len(series)), time, value, quality)
                for batch in batches
                for point, time, value, quality in batch.samples
            ],
        )
        table.execute("COMMIT")

    month_seconds = _month_seconds(readings)
    figures |= _ingest(record, readings, month_seconds)
    grid, number = Grid.over(T0, T0 + month_seconds * SECOND, 1000), series[MONTH_POINT]
    chart = (
        "SELECT (time - ?2) / ?3, min(value), max(value), avg(value), count(*) FROM readings "
        "WHERE series = ?1 AND time >= ?2 AND time < ?4 GROUP BY 1"
    )
    hour = "SELECT time, value, quality FROM readings WHERE series = ? AND time >= ? AND time < ?"
    span = T0 + 7 * 3600 * SECOND, T0 + 8 * 3600 * SECOND
    figures |= _reads(
        lambda: len(table.execute(chart, (number, grid.start, grid.width, grid.end)).fetchall()),
        lambda: len(table.execute(hour, (number, *span)).fetchall()),
    )
    table.close()
    return figures | _size(path, figures["readings"], month_seconds)


def _settle_until(settler: Settler, stop: threading.Event) -> None:
    while not stop.wait(settler.step(_now())):
        pass


def _ingest(record: Callable[[list[StoredBatch]], object], readings: int, month_seconds: int) -> dict[str, float]:
    commits, count = [], 0
    begun = perf_counter()
    for batches in _shown(readings, month_seconds):
        started = perf_counter()
        record(batches)
        commits.append(perf_counter() - started)
        count += sum(len(batch.samples) for batch in batches)
    wall = perf_counter() - begun
    return {
        "readings": count,
        "ingest_rate": count / sum(commits),
        "ingest_wall_rate": count / wall,
        "commit_p50_ms": statistics.median(commits) * 1000,
        "commit_p99_ms": statistics.quantiles(commits, n=100)[98] * 1000,
    }


def _shown(readings: int, month_seconds: int) -> Iterator[list[StoredBatch]]:
    console = Console(stderr=True)
    parts: list[tuple[str, Iterable[list[StoredBatch]], int]] = [
        ("a fleet's day", fleet(readings - month_seconds), (readings - month_seconds) // 10_000),
        ("one point's month", month(month_seconds), month_seconds // 10_000),
    ]
    for name, groups, total in parts:
        yield from track(groups, name, total=total, console=console)


def _reads(chart: Callable[[], int], hour: Callable[[], int]) -> dict[str, float]:
    begun = perf_counter()
    steps = chart()
    first = perf_counter() - begun
    return {
        "month_steps": steps,
        "chart_first_ms": first * 1000,
        "chart_ms": _median_ms(chart),
        "hour_ms": _median_ms(hour),
    }


def _median_ms(question: Callable[[], int]) -> float:
    taken = []
    for _ in range(9):
        begun = perf_counter()
        question()
        taken.append(perf_counter() - begun)
    return statistics.median(taken) * 1000


def _size(path: Path, readings: float, month_seconds: int) -> dict[str, float]:
    """After the log has gone into the file, as at every checkpoint."""
    return {
        "bytes_per_reading": path.stat().st_size / readings,
        "peak_rss_mib": _rss(),
        "month_days": month_seconds / 86_400,
    }


def _month_seconds(readings: int) -> int:
    return min(30 * 86_400, readings // 2)


def _rss() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _now() -> int:
    return time_ns() // 1000


def _show(results: dict[str, dict[str, float]]) -> None:
    table = Table("", *results, title="Readings in one file")
    for key, (label, form) in _ROWS.items():
        table.add_row(label, *(form.format(figures[key]) if key in figures else "-" for figures in results.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
