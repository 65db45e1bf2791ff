"""Killed at any moment, the embedded store has all it acknowledged, and nothing twice."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections import Counter

import pytest

from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
from cloud.adapters.timeseries.journal.deliveries import JournalDeliveries
from cloud.application.timeseries import DAY, Origin
from tests.faults.embedded_recorder import POINTS, T0, batch

LANES = 3
ROUNDS = 15


def _run_and_kill(path, acknowledged, after_lines):
    """Runs the recorder until it has acknowledged so many groups, kills it, and gives what it said in the end."""
    command = [sys.executable, "-m", "tests.faults.embedded_recorder", str(path), *map(str, acknowledged)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(30, process.kill)
        watchdog.start()
        try:
            for _ in range(after_lines):
                lane, seq = process.stdout.readline().split()
                acknowledged[int(lane)] = int(seq)
        finally:
            process.kill()  # SIGKILL; it has been working on while we read
            watchdog.cancel()
        for line in process.stdout.read().splitlines(keepends=True):
            if line.endswith("\n"):
                lane, seq = line.split()
                acknowledged[int(lane)] = int(seq)


def _stored(path):
    """How often each reading is there, and the seqs said to be stored."""
    reader, deliveries = EmbeddedReader(path), JournalDeliveries(path)
    found = Counter(
        (point, sample.time, sample.value)
        for point in POINTS
        for sample in reader.read("estate", point, T0, T0 + 100 * DAY, limit=10**9)
    )
    ranges = [deliveries.stored_ranges(Origin("estate", f"node-{lane}", str(lane))) for lane in range(LANES)]
    reader.close()
    deliveries.close()
    return found, ranges


@pytest.mark.slow
def test_kill9_loses_and_doubles_nothing(tmp_path):
    chance = random.Random(20261123)
    path = tmp_path / "readings.db"
    acknowledged = [0] * LANES
    for _ in range(ROUNDS):
        _run_and_kill(path, acknowledged, after_lines=chance.randrange(1, 45))
        found, ranges = _stored(path)
        expected = Counter()
        for lane in range(LANES):
            ((first, last),) = ranges[lane] or [(1, 0)]
            assert first == 1
            assert last >= acknowledged[lane], "an acknowledged batch is gone"
            origin = Origin("estate", f"node-{lane}", str(lane))
            for seq in range(1, last + 1):
                expected.update((point, time, value) for point, time, value, _ in batch(origin, seq).samples)
        lost, duplicate = expected - found, found - expected
        assert not lost
        assert not duplicate
    sent, stored = expected.total(), found.total()
    print(f"sent {sent} stored {stored} lost {lost.total()} duplicate {duplicate.total()} ({ROUNDS} kills)")
    assert sent > 5_000
