"""Whatever is recorded, repeated, late, settled, cut short, expired or reopened: the answers are those of plain lists."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cloud.adapters.timeseries.embedded import chunks, settling
from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
from cloud.adapters.timeseries.embedded.settling import Settler, SettleWhen
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import DAY, HOUR, MINUTE, SECOND, Origin, StoredBatch
from tests.fakes.timeseries import InMemoryReadings

T0 = 20_000 * DAY
POINTS = ["lift-7/speed", "lift-7/state", "gate-1/open"]
BOXES = [Origin("estate", "node-1", "a"), Origin("estate", "node-2", "b")]

times = st.one_of(
    st.integers(0, 40).map(lambda n: T0 + n * SECOND),
    st.integers(0, 3 * DAY // (20 * MINUTE)).map(lambda n: T0 + n * 20 * MINUTE),
    st.integers(T0, T0 + 2 * HOUR),
)
values = st.one_of(
    st.integers(-99, 99).map(lambda n: n / 10),
    st.floats(-1e6, 1e6, allow_subnormal=False),
    st.booleans(),
    st.sampled_from(["idle", "up", ""]),
)
samples = st.lists(st.tuples(st.sampled_from(POINTS), times, values, st.sampled_from([0, 0, 1])), max_size=12)


class Readings(RuleBasedStateMachine):
    @initialize()
    def open(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "readings.db"
        self.fake = InMemoryReadings()
        self.sent: list[StoredBatch] = []
        self.now = T0
        self.store, self.settler, self.reader = self._opened()

    def _opened(self):
        store = Journal(self.path)
        return store, Settler(self.path, SettleWhen(readings=20, segments=3, age=DAY)), EmbeddedReader(self.path)

    def _record(self, batches):
        self.now += SECOND
        assert self.store.record(batches, self.now) == self.fake.record(batches, self.now)
        self.sent += batches

    @rule(box=st.sampled_from(BOXES), groups=st.lists(samples, min_size=1, max_size=4))
    def record(self, box, groups):
        first = max((b.seq for b in self.sent if b.origin == box), default=0) + 1
        self._record([StoredBatch(box, first + i, f"{first + i}".encode(), part) for i, part in enumerate(groups)])

    @rule(minute=st.integers(0, 50), value=st.integers(0, 9))
    def record_a_dense_minute(self, minute, value):
        part = [(POINTS[0], T0 + minute * MINUTE + n * 5 * SECOND, (value + n) / 4, 0) for n in range(12)]
        first = max((b.seq for b in self.sent if b.origin == BOXES[0]), default=0) + 1
        self._record([StoredBatch(BOXES[0], first, f"dense {first}".encode(), part)])

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def repeat(self, data):
        self._record([data.draw(st.sampled_from(self.sent))])

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), part=samples)
    def say_something_else_under_the_same_seq(self, data, part):
        said = data.draw(st.sampled_from(self.sent))
        self._record([said._replace(digest=f"other {len(self.sent)}".encode(), samples=part)])

    @rule(steps=st.integers(1, 5))
    def settle_a_little(self, steps):
        for _ in range(steps):
            self.settler.step(self.now)

    @rule()
    def settle_all(self):
        self.settler.settle_all()

    @rule(before=times)
    def expire(self, before):
        self.settler.expire("estate", before, POINTS[:2])
        self.fake.expire("estate", before, POINTS[:2])

    @rule()
    def reopen(self):
        self._close()
        self.store, self.settler, self.reader = self._opened()

    @invariant()
    def reads_equal(self):
        for point in POINTS:
            assert self.reader.read("estate", point, T0, T0 + 4 * DAY) == self.fake.read(
                "estate", point, T0, T0 + 4 * DAY
            )
            span = ("estate", point, T0 + 7 * MINUTE, T0 + DAY, 5)
            assert self.reader.read(*span) == self.fake.read(*span)
            for end, n in ((DAY, 20), (40 * SECOND, 7)):
                ours = self.reader.steps("estate", point, T0, T0 + end, n)
                theirs = self.fake.steps("estate", point, T0, T0 + end, n)
                assert [(s.time, s.min, s.max, s.last, s.count) for s in ours] == [
                    (s.time, s.min, s.max, s.last, s.count) for s in theirs
                ]
                for our, their in zip(ours, theirs, strict=True):
                    # Sums are taken in another order, so a mean may differ in its last places.
                    assert our.mean is their.mean is None or our.mean == pytest.approx(their.mean, rel=1e-9, abs=1e-6)

    @invariant()
    def latest_and_counts_equal(self):
        assert self.reader.latest("estate", POINTS) == self.fake.latest("estate", POINTS)
        for box in BOXES:
            assert self.store.stored_ranges(box) == self.fake.stored_ranges(box)
            assert self.store.counts(*box[:2]) == self.fake.counts(*box[:2])

    def _close(self):
        for part in (self.reader, self.settler, self.store):
            part.close()

    def teardown(self):
        if hasattr(self, "folder"):
            self._close()
            self.folder.cleanup()


@pytest.mark.slow
@pytest.mark.timeout(420)  # a failure is made small for up to five minutes
def test_embedded_equals_the_fake(monkeypatch):
    # Chunks of ten readings, so that a few dozen fill, split and join them.
    monkeypatch.setattr(chunks, "FULL", 10)
    monkeypatch.setattr(settling, "FULL", 10)
    # One series at a time, so that a job takes several steps and is looked at in between.
    monkeypatch.setattr(settling, "_BOUT", 0)
    run = settings(max_examples=30, stateful_step_count=25, deadline=None)
    Readings.TestCase.settings = run
    Readings.TestCase("runTest").runTest()
