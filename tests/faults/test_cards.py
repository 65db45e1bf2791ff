"""Memory cards that tear a write, rot, are put back from an old image, or are copied: what they held is stored once."""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from edge.adapters.outbox_status import numbered_of
from tests.e2e.programs import until
from tests.faults.oracle import held, waiting
from tests.faults.stage import LoadedNode, Stage, stage_in

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow, pytest.mark.timeout(180)]

_PAGE = 4096
_FRAME = 24 + _PAGE
PARTS = ("", "-wal", "-shm")


def _works(node: LoadedNode, batches: int, *, more: bool = True) -> None:
    """Until it has put so many more batches into its outbox."""
    aim = (len(node.diary()) if more else 0) + batches
    until(lambda: len(node.diary()) >= aim, 30, f"{node.name} seals {batches} batches", node.program)


def _wal(node: LoadedNode) -> Path:
    return node.outbox.with_name(node.outbox.name + "-wal")


def _copied(node: LoadedNode, to: Path) -> Path:
    """The card's outbox as it is now, all its files."""
    for part in PARTS:
        source = node.outbox.with_name(node.outbox.name + part)
        if source.exists():
            shutil.copy2(source, to.with_name(to.name + part))
    return to


def _conflicts(stage: Stage) -> int:
    return len(stage.ask("SELECT 1 FROM alerts WHERE hazard = 'node.identity-conflict'"))


def test_a_torn_write_at_the_end_of_the_log_costs_nothing_that_was_committed(tmp_path):
    with stage_in(tmp_path) as stage:
        stage.broker.kill()
        node = stage.node(seed=11, speed=8.0)
        for cut in (1, _FRAME // 2, _FRAME + 100):
            node.start(60.0)
            _works(node, 8)
            node.kill()
            # Power goes while the next transaction is being written: part of its frames have arrived, none whole.
            with _wal(node).open("ab") as log:
                log.write(b"\x5a" * cut)
        stage.broker.start()
        stage.drain()
        assert not node.program.said("node.store-salvaged")
        stage.balance().check()


@pytest.mark.soak
def test_a_card_that_lied_about_its_last_writes_gives_numbers_twice_and_both_are_stored(tmp_path):
    with stage_in(tmp_path) as stage:
        node = stage.node(seed=12, speed=8.0)
        node.start(60.0, alarms=True)
        _works(node, 30)
        node.kill()
        said = _copied(node, tmp_path / "as-it-was.db")
        node.diaries.append(said)
        doomed = held(said)
        with _wal(node).open("r+b") as log:
            log.truncate(32 + (log.seek(0, 2) - 32) // _FRAME // 2 * _FRAME + 777)
        node.start(60.0, alarms=True)
        _works(node, 30)
        stage.drain()
        stage.balance(doomed).check()
        assert _conflicts(stage), "a number that meant two batches is reported"


def test_a_damaged_file_is_put_aside_salvaged_and_reported(tmp_path):
    with stage_in(tmp_path) as stage:
        stage.broker.kill()
        node = stage.node(seed=13, speed=8.0)
        node.start(60.0, alarms=True)
        _works(node, 60)
        node.kill()
        with closing(sqlite3.connect(node.outbox)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'batch_by_stream'").fetchone()
        held = waiting(node.outbox)
        with node.outbox.open("r+b") as file:
            file.seek((root - 1) * _PAGE)
            file.write(b"\xa5" * _PAGE)
        node.start(60.0)
        until(lambda: node.program.said("the outbox was damaged"), 20, "the damage is found", node.program)
        node.diaries.append(node.outbox.with_name(node.outbox.name + ".damaged-1"))
        assert node.program.said(f"{held} batches saved"), node.program.last_words(6)
        # The diary goes on in the new file; what it missed of its first moments is read from the outbox itself.
        node.keep_diary_again()
        stage.broker.start()
        salvaged = "SELECT 1 FROM events WHERE kind = 'node.store-salvaged'"
        until(lambda: stage.ask(salvaged), 30, "the cloud is told", node.program, stage.cloud)
        stage.drain()
        stage.balance().check()


def test_an_old_image_put_back_is_stored_as_well_and_reported(tmp_path):
    with stage_in(tmp_path) as stage:
        node = stage.node(seed=14, speed=8.0)
        node.start(60.0)
        _works(node, 20)
        node.kill()
        image = _copied(node, tmp_path / "image.db")
        node.start(60.0)
        _works(node, 40)
        node.kill()
        # Three weeks later: the card is dead, and somebody has an image of it.
        dead = _copied(node, tmp_path / "dead.db")
        node.diaries.append(dead)
        doomed = held(dead)  # what it had not sent when it died, nobody will ever read
        for part in PARTS:
            node.outbox.with_name(node.outbox.name + part).unlink(missing_ok=True)
            if (source := image.with_name(image.name + part)).exists():
                shutil.copy2(source, node.outbox.with_name(node.outbox.name + part))
        node.reboot()
        node.start(60.0, alarms=True)
        _works(node, 40)
        stage.drain()
        stage.balance(doomed).check()
        assert _conflicts(stage)


def test_two_nodes_from_one_card_at_once(tmp_path):
    with stage_in(tmp_path) as stage:
        node = stage.node(seed=15, speed=8.0)
        node.start(60.0)
        _works(node, 10)
        node.kill()
        twin = stage.node(seed=16, speed=8.0)
        _copied(node, twin.outbox)
        for one in (node, twin):
            one.start(60.0, alarms=True)
        time.sleep(8)  # Both work side by side for a while.
        stage.drain()
        print(f"{len(node.diary())} and {len(twin.diary())} batches")
        stage.balance().check()
        assert _conflicts(stage)


@pytest.mark.parametrize("log_stays", [True, pytest.param(False, marks=pytest.mark.soak)])
def test_an_emptied_outbox_file_makes_a_new_outbox(tmp_path, log_stays):
    with stage_in(tmp_path) as stage:
        node = stage.node(seed=17, speed=8.0)
        node.start(60.0)
        _works(node, 10)
        stage.drain()
        before = stage.balance()
        before.check()
        node.outbox.write_bytes(b"")
        if not log_stays:
            _wal(node).unlink(missing_ok=True)
        lives = node.program.count('"node started"')
        node.start(60.0)
        until(lambda: node.program.count('"node started"') > lives, 30, "it starts", node.program)
        until(lambda: sum(numbered_of(node.outbox).values()) > 10, 30, "it works with a new outbox", node.program)
        assert not node.program.said("nothing survives a restart")
        node.kill()
        node.start(0)
        until(lambda: not waiting(node.outbox), 30, "all of it is stored", node.program)
        node.kill()
        numbers = numbered_of(node.outbox)
        with closing(sqlite3.connect(node.outbox)) as connection:
            ((identity,),) = connection.execute("SELECT value FROM meta WHERE key = 'identity'").fetchall()
        (events,) = stage.ask("SELECT stored FROM progress WHERE outbox = ? AND stream = 'events'", identity)
        assert events == (f"[[1, {numbers['events'] - waiting(node.outbox)}]]",)
        with closing(sqlite3.connect(stage.data / "readings.db")) as readings:
            query = "SELECT first, last FROM ranges WHERE outbox = (SELECT id FROM outboxes WHERE outbox = ?)"
            assert readings.execute(query, (identity,)).fetchall() == [(1, numbers["telemetry"])]
        print(f"sent {sum(numbers.values())} stored {sum(numbers.values())} lost 0 duplicate 0 (batches)")
