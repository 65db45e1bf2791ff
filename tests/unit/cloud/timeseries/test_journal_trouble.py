"""A full disk, a locked, damaged, foreign or newer file: a clear word, and nothing half done."""

from __future__ import annotations

import random
import shutil
import sqlite3

import pytest

from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
from cloud.adapters.timeseries.embedded.settling import Settler
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import DAY, SECOND, NodeCounts, Origin, Outcome, StoredBatch
from cloud.errors import ReadingsDamaged, ReadingsError, ReadingsRefused, ReadingsTooNew, ReadingsUnavailable

T0 = 20_000 * DAY
BOX = Origin("estate", "node", "box")


def batch(seq, count=1, point="p"):
    samples = [(point, T0 + seq * SECOND + n, random.Random(n).random(), 0) for n in range(count)]
    return StoredBatch(BOX, seq, str(seq).encode(), samples)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "readings.db"


@pytest.fixture
def journal(path):
    journal = Journal(path)
    yield journal
    journal.close()


def readings(path):
    reader = EmbeddedReader(path)
    found = reader.read("estate", "p", T0, T0 + DAY)
    reader.close()
    return found


def test_a_full_disk_stores_nothing_and_recovers(journal, path):
    journal.record([batch(1)], T0)
    (pages,) = journal._connection.execute("PRAGMA page_count").fetchone()
    journal._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(ReadingsUnavailable, match="free disk space"):
        journal.record([batch(2, point="new"), batch(3, count=1000)], T0)
    assert journal.counts("estate", "node") == NodeCounts(stored=1, readings=1)
    journal._connection.execute("PRAGMA max_page_count = 1000000")
    assert journal.record([batch(2, point="new"), batch(3, count=1000)], T0) == [Outcome.STORED] * 2
    assert len(readings(path)) == 1001


def test_a_locked_file_stores_nothing(journal, path):
    journal._connection.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ReadingsUnavailable, match="locked"):
        journal.record([batch(1)], T0)
    other.execute("ROLLBACK")
    other.close()
    assert journal.record([batch(1)], T0) == [Outcome.STORED]


@pytest.mark.parametrize(
    "sample", [("p", T0, None, 0), ("p", 2**63, 1.0, 0), ("p", T0, 10**400, 0), ("p", T0, 1.0, 64)]
)
def test_a_batch_that_no_column_holds_is_named_and_blocks_no_other(journal, path, sample):
    bad = StoredBatch(BOX, 2, b"2", [sample])
    with pytest.raises(ReadingsRefused, match="Batch 2 of estate/node/box"):
        journal.record([batch(1), bad, batch(3)], T0)
    assert readings(path) == []
    assert journal.record([batch(1), batch(3)], T0) == [Outcome.STORED] * 2
    assert journal.stored_ranges(BOX) == [(1, 1), (3, 3)]


def test_a_torn_end_of_the_log_costs_nothing_committed(journal, path, tmp_path):
    for seq in range(1, 9):
        journal.record([batch(seq)], T0)
    for torn in (b"\0" * 4096, random.Random(7).randbytes(10_000)):
        copy = tmp_path / f"copy-{len(torn)}.db"
        shutil.copy(path, copy)
        log = (tmp_path / "readings.db-wal").read_bytes()
        (tmp_path / f"{copy.name}-wal").write_bytes(log + torn)
        after = Journal(copy)
        assert after.stored_ranges(BOX) == [(1, 8)]
        assert after.record([batch(8), batch(9)], T0) == [Outcome.DUPLICATE, Outcome.STORED]
        after.close()
        assert len(readings(copy)) == 9


def test_a_log_cut_anywhere_leaves_whole_commits(journal, path, tmp_path):
    for seq in range(1, 9):
        journal.record([batch(seq)], T0)
    log = (tmp_path / "readings.db-wal").read_bytes()
    chance = random.Random(3)
    for cut in [chance.randrange(len(log)) for _ in range(12)]:
        copy = tmp_path / f"cut-{cut}.db"
        shutil.copy(path, copy)
        (tmp_path / f"{copy.name}-wal").write_bytes(log[:cut])
        after = Journal(copy)  # where even the making of the tables was cut off, it is made anew
        stored = sum(last - first + 1 for first, last in after.stored_ranges(BOX))
        assert len(readings(copy)) == stored <= 8
        outcomes = after.record([batch(seq) for seq in range(1, 9)], T0)
        assert outcomes == [Outcome.DUPLICATE] * stored + [Outcome.STORED] * (8 - stored)
        after.close()


def test_no_database_at_all(path):
    path.write_bytes(b"this is a letter, not a database" * 300)
    for opening in (Journal, Settler, EmbeddedReader):
        with pytest.raises(ReadingsDamaged, match="restore the last backup"):
            opening(path)


def test_damage_inside_is_told(path):
    journal = Journal(path)
    for seq in range(1, 40):
        journal.record([batch(seq, count=1000)], T0)
    journal.close()
    whole = bytearray(path.read_bytes())
    whole[4096:] = random.Random(1).randbytes(len(whole) - 4096)
    path.write_bytes(whole)
    journal = None
    with pytest.raises(ReadingsDamaged, match="keep the file aside"):  # noqa: PT012 - at opening or at first use
        journal = Journal(path)
        journal.record([batch(99)], T0)
    if journal:
        journal.close()


def test_damage_in_a_chunk_is_told(journal, path):
    journal.record([batch(1, count=1000)], T0)
    settler = Settler(path)
    settler.settle_all()
    settler.close()
    journal._connection.execute("UPDATE chunks SET data = CAST(substr(data, 1, 50) AS BLOB)")
    with pytest.raises(ReadingsDamaged, match="keep the file aside"):
        readings(path)


def test_another_programs_database_is_left_alone(path):
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.close()
    with pytest.raises(ReadingsError, match="not a file of Tocsin's readings"):
        Journal(path)


def test_a_newer_file_is_left_alone(path):
    Journal(path).close()
    later = sqlite3.connect(path)
    later.execute("PRAGMA user_version = 99")
    later.close()
    with pytest.raises(ReadingsTooNew, match="version 99"):
        Journal(path)


def test_digests_are_kept_of_the_last_to_arrive(path):
    journal = Journal(path, digests_kept=100)
    journal.record([batch(10_000)], T0)
    for seq in range(1, 301):
        journal.record([batch(seq)], T0)
    (kept,) = journal._connection.execute("SELECT count(*) FROM digests").fetchone()
    assert 100 <= kept <= 130
    assert journal.record([batch(seq) for seq in range(201, 301)], T0) == [Outcome.DUPLICATE] * 100
    # Too old to be known by its digest: stored again rather than lost, and reported.
    assert journal.record([batch(1)], T0) == [Outcome.CONFLICT]
    journal.close()


def test_only_one_records(journal, path):
    with pytest.raises(ReadingsUnavailable, match="Another process records"):
        Journal(path)
    journal.close()
    Journal(path).close()


def test_writing_survives_reopening(path):
    for seq in range(1, 6):
        journal = Journal(path)
        assert journal.record([batch(seq), batch(max(1, seq - 1))], T0)[0] is Outcome.STORED
        journal.close()
    assert len(readings(path)) == 5
