"""A damaged outbox gives up every batch that still lies on a page, whole and unchanged, and nothing that never was one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from edge.__main__ import app
from edge.adapters.database_pages import DatabasePages
from edge.adapters.outbox import SqliteOutbox
from edge.adapters.outbox_salvage import batches_on
from edge.application.ports import RuleMemory
from schemas.alarm_rules import begin
from schemas.batch import Stream
from schemas.delivery import Ack, StreamAck
from schemas.events import NodeLifecycle
from schemas.node_config import NodeConfig
from schemas.presence import ActiveOccurrence
from tests.contract.edge.outbox_words import ALARM, access, entries, pack, smoke
from tests.fakes.edge_clock import BOOT
from tests.unit.edge.equipment import detector

PAGE = 4096
NODE = "home/n1"
FIRST = range(1)


async def fill(path, *, quota=50_000_000, batches=120) -> None:
    outbox = await SqliteOutbox.open(path, quota_bytes=quota, boot=BOOT, node=NODE)
    for number in range(batches):
        # From a hundred bytes to several pages: some lie on one leaf with others, some go on beyond it.
        packs = [pack(1 + number * 7 % 390, "x" * (number * 37 % 9000))]
        await outbox.commit(entries(events=[access(float(number)), smoke(float(number))], packs=packs))
    rule = detector_rule()
    state = begin(rule, 40.0)._replace(raised=True).to_json()
    active = ActiveOccurrence(
        occurrence=ALARM, rule=rule.id, hazard="fire.smoke", severity="critical", equipment="b1/smoke-1"
    ).model_dump_json()
    await outbox.commit(entries(rules=[RuleMemory(rule.id, BOOT, state, active)]))
    # What was acknowledged is deleted, and its pages are given up.
    await outbox.commit(entries(packs=[pack(300) for _ in range(60)]))
    last = max(batch.seq for batch in await outbox.waiting(Stream.TELEMETRY, 0, 1000))
    outbox.acknowledge(Ack(outbox=outbox.identity, streams=[StreamAck(stream="telemetry", stored=[(last - 59, last)])]))
    await outbox.close()


def detector_rule():
    config = NodeConfig.model_validate({"equipment": [detector()]})
    return next(rule for rule in config.effective_rules() if rule.hazard == "fire.smoke")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A closed outbox: its file, and its batches as they are."""
    path = tmp_path_factory.mktemp("whole") / "outbox.db"
    asyncio.run(fill(path))
    with contextlib.closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT outbox, stream, seq, boot, sealed_mono, records, life_safety, size, payload FROM batch ORDER BY place"
        ).fetchall()
    assert len(rows) == 240
    assert path.stat().st_size % PAGE == 0
    return path, rows


def damaged(whole, folder, pages, with_what=bytes(PAGE)):
    path = folder / "outbox.db"
    shutil.copyfile(whole[0], path)
    with path.open("r+b") as file:
        for page in pages:
            file.seek(page * PAGE)
            file.write(with_what)
    return path


def salvaged(path) -> tuple[list[tuple], str | None, list[RuleMemory]]:
    async def run():
        outbox = await SqliteOutbox.open(path, quota_bytes=50_000_000, boot=BOOT, node=NODE)
        found = await outbox.waiting(Stream.EVENTS, 0, 10_000) + await outbox.waiting(Stream.TELEMETRY, 0, 10_000)
        rules, said = await outbox.rules(), outbox.salvaged
        await outbox.close()
        return found, said, rules

    found, said, rules = asyncio.run(run())
    kept = [(b.outbox, b.stream.value, b.seq, b.boot, b.sealed_mono, b.records, b.payload) for b in found]
    return kept, said, rules


def shape(rows) -> set[tuple]:
    return {
        (outbox, stream, seq, boot, mono, records, payload)
        for outbox, stream, seq, boot, mono, records, *_, payload in rows
    }


@pytest.mark.parametrize("with_what", [bytes(PAGE), b"\xa5" * PAGE], ids=["noughts", "noise"])
def test_without_its_first_page_not_one_batch_is_lost(whole, tmp_path, with_what):
    found, said, rules = salvaged(damaged(whole, tmp_path, FIRST, with_what))
    assert shape(whole[1]) <= set(found)
    assert f"{len(found)} batches saved from it ({len(found)} of them page by page)" in said
    assert [(rule.rule, json.loads(rule.active)["occurrence"]) for rule in rules] == [(detector_rule().id, ALARM)], (
        "an alarm that stands is not raised again"
    )


def test_batches_keep_their_order_and_are_each_there_once(whole, tmp_path):
    found, _, _ = salvaged(damaged(whole, tmp_path, FIRST))
    keys = [key[:3] for key in found]
    assert len(keys) == len(set(keys))
    for stream in ("events", "telemetry"):
        assert [seq for _, kind, seq in keys if kind == stream] == sorted(
            seq for _, kind, seq in keys if kind == stream
        )


def test_what_was_deleted_is_left_where_the_file_says_so(whole):
    found = list(batches_on(DatabasePages(whole[0]), lambda *_: False))
    assert {row[:3] for row in found} == {row[:3] for row in whole[1]}
    assert shape(found) == shape(whole[1])


@pytest.mark.parametrize("page", range(1, 200, 13))
def test_a_blank_page_costs_what_lay_on_it_and_no_more(whole, tmp_path, page):
    path, rows = whole
    if page * PAGE >= path.stat().st_size:
        pytest.skip("the file is shorter")
    found, said, _ = salvaged(damaged(whole, tmp_path, [page]))
    original = shape(rows)
    if said is None:
        # The end of one payload, which no check of SQLite's looks at: what is sent of it, the cloud refuses.
        assert len(found) == len(rows)
        assert len(original - set(found)) <= 1
        return
    assert set(found) <= original
    assert len(original - set(found)) <= 12, "what fits on a page, or the one that went on over it"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from([bytes(PAGE), b"\xff" * PAGE, bytes(range(256)) * 16]))
def test_whatever_pages_are_gone_nothing_is_invented_and_the_rest_is_there(whole, tmp_path, data, with_what):
    path, rows = whole
    pages = path.stat().st_size // PAGE
    gone = data.draw(st.sets(st.integers(0, pages - 1), max_size=pages // 2))
    harmed = damaged(whole, tmp_path, gone, with_what)
    found = list(batches_on(DatabasePages(harmed), lambda *_: False))
    stale = 0 not in gone
    if stale:
        assert {row[:3] for row in found} <= {row[:3] for row in rows}
    by_key = {row[:3]: row for row in rows}
    assert all(row == by_key[row[:3]] for row in found if row[:3] in by_key), "as it was sealed, or not at all"
    lost = set(by_key) - {row[:3] for row in found}
    assert len(lost) <= 12 * len(gone)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_bytes_of_any_kind_give_what_they_hold_and_never_an_error(whole, tmp_path, data):
    path, rows = whole
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 40))):
        at = data.draw(st.integers(0, len(content) - 1))
        some = data.draw(st.binary(min_size=1, max_size=40))
        content[at : at + len(some)] = some
    harmed = tmp_path / "harmed.db"
    harmed.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    by_key = {row[:3]: row for row in rows}
    for row in batches_on(DatabasePages(harmed), lambda *_: False):
        assert json.loads(row[-1])["seq"] == row[2]
        assert row[:3] not in by_key or row[3:6] == by_key[row[:3]][3:6]


def test_the_log_of_a_killed_agent_is_read_too(tmp_path):
    async def killed(path):
        outbox = await SqliteOutbox.open(path, quota_bytes=50_000_000, boot=BOOT, node=NODE)
        for number in range(30):
            await outbox.commit(entries(events=[access(float(number))], packs=[pack(200)]))
        for part in ("", "-wal"):
            shutil.copyfile(path.with_name(path.name + part), tmp_path / f"copy.db{part}")
        await outbox.close()

    asyncio.run(killed(tmp_path / "outbox.db"))
    copy = tmp_path / "copy.db"
    copy.write_bytes(bytes(copy.stat().st_size))
    found = list(batches_on(DatabasePages(copy), lambda *_: False))
    assert {(row[1], row[2]) for row in found} == {(s, n) for s in ("events", "telemetry") for n in range(1, 31)}


def test_there_is_room_left_for_what_happens_next(whole, tmp_path):
    async def run(path):
        outbox = await SqliteOutbox.open(path, quota_bytes=200_000, boot=BOOT, node=NODE)
        assert "batches left in it for want of room" in outbox.salvaged
        assert 100_000 < outbox.used_bytes < 170_000
        newest = max(row[2] for row in whole[1] if row[1] == "events")
        assert newest in [batch.seq for batch in await outbox.waiting(Stream.EVENTS, 0, 10_000)]
        await outbox.close()

    asyncio.run(run(damaged(whole, tmp_path, FIRST)))


def told_of(path, *, says: bool = False) -> str | None:
    """What is to be said at a start; `says`: it was, and the power goes right after that."""

    async def run():
        outbox = await SqliteOutbox.open(path, quota_bytes=50_000_000, boot=BOOT, node=NODE)
        said = outbox.salvaged
        if says:
            told = NodeLifecycle(kind="node.store-salvaged", detail=said, t=1_800_000_000.0, mono=50.0)
            await outbox.commit(entries(events=[told]))
        await outbox.close()
        return said

    return asyncio.run(run())


def test_what_became_of_it_is_said_at_every_start_until_an_event_says_so(whole, tmp_path):
    path = damaged(whole, tmp_path, FIRST)
    said = told_of(path)
    assert "was damaged" in said
    assert told_of(path, says=True) == said, "the power went before it was told"
    assert told_of(path) is None
    assert len(list(tmp_path.glob("*.damaged-*"))) == 1


def test_the_power_goes_while_a_new_one_is_made_and_nothing_of_the_damaged_one_is_lost(whole, tmp_path):
    path = damaged(whole, tmp_path, FIRST)
    for suffix in ("", "-wal", "-shm"):
        (tmp_path / f"outbox.db.rebuilt{suffix}").write_bytes(b"\x5a" * 9000)
    found, said, _ = salvaged(path)
    assert shape(whole[1]) <= set(found)
    assert "outbox.db.damaged-1" in said
    assert {one.name for one in tmp_path.iterdir()} <= {"outbox.db", "outbox.db.lock", "outbox.db.damaged-1"}


def test_the_power_goes_between_putting_the_damaged_one_aside_and_taking_the_new_one(whole, tmp_path):
    path = damaged(whole, tmp_path, FIRST)
    said = told_of(path)
    path.rename(tmp_path / "outbox.db.rebuilt")
    log = b"the log of the damaged one"
    (tmp_path / "outbox.db-wal").write_bytes(log)
    found, again, _ = salvaged(path)
    assert shape(whole[1]) <= set(found)
    assert again == said
    assert (tmp_path / "outbox.db.damaged-1-wal").read_bytes() == log


class TestExport:
    def exported(self, path, *more):
        result = CliRunner().invoke(app, ["outbox", "export", "--path", str(path), *more])
        lines = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
        return result, lines

    def test_a_card_without_its_first_page_is_exported_whole_and_says_what_is_wrong(self, whole, tmp_path):
        result, (heading, *lines) = self.exported(damaged(whole, tmp_path, FIRST))
        assert result.exit_code == 0
        assert heading["node"] == NODE
        assert heading["numbered"]["events"] == 120
        sealed = {(line["outbox"], line["stream"], line["seq"], line["sealed"].encode()) for line in lines}
        assert {(row[0], row[1], row[2], row[-1]) for row in whole[1]} <= sealed
        assert "the file is damaged (file is not a database)" in result.stderr
        assert f"{len(lines)} of the batches were found page by page" in result.stderr

    def test_half_of_the_pages(self, whole, tmp_path):
        pages = whole[0].stat().st_size // PAGE
        result, (_, *lines) = self.exported(damaged(whole, tmp_path, range(1, pages, 2)))
        assert result.exit_code == 0
        assert 20 < len(lines) < 240
        assert "the file is damaged" in result.stderr

    def test_noise_is_refused_in_a_sentence(self, tmp_path):
        (tmp_path / "outbox.db").write_bytes(b"\x5a" * 50_000)
        result, lines = self.exported(tmp_path / "outbox.db")
        assert (result.exit_code, lines) == (1, [])
        assert "cannot be read as an outbox" in result.stderr
