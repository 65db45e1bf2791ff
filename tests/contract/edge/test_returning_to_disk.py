"""A node that started on a full disk goes over to its file when there is room: nothing lost, nothing doubled."""

import asyncio
import contextlib
import resource
import sqlite3

import pytest

from edge.adapters.outbox import SqliteOutbox
from edge.adapters.outbox_check import OutboxFile
from edge.adapters.outbox_status import identity_of, numbered_of
from edge.application.ports import RuleMemory
from edge.application.return_to_disk import TRY_EVERY_S, ReturnToDisk
from edge.errors import OutboxError
from schemas.batch import Stream
from schemas.delivery import Ack, StreamAck
from schemas.topics import Channel
from tests.contract.edge.outbox_words import access, entries, pack, smoke
from tests.fakes.edge_clock import BOOT
from tests.fakes.edge_outbox import MemoryOutbox
from tests.unit.edge.test_delivering import Desk

EVENTS, TELEMETRY = Stream.EVENTS, Stream.TELEMETRY
NODE = "home/n1"


@contextlib.contextmanager
def full_disk():
    """No file may grow: every write that needs room fails, as on a disk without any."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def file(tmp_path):
    return OutboxFile(tmp_path / "outbox.db", 10_000_000, NODE)


async def opened(file: OutboxFile) -> SqliteOutbox:
    return await SqliteOutbox.open(file.path, quota_bytes=file.quota_bytes, boot=BOOT, node=file.node)


async def started_on_a_full_disk(file: OutboxFile) -> SqliteOutbox:
    """As the agent does it."""
    with full_disk():
        with pytest.raises(OutboxError):
            await opened(file)
        return await SqliteOutbox.volatile(quota_bytes=8_000_000, boot=BOOT, instead_of=file)


def rows(file: OutboxFile) -> list[tuple]:
    with contextlib.closing(sqlite3.connect(file.path)) as connection:
        return connection.execute("SELECT outbox, stream, seq, payload FROM batch ORDER BY place").fetchall()


async def all_of(outbox) -> list[tuple]:
    found = await outbox.waiting(EVENTS, 0, 1000) + await outbox.waiting(TELEMETRY, 0, 1000)
    return [(batch.outbox, batch.stream, batch.seq, batch.payload) for batch in found]


async def test_all_that_was_held_in_memory_is_in_the_file_and_waits_still(file):
    outbox = await started_on_a_full_disk(file)
    assert outbox.volatile_instead_of == str(file.path)
    await outbox.commit(entries(events=[smoke()], packs=[pack(3)], rules=[RuleMemory("r", BOOT, "{}", "{}")]))
    held, memory = await all_of(outbox), outbox.identity
    with full_disk(), pytest.raises(OutboxError):
        await outbox.recover()
    assert await all_of(outbox) == held, "an attempt that fails changes nothing"
    await outbox.recover()
    assert outbox.volatile_instead_of is None
    assert await all_of(outbox) == held
    assert sorted(rows(file)) == sorted(held)
    assert outbox.identity == identity_of(file.path) != memory
    await outbox.commit(entries(events=[access()]))
    assert numbered_of(file.path) == {"events": 1}, "the file numbers by itself, under its own identity"
    outbox.acknowledge(Ack(outbox=memory, streams=[StreamAck(stream=EVENTS, stored=[(1, 1)])]))
    await outbox.tidy()
    assert [row[:3] for row in rows(file)] == [(memory, "telemetry", 1), (outbox.identity, "events", 1)]
    await outbox.close()
    again = await opened(file)
    assert [rule.rule for rule in await again.rules()] == ["r"]
    assert again.alive_at == (BOOT, 50.0)
    await again.close()


async def test_a_file_that_was_there_goes_on_with_its_backlog_before_what_was_held(file):
    before = await opened(file)
    await before.commit(entries(events=[access()]))
    await before.commit(entries(packs=[pack()]))
    left = await all_of(before)
    await before.close()
    outbox = await started_on_a_full_disk(file)
    await outbox.commit(entries(events=[smoke()]))
    held = await all_of(outbox)
    await outbox.recover()
    assert outbox.identity == before.identity
    assert [row[:3] for row in rows(file)] == [row[:3] for row in [*left, *held]]
    await outbox.commit(entries(events=[access()]))
    assert [batch.seq for batch in await outbox.waiting(EVENTS, 0, 9) if batch.outbox == before.identity] == [1, 2]
    await outbox.close()


async def test_what_a_full_file_remembers_is_known_so_nothing_is_raised_or_obeyed_again(file):
    before = await opened(file)
    await before.commit(entries(rules=[RuleMemory("r", BOOT, "{}", "{}")], memory={"b1/s": {"clean-air": 0.01}}))
    await before.answer("c-1", "done")
    for _ in range(7):
        await before.next_connection()
    await before.close()
    outbox = await started_on_a_full_disk(file)
    assert [rule.active for rule in await outbox.rules()] == ["{}"]
    assert await outbox.memory() == {"b1/s": {"clean-air": 0.01}}
    assert await outbox.answered("c-1") == "done"
    assert await outbox.next_connection() == 8
    assert outbox.alive_at == (BOOT, 50.0)
    gone = RuleMemory("r", BOOT, "{}", None)
    await outbox.commit(entries(rules=[gone]))
    await outbox.answer("c-2", "failed")
    await outbox.recover()
    assert await outbox.rules() == [gone], "what the node knows is newer than what the file remembers"
    assert (await outbox.answered("c-1"), await outbox.answered("c-2")) == ("done", "failed")
    assert await outbox.next_connection() == 9
    await outbox.close()


async def test_a_damaged_file_is_not_put_aside_for_a_new_one_that_finds_no_room(file):
    before = await opened(file)
    await before.commit(entries(events=[access()] * 3, packs=[pack(20) for _ in range(40)]))
    left = await all_of(before)
    await before.close()
    content = bytearray(file.path.read_bytes())
    content[-4096:] = b"\xa5" * 4096
    file.path.write_bytes(content)
    outbox = await started_on_a_full_disk(file)
    assert not file.path.with_name("outbox.db.damaged-1").exists()
    assert file.path.read_bytes() == content
    await outbox.recover()
    assert outbox.salvaged is not None
    assert "outbox.db.damaged-1" in outbox.salvaged
    assert len(set(await all_of(outbox)) & set(left)) >= len(left) - 15
    await outbox.close()


async def test_an_end_in_order_is_a_last_chance(file):
    outbox = await started_on_a_full_disk(file)
    await outbox.commit(entries(events=[smoke()]))
    await outbox.close()
    assert [row[1:3] for row in rows(file)] == [("events", 1)]


async def test_another_agents_file_is_left_alone(file):
    outbox = await started_on_a_full_disk(file)
    other = await opened(file)
    with pytest.raises(OutboxError, match="another agent"):
        await outbox.recover()
    await other.close()
    await outbox.recover()
    await outbox.close()


async def test_what_was_under_way_is_sent_from_its_new_place_and_nothing_is_left_behind():
    outbox = MemoryOutbox(10_000_000, BOOT)
    outbox.volatile_instead_of, outbox.room_for_a_file = "outbox.db", False
    memory = outbox.identity
    returned = []
    desk = Desk(outbox)
    desk.broker.cloud_answers = False

    def came_back() -> None:
        desk.deliver.look_anew()
        returned.append(desk.clock.mono())

    began = desk.clock.mono()
    async with desk:
        back = asyncio.create_task(ReturnToDisk(outbox, desk.clock, came_back).run())
        for _ in range(5):
            desk.happen()
            desk.read()
            await desk.clock.advance(1.0)
        assert set(desk.broker.seqs(Channel.EVENTS)) == {1, 2, 3, 4, 5}
        await desk.clock.advance(2 * TRY_EVERY_S)
        assert not back.done()
        outbox.room_for_a_file = True
        desk.broker.received.clear()
        await desk.clock.advance(TRY_EVERY_S)
        assert back.done()
        assert len(returned) == 1
        assert (returned[0] - began) % TRY_EVERY_S == 0
        assert set(desk.broker.seqs(Channel.EVENTS)) == {1, 2, 3, 4, 5}, "sent anew from the places they have now"
        desk.happen()
        await desk.clock.advance(1.0)
        new = [(batch["outbox"], batch["seq"]) for batch in desk.broker.heard(Channel.EVENTS)][-1]
        assert new == (outbox.identity, 1)
        assert outbox.identity != memory
        for channel in (Channel.EVENTS, Channel.TELEMETRY):
            for batch in desk.broker.heard(channel):
                desk.broker.acknowledge(batch, channel)
        await desk.clock.advance(1.0)
        assert outbox.used_bytes == 0, "everything was sent and acknowledged, wherever it lay"


async def test_a_look_that_was_under_way_while_everything_moved_leaves_nothing_out():
    """The answer to a question about the old places comes after the move: it must not carry the lane past the new ones."""
    outbox = MemoryOutbox(10_000_000, BOOT)
    outbox.volatile_instead_of = "outbox.db"
    desk = Desk(outbox)
    desk.broker.cloud_answers = False
    ask = outbox.waiting
    moved = False

    async def slow(stream, after, limit):
        nonlocal moved
        if stream is EVENTS and after == 3 and not moved:
            moved = True
            await outbox.recover()
            await outbox.commit(entries(events=[access()]))
            answer = await ask(stream, after, limit)
            desk.deliver.look_anew()
            return answer
        return await ask(stream, after, limit)

    outbox.waiting = slow
    for number in range(3):
        await outbox.commit(entries(events=[access(float(number))]))
    async with desk:
        await desk.clock.advance(1.0)
        desk.happen()
        await desk.clock.advance(1.0)
        assert moved
        sent = {(batch["outbox"], batch["seq"]) for batch in desk.broker.heard(Channel.EVENTS)}
        waits = {(batch.outbox, batch.seq) for batch in await ask(EVENTS, 0, 100)}
        assert waits <= sent
