"""An engine gets everything in order, however often it fails, and again when it has lost something."""

from __future__ import annotations

import pytest

from cloud.adapters.timeseries.journal.projecting import Projector, reproject
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import DAY, HOUR, SECOND, Origin, Outcome, StoredBatch
from cloud.errors import ReadingsRefused
from tests.fakes.timeseries import InMemoryReadings

T0 = 20_000 * DAY
BOX = Origin("estate", "node", "box")


class Engine(InMemoryReadings):
    """Refuses texts for good, as an engine may, and can lose what it had."""

    def write(self, readings):
        if any(sample[2] == "poison" for _, sample in readings):
            raise ReadingsRefused("no poison")
        super().write(readings)

    def lose_everything(self):
        self._series.clear()


@pytest.fixture
def house(tmp_path):
    journal, engine = Journal(tmp_path / "readings.db"), Engine()
    projector = Projector(tmp_path / "readings.db", engine, chance=lambda: 1.0)
    yield journal, engine, projector
    projector.close()
    journal.close()


def record(journal, seq, value=None, at=T0):
    samples = [("p", T0 + seq * SECOND, float(seq) if value is None else value, 0)]
    assert journal.record([StoredBatch(BOX, seq, str(seq).encode(), samples)], at) == [Outcome.STORED]


def drain(projector, now=T0):
    while projector.step(now) == 0:
        pass


def values(engine):
    return [s.value for s in engine.read("estate", "p", T0, T0 + DAY)]


def test_everything_arrives_in_order(house):
    journal, engine, projector = house
    for seq in range(1, 6):
        record(journal, seq)
    assert (projector.lag().commits, projector.lag().readings, projector.lag().oldest_at) == (5, 5, T0)
    drain(projector)
    assert values(engine) == [1, 2, 3, 4, 5]
    assert (projector.lag().readings, projector.lag().oldest_at, projector.lag().trouble) == (0, None, None)


def test_an_engine_that_is_down_stops_no_acknowledgement_and_is_asked_ever_less_often(house):
    journal, engine, projector = house
    engine.break_down("connection refused")
    record(journal, 1)
    waits = [projector.step(T0) for _ in range(10)]
    assert waits[:4] == [0.5, 1.0, 2.0, 4.0]
    assert waits[-1] == 60.0
    record(journal, 2)
    assert projector.lag().trouble == "connection refused"
    assert projector.lag().readings == 2
    engine.repair()
    drain(projector)
    assert values(engine) == [1, 2]
    assert projector.lag().trouble is None


def test_what_is_refused_for_good_is_counted_and_blocks_nothing(house):
    journal, engine, projector = house
    for seq, value in enumerate([1.0, "poison", 3.0, "poison", 5.0], 1):
        record(journal, seq, value)
    drain(projector)
    assert values(engine) == [1, 3, 5]
    assert projector.lag().refused == 2
    assert projector.lag().trouble == "no poison"


def test_what_the_engine_lost_is_projected_again(house):
    journal, engine, projector = house
    for seq in range(1, 5):
        record(journal, seq, at=T0 + seq * HOUR)
    drain(projector)
    engine.lose_everything()
    projector.reproject(T0 + 3 * HOUR)
    drain(projector)
    assert values(engine) == [3, 4]
    projector.reproject(0)
    projector.reproject(T0 + 9 * HOUR)  # asks for less; what was asked before still holds
    drain(projector)
    assert values(engine) == [1, 2, 3, 4]


def test_it_is_asked_for_from_beside_a_running_one(house, tmp_path):
    journal, engine, projector = house
    for seq in range(1, 5):
        record(journal, seq, at=T0 + seq * HOUR)
    drain(projector)
    engine.lose_everything()
    assert reproject(tmp_path / "readings.db", T0 + 3 * HOUR) == 2
    drain(projector)
    assert values(engine) == [3, 4]


def test_the_journal_keeps_two_days_and_never_drops_what_was_not_projected(house):
    journal, engine, projector = house
    record(journal, 1, at=T0)
    record(journal, 2, at=T0 + 47 * HOUR)
    engine.break_down()
    projector.step(T0 + 90 * HOUR)
    engine.repair()
    drain(projector, T0 + 49 * HOUR)
    engine.lose_everything()
    projector.reproject(0)
    drain(projector, T0 + 49 * HOUR)
    assert values(engine) == [2]
    # The batch is still known, so a repeat is not stored anew.
    samples = [("p", T0 + SECOND, 1.0, 0)]
    assert journal.record([StoredBatch(BOX, 1, b"1", samples)], T0 + 50 * HOUR) == [Outcome.DUPLICATE]


def test_it_goes_on_where_it_was(house, tmp_path):
    journal, engine, projector = house
    record(journal, 1)
    drain(projector)
    engine.lose_everything()
    record(journal, 2)
    again = Projector(tmp_path / "readings.db", engine)
    drain(again)
    again.close()
    assert values(engine) == [2]
