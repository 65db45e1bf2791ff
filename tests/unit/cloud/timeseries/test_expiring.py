"""Readings expire as configured: each reading, then the minutes that stayed of it; and the space is given back."""

from __future__ import annotations

from contextlib import ExitStack, closing
from itertools import pairwise
from random import Random
from time import monotonic

import pytest

from cloud.adapters.timeseries.embedded.expiring import Expirer, InTurn
from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
from cloud.adapters.timeseries.embedded.settling import Settler, SettleWhen
from cloud.adapters.timeseries.influxdb.expiring import BucketExpirer
from cloud.adapters.timeseries.journal import file
from cloud.adapters.timeseries.journal.projecting import Projector
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import DAY, HOUR, MINUTE, SECOND, Origin, Outcome, ReadingsKept, StoredBatch
from tests.fakes.timeseries import InMemoryReadings

T0 = 20_000 * DAY
BOX = Origin("estate", "node", "box")
KEPT = ReadingsKept(readings=10 * DAY, minutes=30 * DAY)


class House:
    """A journal, settled and expired in one thread as the cloud does, and the time."""

    def __init__(self, path):
        self.path, self.now, self.seq, self.chance = path, T0, 0, Random(7)
        self.journal = Journal(path)
        self.settler, self.reader = Settler(path, SettleWhen(segments=1)), EmbeddedReader(path)
        self.upkeep = InTurn(self.settler, Expirer(path, KEPT))

    def record(self, *samples):
        self.seq += 1
        batch = StoredBatch(BOX, self.seq, str(self.seq).encode(), samples)
        assert self.journal.record([batch], self.now) == [Outcome.STORED]

    def a_day(self, day, points=("p",), every=30 * SECOND):
        for point in points:
            start = T0 + day * DAY
            self.record(
                *((point, time, float(self.chance.randrange(10_000)), 0) for time in range(start, start + DAY, every))
            )

    def rest(self, at):
        """Until there is nothing to do."""
        self.now = at
        while self.upkeep.step(at) < 1.0:
            pass

    def read(self, day, point="p"):
        return self.reader.read("estate", point, T0 + day * DAY, T0 + (day + 1) * DAY)

    def hours(self, day, point="p"):
        steps = self.reader.steps("estate", point, T0 + day * DAY, T0 + (day + 1) * DAY, 24)
        return [(s.time, s.min, s.max, s.mean, s.last, s.count) for s in steps]

    def close(self):
        for part in (self.upkeep, self.reader, self.journal):
            part.close()


@pytest.fixture
def house(tmp_path):
    with closing(House(tmp_path / "readings.db")) as house:
        yield house


def test_the_readings_of_a_day_go_when_all_of_it_is_over_and_its_minutes_stay(house):
    for day in range(3):
        house.a_day(day)
    house.rest(T0 + 3 * DAY)
    drawn = [house.hours(day) for day in range(3)]
    assert [len(house.read(day)) for day in range(3)] == [2880] * 3
    house.rest(T0 + 11 * DAY - 1)
    assert [len(house.read(day)) for day in range(3)] == [2880] * 3
    house.rest(T0 + 11 * DAY + HOUR)
    assert [len(house.read(day)) for day in range(3)] == [0, 2880, 2880]
    house.rest(T0 + 13 * DAY + HOUR)
    assert [len(house.read(day)) for day in range(3)] == [0, 0, 0]
    assert [house.hours(day) for day in range(3)] == drawn


def test_the_minutes_go_in_their_turn(house):
    for day in range(3):
        house.a_day(day)
    house.rest(T0 + 32 * DAY + HOUR)
    assert [len(house.hours(day)) for day in range(3)] == [0, 0, 24]
    assert house.reader.steps("estate", "p", T0, T0 + 2 * DAY, 5000) == []


def test_sparse_readings_leave_their_minutes_and_texts_nothing(house):
    house.record(("sparse", T0 + HOUR, 1.0, 0), ("sparse", T0 + 3 * HOUR, 3.0, 0), ("door", T0, True, 0))
    house.record(("state", T0, "stopped", 0))
    house.rest(T0 + 12 * DAY)
    assert [step[1:] for step in house.hours(0, "sparse")] == [(1.0, 1.0, 1.0, 1.0, 1), (3.0, 3.0, 3.0, 3.0, 1)]
    assert [step[4] for step in house.hours(0, "door")] == [True]
    assert house.hours(0, "state") == house.read(0, "state") == []


def test_the_latest_reading_of_a_point_expires_too(house):
    house.record(("p", T0, 1.0, 0))
    house.rest(T0 + DAY)
    assert house.reader.latest("estate", ["p"])["p"].value == 1.0
    house.rest(T0 + 12 * DAY)
    assert house.reader.latest("estate", ["p"]) == {}


def test_what_comes_late_for_a_day_that_is_over_expires_with_the_next_look(house):
    house.a_day(0)
    house.a_day(20)
    house.rest(T0 + 21 * DAY)
    house.record(("p", T0 + HOUR + 1, 77777.0, 0))
    house.record(("p", T0 - 300 * DAY, 1.0, 0))
    house.rest(T0 + 21 * DAY + 2 * HOUR)
    house.rest(T0 + 21 * DAY + 4 * HOUR)
    assert house.read(0) == house.read(-300) == []
    assert house.hours(0)[1][2] == 77777.0
    assert house.hours(-300) == []
    assert len(house.read(20)) == 2880


def test_a_late_chunk_that_comes_while_its_day_is_worked_on_is_not_forgotten(house, tmp_path):
    for point in range(40):
        house.record((f"p{point}", T0, float(point), 0))
    house.rest(T0 + DAY)
    with closing(Expirer(tmp_path / "readings.db", KEPT)) as expirer:
        for step in range(200):
            expirer.step(T0 + 12 * DAY)
            if step == 2:
                house.record(("p0", T0 + 1, 5.0, 0))
                house.settler.settle_all()
    assert house.read(0, "p0") == []


def test_ingest_is_never_kept_waiting_and_the_space_is_given_back(house, tmp_path, monkeypatch):
    monkeypatch.setattr(file, "_SPARE_PAGES", 64)
    points = [f"p{n}" for n in range(30)]
    for day in range(2):
        house.a_day(day, points, every=10 * SECOND)
    house.rest(T0 + 4 * DAY)
    big = (tmp_path / "readings.db").stat().st_size
    waits = []
    at = T0 + 14 * DAY
    house.now = at
    with ExitStack() as stack:
        begun = []
        connection = house.upkeep._second._connection
        connection.set_trace_callback(lambda sql: begun.append((sql[:6], monotonic())))
        stack.callback(connection.set_trace_callback, None)
        while house.upkeep.step(at) < 1.0:
            pass
        for (first, since), (_, until) in pairwise([e for e in begun if e[0] in {"BEGIN ", "COMMIT"}]):
            if first == "BEGIN ":
                waits.append(until - since)
    print(f"{len(waits)} transactions, longest held {max(waits) * 1000:.1f} ms")
    house.rest(at)  # the log goes into the file
    small = (tmp_path / "readings.db").stat().st_size
    print(f"{big / 2**20:.1f} MiB before, {small / 2**20:.1f} MiB after")
    assert [len(house.read(day, "p7")) for day in range(2)] == [0] * 2
    assert len(house.hours(1, "p7")) == 24
    house.rest(T0 + 40 * DAY)
    house.rest(T0 + 40 * DAY)
    bare = (tmp_path / "readings.db").stat().st_size
    print(f"and {bare / 2**20:.1f} MiB without the minutes")
    assert bare < small < big


def test_settings_that_keep_minutes_shorter_than_readings_are_refused():
    with pytest.raises(ValueError, match="3 days at least"):
        ReadingsKept(readings=10 * DAY, minutes=9 * DAY)
    assert ReadingsKept().readings == 180 * DAY
    assert MINUTE < ReadingsKept().readings < ReadingsKept().minutes


def test_an_engine_of_another_house_forgets_too_and_is_asked_again_when_it_was_down():
    engine = InMemoryReadings()
    expirer = BucketExpirer(engine, KEPT)
    engine.write([("estate", ("p", T0 + day * DAY, 1.0, 0)) for day in range(20)])
    engine.break_down("connection refused")
    expirer.step(T0 + 15 * DAY)
    engine.repair()
    assert engine.count(0, 2**62) == 20
    expirer.step(T0 + 15 * DAY + HOUR)
    assert engine.count(0, 2**62) == 14
    expirer.step(T0 + 17 * DAY)
    assert engine.count(0, 2**62) == 13
    assert expirer.step(T0 + 17 * DAY) == 1.0


def test_what_has_expired_does_not_come_back_with_what_was_lost(tmp_path):
    engine, now = InMemoryReadings(), T0 + 20 * DAY
    path = tmp_path / "readings.db"
    with closing(Journal(path)) as journal, closing(Projector(path, engine, shown=KEPT.readings)) as projector:
        samples = [("p", T0 + day * DAY + HOUR, float(day), 0) for day in range(20)]
        journal.record([StoredBatch(BOX, 1, b"1", samples)], now)

        def go_on(until):
            for at in range(now, until, 30 * SECOND):
                while projector.step(at) == 0:
                    pass

        go_on(now + 5 * MINUTE)
        assert engine.count(0, 2**62) == 10
        engine.forget(2**62)
        go_on(now + 15 * MINUTE)
        assert engine.count(0, 2**62) == 10
        assert projector.audit().given_up == 0
