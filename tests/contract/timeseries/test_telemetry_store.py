"""A batch is stored once, known again, and every seq is accounted for; whichever engine draws the readings."""

from __future__ import annotations

import pytest

from cloud.application.timeseries import (
    DAY,
    SECOND,
    NodeCounts,
    Origin,
    Outcome,
    Sample,
    SeqRange,
    StoredBatch,
    VoidRange,
)

T0 = 20_000 * DAY
BOX = Origin("estate-1", "node-1", "box-a")


def batch(seq, value=1.5, digest=None, origin=BOX, **more):
    samples = [("b3/lift-7/speed", T0 + seq * SECOND, value, 0)]
    return StoredBatch(origin, seq, digest or f"digest-of-{seq}-{value}".encode()[-16:], samples, **more)


def speeds(engine):
    engine.arrive()
    return [s.value for s in engine.reader.read("estate-1", "b3/lift-7/speed", T0, T0 + DAY)]


def test_a_group_is_stored_in_order(engine):
    assert engine.store.record([batch(1, 1.0), batch(2, 2.0), batch(3, 3.0)], T0) == [Outcome.STORED] * 3
    assert speeds(engine) == [1.0, 2.0, 3.0]
    assert engine.store.stored_ranges(BOX) == [SeqRange(1, 3)]


def test_nothing_recorded_is_nothing_stored(engine):
    assert engine.store.record([], T0) == []
    assert engine.store.counts("estate-1", "node-1") == NodeCounts()


def test_a_repeat_changes_nothing(engine):
    engine.store.record([batch(1)], T0)
    assert engine.store.record([batch(1), batch(2), batch(2)], T0) == [
        Outcome.DUPLICATE,
        Outcome.STORED,
        Outcome.DUPLICATE,
    ]
    assert speeds(engine) == [1.5, 1.5]
    assert engine.store.counts("estate-1", "node-1") == NodeCounts(stored=2, readings=2, duplicate=2)


def test_the_same_seq_with_other_content_is_stored_as_well(engine):
    engine.store.record([batch(7, 1.0)], T0)
    twin = batch(7, 2.0)._replace(samples=[("b3/lift-7/speed", T0 + DAY - 1, 2.0, 0)])
    assert engine.store.record([twin], T0) == [Outcome.CONFLICT]
    assert engine.store.record([batch(7, 1.0), twin], T0) == [Outcome.DUPLICATE] * 2
    assert speeds(engine) == [1.0, 2.0]
    counts = engine.store.counts("estate-1", "node-1")
    assert (counts.stored, counts.conflict, counts.duplicate, counts.missing) == (1, 1, 2, 6)


def test_conflicting_readings_of_one_time_are_both_kept(engine):
    if not engine.keeps_equal_times:
        pytest.skip("by its nature this engine holds one reading of a series and time; the journal has both")
    engine.store.record([batch(7, 1.0)], T0)
    engine.arrive()
    engine.store.record([batch(7, 2.0)], T0)
    assert speeds(engine) == [1.0, 2.0]
    assert engine.reader.latest("estate-1", ["b3/lift-7/speed"])["b3/lift-7/speed"].value == 2.0


def test_outboxes_number_apart(engine):
    other = Origin("estate-1", "node-1", "box-b")
    assert engine.store.record([batch(1), batch(1, origin=other)], T0) == [Outcome.STORED] * 2
    assert engine.store.counts("estate-1", "node-1").stored == 2
    assert engine.store.counts("estate-1", "node-2") == NodeCounts()


def test_ranges_join_and_gaps_are_missing(engine):
    engine.store.record([batch(seq) for seq in (9, 1, 2, 4, 6, 7)], T0)
    assert engine.store.stored_ranges(BOX) == [(1, 2), (4, 4), (6, 7), (9, 9)]
    engine.store.record([batch(seq) for seq in (3, 8)], T0)
    assert engine.store.stored_ranges(BOX) == [(1, 4), (6, 9)]
    assert engine.store.counts("estate-1", "node-1").missing == 1


def test_a_void_explains_a_gap_once(engine):
    engine.store.record([batch(1), batch(9)], T0)
    for _ in range(2):
        engine.store.void(BOX, 3, 6, "outbox full", T0)
    engine.store.void(BOX, 5, 7, "outbox full", T0)
    assert engine.store.void_ranges(BOX) == [VoidRange(3, 6, "outbox full"), VoidRange(5, 7, "outbox full")]
    counts = engine.store.counts("estate-1", "node-1")
    assert (counts.void, counts.missing) == (5, 2)


def test_what_was_said_to_be_void_and_comes_is_stored(engine):
    engine.store.void(BOX, 1, 4, "dropped", T0)
    assert engine.store.record([batch(2)], T0) == [Outcome.STORED]
    counts = engine.store.counts("estate-1", "node-1")
    assert (counts.stored, counts.void, counts.missing) == (1, 3, 0)


def test_a_void_from_behind_is_refused(engine):
    with pytest.raises(ValueError, match="first seq comes after the last"):
        engine.store.void(BOX, 4, 3, "dropped", T0)


def test_a_batch_of_which_nothing_is_left_explains_its_seq(engine):
    empty = StoredBatch(BOX, 1, b"12345678", (), refused=3)
    assert engine.store.record([empty, batch(2, late=True)], T0) == [Outcome.STORED] * 2
    assert engine.store.record([empty], T0) == [Outcome.DUPLICATE]
    assert engine.store.counts("estate-1", "node-1") == NodeCounts(stored=2, readings=1, duplicate=1, refused=3, late=1)
    assert speeds(engine) == [1.5]


def test_estates_do_not_mix(engine):
    engine.store.record([batch(1), batch(1, 8.0, origin=Origin("estate-2", "node-1", "box-a"))], T0)
    assert speeds(engine) == [1.5]
    assert engine.reader.latest("estate-2", ["b3/lift-7/speed"]) == {
        "b3/lift-7/speed": Sample("b3/lift-7/speed", T0 + SECOND, 8.0, 0)
    }
