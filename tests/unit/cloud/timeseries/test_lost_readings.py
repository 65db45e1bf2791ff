"""What an engine loses of what it was given is noticed and given to it again: only that, by itself, and no more than once."""

from __future__ import annotations

import random
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.adapters.timeseries.journal.file import open_for_writing
from cloud.adapters.timeseries.journal.projecting import Projector
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import DAY, HOUR, MINUTE, SECOND, Origin, Outcome, StoredBatch
from cloud.errors import ReadingsRefused
from tests.fakes.timeseries import InMemoryReadings

T0 = 20_000 * DAY
BOX = Origin("estate", "node", "box")


class Engine(InMemoryReadings):
    """Loses, refuses and ignores as engines do; counts every reading that it is given."""

    def __init__(self):
        super().__init__()
        self.given = 0
        self.deaf = False

    def write(self, readings):
        if any(sample[2] == "poison" for _, sample in readings):
            raise ReadingsRefused("no poison")
        self.given += len(readings)
        if not self.deaf:
            super().write(readings)

    def copy(self):
        return {name: list(kept) for name, kept in self._series.items()}

    def restore(self, copy):
        self._series = {name: list(kept) for name, kept in copy.items()}

    def lose(self, lost):
        for kept in self._series.values():
            kept[:] = [sample for sample in kept if not lost(sample)]


class House:
    """A journal that is fed, an engine, a projector, and the time."""

    def __init__(self, path):
        self.path, self.now, self.seq = path / "readings.db", T0, 0
        self.journal, self.engine = Journal(self.path), Engine()
        self.projector = Projector(self.path, self.engine, chance=lambda: 1.0)
        self.recorded = {}

    def record(self, *samples):
        self.seq += 1
        batch = StoredBatch(BOX, self.seq, str(self.seq).encode(), samples)
        assert self.journal.record([batch], self.now) == [Outcome.STORED]
        self.recorded |= {sample[:2]: sample[2] for sample in samples if sample[2] != "poison"}

    def live(self, minutes, points=("a", "b")):
        """A reading of each point every 30 seconds, as they are taken."""
        for _ in range(minutes * 2):
            self.record(*((point, self.now + n, float(self.seq), 0) for n, point in enumerate(points)))
            self.wait(30)

    def wait(self, seconds):
        """Time goes by, with the projector called as its loop calls it, or a little less often."""
        until = self.now + seconds * SECOND
        while self.now < until:
            while self.projector.step(self.now) == 0:
                pass
            self.now += 5 * SECOND

    def holds(self):
        return {(point, s.time): s.value for (_, point), kept in self.engine.copy().items() for s in kept}

    @property
    def audit(self):
        return self.projector.audit()

    def balance(self, lost=0):
        """What the engine holds against what was recorded."""
        held = self.holds()
        missing = [key for key in self.recorded if key not in held]
        stored = sum(held.get(key) == value for key, value in self.recorded.items())
        print(f"sent {len(self.recorded)} stored {stored} lost {len(missing)} duplicate {len(held) - stored}")
        assert len(missing) == lost
        assert len(held) == stored == len(self.recorded) - lost

    def close(self):
        self.projector.close()
        self.journal.close()


@pytest.fixture
def house(tmp_path):
    with closing(House(tmp_path)) as house:
        yield house


def test_nothing_is_written_twice_while_nothing_is_lost(house):
    house.live(30)
    house.wait(600)
    house.balance()
    assert house.engine.given == len(house.recorded)
    assert (house.audit.windows, house.audit.missing, house.audit.rewritten) == (6, 0, 0)
    assert house.audit.checked > 6


def test_the_last_seconds_before_a_kill_are_noticed_though_nobody_saw_the_kill(house):
    house.live(12)
    house.engine.lose(lambda sample: sample.time >= house.now - 75 * SECOND)
    house.live(3)
    assert len(house.holds()) < len(house.recorded)
    house.wait(120)
    house.balance()
    assert house.engine.given == len(house.recorded) + house.audit.rewritten
    assert house.audit.rewritten == 4


def test_an_emptied_engine_is_noticed_within_a_minute_of_silence(house):
    house.live(60)
    house.wait(120)
    house.engine.lose(lambda _: True)
    house.wait(60)
    house.balance()
    assert house.audit.rewritten == len(house.recorded)
    house.wait(300)
    assert house.audit.rewritten == len(house.recorded)


def test_an_empty_engine_in_place_of_another_gets_everything_that_is_kept(house):
    house.live(30)
    house.projector.close()
    house.engine = Engine()
    house.projector = Projector(house.path, house.engine, chance=lambda: 1.0)
    house.live(1)
    house.wait(120)
    house.balance()


def test_an_older_copy_lacks_what_came_after_it_was_made(house):
    house.live(20)
    copy = house.engine.copy()
    house.live(40)
    house.engine.break_down("connection refused")
    house.wait(20)
    house.engine.restore(copy)
    house.engine.repair()
    house.wait(240)
    house.balance()
    assert house.audit.rewritten == 160


def test_one_point_of_many_lost_in_the_middle_is_found_in_the_end(house):
    house.live(60)
    house.engine.lose(lambda sample: sample.point == "b" and T0 + 20 * MINUTE <= sample.time < T0 + 21 * MINUTE)
    house.wait(400)
    house.balance()
    assert house.audit.rewritten == 2


def test_a_cloud_that_was_away_looks_at_everything_when_it_comes_back(house):
    house.live(60)
    house.wait(120)
    house.projector.close()
    house.engine.lose(lambda sample: sample.time < T0 + 7 * MINUTE)
    house.projector = Projector(house.path, house.engine, chance=lambda: 1.0)
    house.wait(70)
    house.balance()


def test_two_readings_of_one_time_are_one_to_the_engine_and_no_loss(house):
    for value in (1.0, 2.0, 3.0):
        house.record(("a", T0, value, 0))
        house.wait(5)
    house.wait(400)
    assert house.holds() == {("a", T0): 3.0}
    found = house.audit.missing
    house.wait(400)
    assert house.audit.missing == found == 1, "known by now"
    house.engine.lose(lambda _: True)
    house.wait(400)
    assert house.holds() == {("a", T0): 3.0}
    assert house.audit.given_up == 0


def test_what_was_refused_for_good_is_not_missed(house):
    house.record(("a", T0, 1.0, 0), ("a", T0 + 1, "poison", 0), ("a", T0 + 2, 3.0, 0))
    house.wait(400)
    assert house.holds() == {("a", T0): 1.0, ("a", T0 + 2): 3.0}
    assert house.audit.missing == 0
    house.engine.lose(lambda _: True)
    house.wait(400)
    house.balance()
    assert house.projector.lag().refused == 1
    assert house.audit.given_up == 0


def test_an_engine_that_keeps_nothing_is_tried_ever_less_often_and_said_so(house):
    house.engine.deaf = True
    house.live(2)
    house.wait(600)
    assert house.audit.given_up == len(house.recorded) == 8
    given = house.engine.given
    house.wait(6 * 3600)
    assert house.engine.given <= given + 8 * 8, "ever less often"
    house.engine.deaf = False
    house.wait(6 * 3600)
    house.balance()
    assert house.audit.given_up == 0


def test_what_is_older_than_the_journal_keeps_is_counted_as_lost(house):
    house.live(4, points=("old",))
    house.now = T0 + 47 * HOUR
    house.record(("late", T0 + MINUTE, 1.0, 0))
    house.wait(300)
    house.now = T0 + 49 * HOUR
    house.wait(60)
    house.engine.lose(lambda _: True)
    house.wait(600)
    assert house.holds() == {("late", T0 + MINUTE): 1.0}
    assert house.audit.given_up == 8


def test_a_backlog_older_than_what_is_kept_is_watched_beside_what_the_engine_had(house):
    house.live(4)
    house.now = T0 + 60 * HOUR
    house.wait(60)
    house.record(*(("late", T0 + n * SECOND, float(n), 0) for n in range(10)))
    house.wait(200)
    assert (house.audit.windows, house.audit.missing) == (1, 0)
    house.engine.lose(lambda sample: sample.point == "late")
    house.wait(200)
    house.balance()


def test_an_engine_that_dies_while_it_is_put_back_is_put_back_later(house):
    house.live(30)
    house.engine.lose(lambda _: True)
    for _ in range(40):
        house.engine.break_down("connection refused")
        house.projector.step(house.now)
        house.engine.repair()
        house.projector.step(house.now)
        house.now += 2 * SECOND
    house.wait(300)
    house.balance()


def test_a_file_of_the_version_before_is_brought_up_and_not_projected_anew(tmp_path):
    path = tmp_path / "readings.db"
    with closing(Journal(path)) as journal:
        journal.record([StoredBatch(BOX, 1, b"1", [("a", T0, 1.0, 0)])], T0)
    with closing(open_for_writing(path)) as connection:
        connection.executescript(
            "DROP TABLE windows; DROP TABLE expired; ALTER TABLE projected DROP COLUMN tallied; UPDATE projected SET upto = 1; "
            "PRAGMA user_version = 1;"
        )
    engine = Engine()
    with closing(Projector(path, engine)) as projector, closing(Journal(path)) as journal:
        journal.record([StoredBatch(BOX, 2, b"2", [("a", T0 + 1, 2.0, 0)])], T0)
        while projector.step(T0) == 0:
            pass
    assert [kept.value for kept in engine.read("estate", "a", T0, T0 + 2)] == [2.0]


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_whatever_is_lost_whenever_is_there_again(tmp_path_factory, seed):
    chance = random.Random(seed)
    with closing(House(tmp_path_factory.mktemp("lost"))) as house:
        for _ in range(6):
            house.live(chance.randint(1, 8))
            copy = house.engine.copy()
            match chance.randrange(5):
                case 0:
                    house.engine.lose(lambda _: True)
                case 1:
                    house.engine.lose(lambda _: chance.random() < 0.1)
                case 2:
                    house.live(2)
                    house.engine.restore(copy)
                case 3:
                    house.engine.break_down()
                    house.live(1)
                    house.engine.repair()
                case _:
                    house.projector.close()
                    house.projector = Projector(house.path, house.engine, chance=lambda: 1.0)
        house.wait(900)
        house.balance()
