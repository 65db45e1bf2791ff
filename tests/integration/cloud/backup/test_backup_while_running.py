"""Backup and restore while others write: a copy is of one moment, and what is restored is what was there."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing

import pytest

from cloud.adapters.backup import back_up, read_contents, restore, sqlite_snapshot
from cloud.adapters.clock import SystemClock
from cloud.adapters.sql import SqlUnitsOfWork
from cloud.adapters.timeseries.journal.store import Journal
from cloud.application.timeseries import DAY, SECOND, Origin, SeqRange, StoredBatch
from cloud.errors import Conflict, Invalid, Unavailable
from cloud.settings import load_settings
from cloud.state import open_state
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

T0 = 20_000 * DAY
BOX = Origin("example", "b1-node", "box")


def batch(seq):
    return StoredBatch(BOX, seq, str(seq).encode(), [("p", T0 + seq * SECOND, float(seq), 0)])


def untold(*_said):
    pass


class Running:
    """A cloud's data while it is written to: an alarm in the database and a batch among the readings at each `goes_on`."""

    def __init__(self, data):
        data.mkdir(exist_ok=True)
        self.settings = load_settings(data=data)
        self.engine = fresh_state(data / "state.db")
        self.scene = Scene(SqlUnitsOfWork(self.engine))
        self.journal = Journal(self.settings.readings_path)
        self.seq = 0

    def goes_on(self):
        self.seq += 1
        self.journal.record([batch(self.seq)], T0)
        self.scene.act.note(self.scene.only_task().id, "guard", f"note {self.seq}")

    def close(self):
        self.journal.close()
        self.engine.dispose()


@pytest.fixture
def running(tmp_path):
    cloud = Running(tmp_path / "data")
    cloud.scene.rings("access.forced-open", "b1/door")
    for _ in range(3):
        cloud.goes_on()
    photo = cloud.settings.photos_path / "ab" / f"{'ab' * 32}.jpg"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"a picture")
    cloud.settings.authority_path.mkdir(mode=0o700)
    (cloud.settings.authority_path / "ca.key").write_text("a secret")
    yield cloud
    cloud.close()


def ledger_of(settings):
    state = open_state(settings)
    try:
        return state.export("example", None).header.last
    finally:
        state.close()


def stored_in(settings):
    with closing(Journal(settings.readings_path)) as journal:
        return journal.stored_ranges(BOX)


def test_a_copy_is_of_one_moment_whoever_writes_between_its_pages(running, tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite_snapshot, "_PAGES_AT_ONCE", 8)  # the database has some 240
    before, entries = running.seq, ledger_of(running.settings)
    written = []

    def told(what, _done, _total):
        if what.startswith("copying the "):
            running.goes_on()
            written.append(what)

    found = back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=told)
    assert len(written) > 20, "nobody wrote meanwhile"
    assert running.seq > before + 20
    there = load_settings(data=tmp_path / "elsewhere")
    restore(there, tmp_path / "backup", replace=False, clock=SystemClock(), told=untold)
    assert stored_in(there) == [SeqRange(1, before)]
    assert ledger_of(there) == entries == found.ledgers[0].seq
    assert stored_in_while(running) == [SeqRange(1, running.seq)]


def stored_in_while(running):
    return running.journal.stored_ranges(BOX)


def test_photos_and_keys_come_back_and_nobody_else_may_read_them(running, tmp_path):
    back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=untold)
    there = load_settings(data=tmp_path / "elsewhere")
    restore(there, tmp_path / "backup", replace=False, clock=SystemClock(), told=untold)
    assert (there.photos_path / "ab" / f"{'ab' * 32}.jpg").read_bytes() == b"a picture"
    key = there.authority_path / "ca.key"
    assert key.read_text() == "a secret"
    assert key.stat().st_mode & 0o077 == 0
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0
    assert (tmp_path / "backup" / "authority" / "ca.key").stat().st_mode & 0o077 == 0


def test_without_keys_there_are_none_in_it_and_those_in_place_stay(running, tmp_path):
    found = back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=untold, keys=False)
    assert not found.keys
    assert not (tmp_path / "backup" / "authority").exists()
    running.close()
    _, aside = restore(running.settings, tmp_path / "backup", replace=True, clock=SystemClock(), told=untold)
    assert (running.settings.authority_path / "ca.key").read_text() == "a secret"
    assert not (aside / "authority").exists()


def test_nothing_is_put_under_a_cloud_that_runs(running, tmp_path):
    back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=untold)
    with pytest.raises(Conflict, match=r"A cloud runs on .* Stop it first"):
        restore(running.settings, tmp_path / "backup", replace=True, clock=SystemClock(), told=untold)
    assert ledger_of(running.settings) > 1


def test_what_is_there_is_replaced_only_when_that_is_asked_and_kept_aside(running, tmp_path):
    back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=untold)
    then = running.seq
    running.goes_on()
    running.close()
    with pytest.raises(Conflict, match="--replace"):
        restore(running.settings, tmp_path / "backup", replace=False, clock=SystemClock(), told=untold)
    _, aside = restore(running.settings, tmp_path / "backup", replace=True, clock=SystemClock(), told=untold)
    assert stored_in(running.settings) == [SeqRange(1, then)]
    assert stored_in(load_settings(data=aside)) == [SeqRange(1, then + 1)]
    assert (aside / "authority" / "ca.key").read_text() == "a secret"


@pytest.mark.parametrize("name", ["state.db", "readings.db", "authority/ca.key"])
def test_a_byte_that_changed_since_is_found_before_anything_is_changed(running, tmp_path, name):
    back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=untold)
    file = tmp_path / "backup" / name
    file.write_bytes(bytes([file.read_bytes()[0] ^ 1]) + file.read_bytes()[1:])
    there = load_settings(data=tmp_path / "elsewhere")
    with pytest.raises(Invalid, match=rf"damaged: .*{name}"):
        restore(there, tmp_path / "backup", replace=False, clock=SystemClock(), told=untold)
    assert [path.name for path in there.data.iterdir()] == ["readings.db.lock"]


def test_a_file_that_is_missing_is_named(running, tmp_path):
    back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=untold)
    (tmp_path / "backup" / "readings.db").unlink()
    with pytest.raises(Invalid, match=r"not whole: .*readings\.db is missing"):
        restore(
            load_settings(data=tmp_path / "e"), tmp_path / "backup", replace=False, clock=SystemClock(), told=untold
        )


def test_a_damaged_database_gives_no_backup(running, tmp_path):
    running.close()
    with closing(sqlite3.connect(running.settings.data / "state.db")) as database:
        database.execute("PRAGMA writable_schema = ON")
        database.execute("UPDATE sqlite_master SET rootpage = 3 WHERE name = 'ix_tasks_due' OR type = 'index'")
        database.commit()
    with pytest.raises(Invalid, match="damaged"):
        back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=untold)
    assert not list(tmp_path.glob("backup*"))


def test_a_ledger_that_does_not_hold_together_gives_no_backup(running, tmp_path):
    with closing(sqlite3.connect(running.settings.data / "state.db")) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        database.execute("UPDATE ledger SET actor = 'somebody else' WHERE seq = 2")
        database.commit()
    with pytest.raises(Invalid, match="ledger of example does not fit at entry 2"):
        back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=untold)
    assert not list(tmp_path.glob("backup*"))


def test_whoever_stops_it_finds_nothing_half_done(running, tmp_path):
    def stop(what, _done, _total):
        if what.startswith("checking"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=stop)
    assert not list(tmp_path.glob("backup*"))
    running.goes_on()


def test_a_restore_that_was_cut_off_keeps_every_cloud_from_starting_until_it_is_given_again(
    running, tmp_path, monkeypatch
):
    back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=untold)
    running.close()

    def power_cut(*_given):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("cloud.adapters.backup.restoring._put_in_place", power_cut)
        with pytest.raises(SystemExit):
            restore(running.settings, tmp_path / "backup", replace=True, clock=SystemClock(), told=untold)
    with pytest.raises(Unavailable, match="was interrupted"):
        open_state(running.settings)
    restore(running.settings, tmp_path / "backup", replace=True, clock=SystemClock(), told=untold)
    assert ledger_of(running.settings) == read_contents(tmp_path / "backup").ledgers[0].seq


def test_a_backup_never_overwrites_and_needs_something_to_copy(running, tmp_path):
    (tmp_path / "backup").mkdir()
    with pytest.raises(Conflict, match="overwrites nothing"):
        back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=untold)
    with pytest.raises(Invalid, match=r"There is no .*state\.db\. Name the cloud's data"):
        back_up(load_settings(data=tmp_path / "nowhere"), tmp_path / "new", clock=SystemClock(), told=untold)
    assert not (tmp_path / "nowhere").exists()


def test_a_disk_without_room_is_said_before_anything_is_copied(running, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr("cloud.adapters.backup.taking.shutil.disk_usage", lambda _path: usage)
    with pytest.raises(Unavailable, match=r"0 MiB free\. Name a folder on another disk"):
        back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=untold)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (('"revision": "0', '"revision": "9'), "Install that version or a later one"),
        (('"path": "state.db"', '"path": "../state.db"'), "cannot be understood"),
        (('"path": "state.db"', '"path": "readings.db-wal"'), "cannot be understood"),
        (('"format": 1', '"format": 2'), "a later version of Tocsin wrote it"),
        (('"database": "sqlite"', '"database": "postgresql"'), "the settings name a sqlite one"),
    ],
)
def test_a_backup_of_another_kind_is_refused_with_what_to_do(running, tmp_path, change, why):
    back_up(running.settings, tmp_path / "backup", clock=SystemClock(), told=untold)
    about = tmp_path / "backup" / "backup.json"
    said = about.read_text()
    assert change[0] in said
    about.write_text(said.replace(*change))
    with pytest.raises(Invalid, match=why):
        restore(
            load_settings(data=tmp_path / "e"), tmp_path / "backup", replace=False, clock=SystemClock(), told=untold
        )
    with pytest.raises(Invalid, match="is no backup"):
        read_contents(tmp_path)
