"""At every moment of settling, also one at which the settler dies, each reading is seen once and in its order."""

from __future__ import annotations

import pytest

from cloud.adapters.timeseries.embedded import settling
from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
from cloud.adapters.timeseries.embedded.settling import Settler, SettleWhen
from cloud.adapters.timeseries.journal import file
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import DAY, HOUR, SECOND, Origin, StoredBatch

T0 = 20_000 * DAY
BOX = Origin("estate", "node", "box")
POINTS = [f"p{n}" for n in range(5)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "readings.db"


@pytest.fixture
def journal(path):
    journal = Journal(path)
    yield journal
    journal.close()


@pytest.fixture
def reader(path, journal):
    reader = EmbeddedReader(path)
    yield reader
    reader.close()


def seen(reader):
    return {point: [s.value for s in reader.read("estate", point, T0, T0 + DAY)] for point in POINTS}


@pytest.mark.parametrize("dies", [False, True])
def test_each_reading_is_seen_once_at_every_step(journal, path, reader, monkeypatch, dies):
    monkeypatch.setattr(settling, "_BOUT", 0)  # one series a step
    when = SettleWhen(readings=40, segments=1, age=DAY)  # and a job's series in more than one share
    for seq in range(1, 21):
        samples = [(point, T0 + seq * SECOND, float(seq), 0) for point in POINTS]
        journal.record([StoredBatch(BOX, seq, str(seq).encode(), samples)], T0)
    expected = {point: [float(seq) for seq in range(1, 21)] for point in POINTS}
    settler = Settler(path, when)
    states = set()
    for _ in range(60):
        state = settler._connection.execute(
            "SELECT upto, series, (SELECT count(*) FROM segments) FROM settling"
        ).fetchone()
        states.add(state)
        assert seen(reader) == expected, state
        assert {s.value for s in reader.latest("estate", POINTS).values()} == {20.0}
        assert [s.count for s in reader.steps("estate", POINTS[3], T0, T0 + 25 * SECOND, 1)] == [20], state
        settler.step(T0)
        if dies:
            settler.close()
            settler = Settler(path, when)
    settler.close()
    assert len(states) >= 2 + len(POINTS), "every series was settled in a step of its own"
    assert state[2] == 0, "in the end nothing is left in segments"


def test_readings_of_one_time_stay_in_the_order_of_arrival(journal, path, reader):
    """Sizes for which the last job packs two earlier chunks together with what it brings."""
    settler = Settler(path)
    value = 0
    for seq, size in enumerate((30, 5, 2, 8), 1):
        samples = [("p0", T0, float(value + n), 0) for n in range(size)]
        journal.record([StoredBatch(BOX, seq, str(seq).encode(), samples)], T0)
        value += size
        settler.settle_all()
        assert seen(reader)["p0"] == [float(n) for n in range(value)]
    (chunks,) = settler._connection.execute("SELECT count(*) FROM chunks").fetchone()
    settler.close()
    assert chunks == 1
    assert reader.latest("estate", ["p0"])["p0"].value == value - 1


def test_a_job_is_due_by_number_by_segments_and_by_age(journal, path):
    settler = Settler(path, SettleWhen(readings=1000, segments=3, age=HOUR))
    for seq in (1, 2):
        journal.record([StoredBatch(BOX, seq, str(seq).encode(), [("p0", T0, 1.0, 0)])], T0)
    assert settler.step(T0 + HOUR - 1) == 1.0
    assert settler.step(T0 + HOUR) == 0.0
    settler.close()


def test_a_burst_gives_its_space_back(journal, path, monkeypatch):
    monkeypatch.setattr(file, "_SPARE_PAGES", 100)
    settler = Settler(path)
    samples = [("p0", T0 + n * SECOND // 50, n / 4, 0) for n in range(50_000)]
    for seq in (1, 2, 3):
        journal.record([StoredBatch(BOX, seq, str(seq).encode(), samples)], T0)
    settler._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    burst = path.stat().st_size
    settler.settle_all()
    while settler.step(T0) < 1:
        pass
    settler._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    settler.close()
    assert burst > 3 * 2**20
    assert path.stat().st_size < 2**20
