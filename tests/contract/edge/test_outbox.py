"""What every outbox promises: order, numbers, acknowledgement, room, and that a commit is all or nothing."""

import asyncio
import contextlib
import json
import sqlite3

import pytest

from edge.adapters.outbox import SETTLED_AT_ONCE, SqliteOutbox
from edge.adapters.outbox_check import FileLock
from edge.application.ports import Entries, RuleMemory
from edge.errors import OutboxError, OutboxHeldError
from schemas.batch import ClockState, Stream
from schemas.delivery import Ack, StreamAck
from schemas.events import AccessDecided, AlarmRaised
from tests.fakes.edge_clock import BOOT, EPOCH, NEXT_BOOT
from tests.fakes.edge_outbox import MemoryOutbox

EVENTS, TELEMETRY = Stream.EVENTS, Stream.TELEMETRY
ALARM = "0197a600-0000-4000-8000-00000000000a"


def access(mono: float = 1.0) -> AccessDecided:
    return AccessDecided(kind="access.denied", equipment="b1/gate-1", reason="unknown-card", mono=mono)


def smoke(mono: float = 1.0) -> AlarmRaised:
    return AlarmRaised(
        occurrence=ALARM, rule="b1/s/smoke", hazard="fire.smoke", severity="critical", equipment="b1/s", mono=mono
    )


def pack(size: int = 1, note: str = "") -> list[dict]:
    return [
        {"bn": "b1/s/", "bt": 1_800_000_000, "n": "co", "v": 1.5, "mono_": 1.0} | ({"vs": note} if note else {})
    ] + [{"n": "co", "t": index, "v": index, "mono_": 1.0 + index} for index in range(1, size)]


def entries(**what) -> Entries:
    return Entries(boot=BOOT, mono=what.pop("mono", 50.0), wall=EPOCH, clock=ClockState.SYNCHRONISED, **what)


def acknowledgement(outbox, stream: Stream, *ranges: tuple[int, int]) -> Ack:
    return Ack(outbox=outbox.identity, streams=[StreamAck(stream=stream, stored=list(ranges))])


def stored_in(file) -> int:
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT COUNT(*) FROM batch WHERE stream = 'telemetry'").fetchone()[0]


async def seqs(outbox, stream: Stream) -> list[int]:
    return [batch.seq for batch in await outbox.waiting(stream, 0, 1000)]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "outbox.db"


@pytest.fixture(params=["sqlite", "memory"])
async def outbox(request, file):
    store = (
        await SqliteOutbox.open(file, quota_bytes=100_000, boot=BOOT)
        if request.param == "sqlite"
        else MemoryOutbox(100_000, BOOT)
    )
    yield store
    await store.close()


class TestEveryOutbox:
    async def test_numbers_grow_by_one_in_each_stream(self, outbox):
        for _ in range(3):
            await outbox.commit(entries(events=[access()], packs=[pack(), pack()]))
        assert await seqs(outbox, EVENTS) == [1, 2, 3]
        assert await seqs(outbox, TELEMETRY) == [1, 2, 3, 4, 5, 6]

    async def test_a_batch_is_sealed_with_its_identity(self, outbox):
        (sealed,) = await outbox.commit(entries(events=[access(), smoke()]))
        batch = json.loads(sealed.payload)
        assert (batch["outbox"], batch["boot"], batch["seq"]) == (outbox.identity, BOOT, 1)
        assert batch["sealed_mono"] == 50.0
        assert [event["kind"] for event in batch["events"]] == ["access.denied", "alarm.raised"]
        assert "sent_mono" not in batch

    async def test_a_batch_is_handed_out_byte_for_byte_until_acknowledged(self, outbox):
        (sealed,) = await outbox.commit(entries(packs=[pack(3)]))
        for _ in range(3):
            assert await outbox.waiting(TELEMETRY, 0, 10) == [sealed]
            outbox.sent(sealed)
            await outbox.tidy()
        outbox.acknowledge(acknowledgement(outbox, TELEMETRY, (1, 1)))
        assert await outbox.waiting(TELEMETRY, 0, 10) == []
        await outbox.tidy()
        assert await outbox.waiting(TELEMETRY, 0, 10) == []

    async def test_ranges_are_acknowledged_and_nothing_beside_them(self, outbox):
        for _ in range(10):
            await outbox.commit(entries(events=[access()], packs=[pack()]))
        outbox.acknowledge(acknowledgement(outbox, TELEMETRY, (2, 4), (7, 7)))
        outbox.acknowledge(Ack(outbox=ALARM, streams=[StreamAck(stream=TELEMETRY, stored=[(1, 10)])]))
        assert await seqs(outbox, TELEMETRY) == [1, 5, 6, 8, 9, 10]
        assert await seqs(outbox, EVENTS) == list(range(1, 11))
        await outbox.commit(entries())
        assert await seqs(outbox, TELEMETRY) == [1, 5, 6, 8, 9, 10]

    async def test_what_another_card_sealed_under_the_same_number_is_not_acknowledged_with_it(self, outbox):
        batches = [batch for _ in range(4) for batch in await outbox.commit(entries(packs=[pack()]))]
        marks = [batch.mark() for batch in batches]
        marks[2] ^= 1
        stored = StreamAck(stream=TELEMETRY, stored=[(1, 1), (3, 4)], marks=[marks[0], *marks[2:]])
        outbox.acknowledge(Ack(outbox=outbox.identity, streams=[stored]))
        assert await seqs(outbox, TELEMETRY) == [2, 3]
        await outbox.tidy()
        assert await seqs(outbox, TELEMETRY) == [2, 3]

    async def test_pages_follow_one_another(self, outbox):
        await outbox.commit(entries(packs=[pack() for _ in range(7)]))
        outbox.acknowledge(acknowledgement(outbox, TELEMETRY, (1, 3)))
        page = await outbox.waiting(TELEMETRY, 0, 2)
        assert [batch.seq for batch in page] == [4, 5]
        assert [batch.seq for batch in await outbox.waiting(TELEMETRY, page[-1].place, 10)] == [6, 7]

    async def test_numbers_are_never_given_twice_though_all_is_acknowledged(self, outbox):
        await outbox.commit(entries(events=[access()]))
        outbox.acknowledge(acknowledgement(outbox, EVENTS, (1, 1)))
        await outbox.tidy()
        await outbox.commit(entries(events=[access()]))
        assert await seqs(outbox, EVENTS) == [2]

    async def test_depth_counts_batches_and_records(self, outbox):
        await outbox.commit(entries(packs=[pack(5), pack(2)]))
        depth = await outbox.depth(TELEMETRY)
        assert (depth.batches, depth.records, depth.oldest_mono) == (2, 7, 50.0)
        assert (await outbox.depth(EVENTS)).batches == 0

    async def test_it_says_how_far_it_has_numbered_and_what_of_that_still_waits(self, outbox):
        await outbox.commit(entries(packs=[pack(), pack(), pack()], events=[access()]))
        outbox.acknowledge(acknowledgement(outbox, TELEMETRY, (1, 2)))
        outbox.acknowledge(acknowledgement(outbox, EVENTS, (1, 1)))
        await outbox.tidy()
        said = {(one.outbox, one.stream): (one.given, one.oldest) for one in await outbox.numbering()}
        assert said == {(outbox.identity, TELEMETRY): (3, 3), (outbox.identity, EVENTS): (1, None)}

    async def test_rules_and_memory_are_kept_with_the_events_they_gave_rise_to(self, outbox):
        kept = RuleMemory("b1/s/smoke", BOOT, "{}", None)
        gone = RuleMemory("b1/s/old", BOOT, "{}", "{}")
        await outbox.commit(entries(events=[smoke()], rules=[kept, gone], memory={"b1/s": {"co-dose": 0.5}}))
        await outbox.commit(entries(forgotten_rules=["b1/s/old"], memory={"b1/s": {"clean-air": 0.01}}))
        assert await outbox.rules() == [kept]
        assert await outbox.memory() == {"b1/s": {"co-dose": 0.5, "clean-air": 0.01}}

    async def test_connections_are_counted(self, outbox):
        assert [await outbox.next_connection() for _ in range(3)] == [1, 2, 3]

    async def test_a_pack_too_large_for_a_message_becomes_several(self, outbox):
        large = [{"n": f"{'long-name-' * 9}{index}", "v": index, "mono_": 1.0} for index in range(600)]
        large[0] |= {"bn": "b1/s/", "bt": 1_800_000_000}
        placed = await outbox.commit(entries(packs=[large]))
        assert len(placed) > 1
        assert all(len(batch.payload) < 64 * 1024 for batch in placed)
        packs = [json.loads(batch.payload)["pack"] for batch in placed]
        assert all("bn" in one[0] and "bt" in one[0] for one in packs)
        assert sum(len(one) for one in packs) == 600

    async def test_a_pack_without_times_does_not_claim_to_know_them(self, outbox):
        untimed = [{"bn": "b1/s/", "n": "co", "v": 1.5, "mono_": 1.0}]
        timed, unknown = await outbox.commit(entries(packs=[pack(), untimed]))
        assert json.loads(timed.payload)["clock"] == "synchronised"
        assert json.loads(unknown.payload)["clock"] == "unsynchronised"

    async def test_a_full_outbox_drops_the_oldest_telemetry_never_sent_and_says_so(self, outbox):
        first = await outbox.commit(entries(packs=[pack(10)]))
        outbox.sent(first[0])
        for _ in range(400):
            await outbox.commit(entries(packs=[pack(10)]))
        kept = await seqs(outbox, TELEMETRY)
        voided = await self.voids(outbox)
        assert outbox.used_bytes <= outbox.quota_bytes
        assert kept[0] == 1, "what went out may be stored in the cloud: others go first"
        assert sorted(kept + voided) == list(range(1, 402)), "every number is kept or explained"
        assert kept[-1] == 401

    async def test_an_alarm_finds_room_in_an_outbox_full_of_telemetry(self, outbox):
        for _ in range(300):
            await outbox.commit(entries(packs=[pack(10)]))
        before = await seqs(outbox, TELEMETRY)
        await outbox.commit(entries(events=[smoke()]))
        assert await seqs(outbox, TELEMETRY) == before, "the reserve is for this"

    async def test_life_safety_is_never_dropped_for_anything(self, outbox):
        await outbox.commit(entries(events=[smoke()]))
        for _ in range(500):
            await outbox.commit(entries(events=[access()], packs=[pack(10)]))
        kept = [json.loads(batch.payload) for batch in await outbox.waiting(EVENTS, 0, 5000)]
        assert kept[0]["seq"] == 1
        assert kept[0]["events"][0]["hazard"] == "fire.smoke"
        assert outbox.used_bytes <= outbox.quota_bytes

    @staticmethod
    async def voids(outbox) -> list[int]:
        events = [
            event
            for batch in await outbox.waiting(EVENTS, 0, 5000)
            for event in json.loads(batch.payload)["events"]
            if event["kind"] == "void"
        ]
        return [seq for event in events for seq in range(event["first"], event["last"] + 1)]


class TestOnDisk:
    async def open(self, file, boot: str = BOOT) -> SqliteOutbox:
        return await SqliteOutbox.open(file, quota_bytes=100_000, boot=boot)

    async def kill(self, outbox: SqliteOutbox) -> None:
        """End without closing in order: nothing more is written, the lock falls, as when the process dies."""
        outbox._worker.shutdown()
        outbox._store._connection.close()
        outbox._lock.release()

    async def test_everything_committed_is_there_after_a_kill(self, file):
        outbox = await self.open(file)
        identity = outbox.identity
        await outbox.commit(entries(events=[smoke()], packs=[pack(3)], rules=[RuleMemory("r", BOOT, "{}", "{}")]))
        await outbox.next_connection()
        await self.kill(outbox)
        again = await self.open(file, NEXT_BOOT)
        assert again.identity == identity
        assert await seqs(again, EVENTS) == [1]
        assert await seqs(again, TELEMETRY) == [1]
        assert [rule.rule for rule in await again.rules()] == ["r"]
        assert await again.next_connection() == 2
        assert again.alive_at == (BOOT, 50.0)
        assert (await again.depth(TELEMETRY)).oldest_mono is None, "sealed in a boot that is over"
        await again.commit(entries(events=[access()]))
        assert await seqs(again, EVENTS) == [1, 2]
        await again.close()

    async def test_a_crash_between_any_two_statements_keeps_all_or_nothing(self, file):
        """The connection is made to fail at its n-th statement, for every n, and the file opened anew."""
        outbox = await self.open(file)
        await outbox.commit(entries(events=[access()], packs=[pack()]))
        await self.kill(outbox)
        for at in range(1, 100):
            victim = await self.open(file)
            before = (await seqs(victim, EVENTS), await seqs(victim, TELEMETRY), await victim.rules())
            victim.acknowledge(acknowledgement(victim, TELEMETRY, (before[1][0], before[1][0])))
            count = 0

            def trip(_statement: str, at: int = at, victim: SqliteOutbox = victim) -> None:
                nonlocal count
                count += 1
                if count == at:
                    victim._store._connection.interrupt()

            victim._store._connection.set_trace_callback(trip)
            rule = RuleMemory(f"rule-{at}", BOOT, "{}", None)
            try:
                await victim.commit(entries(events=[smoke()], packs=[pack(), pack()], rules=[rule], mono=50.0 + at))
                done = True
            except OutboxError:
                done = False
            victim._store._connection.set_trace_callback(None)
            await self.kill(victim)
            again = await self.open(file)
            after = (await seqs(again, EVENTS), await seqs(again, TELEMETRY), await again.rules())
            if done:
                assert after[0] == [*before[0], before[0][-1] + 1]
                assert after[1][-2:] == [before[1][-1] + 1, before[1][-1] + 2]
                assert rule in after[2]
            else:
                assert after == before, f"statement {at}"
            await again.close()
            if count < at:
                break
        else:
            pytest.fail("the commit has more statements than this test counts")
        assert at > 10

    async def test_an_alarm_does_not_wait_for_all_that_a_drained_backlog_leaves_to_forget(self, file):
        outbox = await SqliteOutbox.open(file, quota_bytes=10_000_000, boot=BOOT)
        await outbox.commit(entries(packs=[pack() for _ in range(4 * SETTLED_AT_ONCE)]))
        for batch in await outbox.waiting(TELEMETRY, 0, 1000):
            outbox.sent(batch)
        half = [(first, first + 7) for first in range(1, 2 * SETTLED_AT_ONCE, 8)]
        outbox.acknowledge(acknowledgement(outbox, TELEMETRY, *half))
        await outbox.commit(entries(events=[smoke()]))
        assert stored_in(file) == 3 * SETTLED_AT_ONCE
        assert await seqs(outbox, TELEMETRY) == list(range(2 * SETTLED_AT_ONCE + 1, 4 * SETTLED_AT_ONCE + 1))
        await outbox.tidy()
        assert stored_in(file) == 2 * SETTLED_AT_ONCE
        outbox.acknowledge(acknowledgement(outbox, TELEMETRY, (1, 4 * SETTLED_AT_ONCE)))
        await outbox.close()
        assert stored_in(file) == 0

    async def test_acknowledgements_of_a_commit_that_failed_are_not_forgotten(self, file):
        outbox = await self.open(file)
        await outbox.commit(entries(packs=[pack(), pack()]))
        outbox.acknowledge(acknowledgement(outbox, TELEMETRY, (1, 1)))
        pages = outbox._store._connection.execute("PRAGMA page_count").fetchone()[0]
        outbox._store._connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(OutboxError, match="full"):
            await outbox.commit(entries(packs=[pack(390) for _ in range(3)]))
        assert await seqs(outbox, TELEMETRY) == [2]
        outbox._store._connection.execute("PRAGMA max_page_count = 1000000")
        await outbox.commit(entries(packs=[pack()]))
        assert await seqs(outbox, TELEMETRY) == [2, 3], "the numbers of what was never kept are given again"
        await outbox.close()

    async def test_two_agents_may_not_share_a_store(self, file):
        outbox = await self.open(file)
        with pytest.raises(OutboxHeldError, match="held by another agent"):
            await self.open(file)
        await outbox.close()
        again = await self.open(file)
        await again.close()

    async def test_what_a_dropped_event_had_said_of_earlier_drops_is_said_again(self, file):
        outbox = await SqliteOutbox.open(file, quota_bytes=100_000, boot=BOOT)
        for _ in range(60):
            await outbox.commit(entries(packs=[pack(40)]))
        for _ in range(60):
            await outbox.commit(entries(events=[access()] * 25))
        kept = {(TELEMETRY, batch.seq) for batch in await outbox.waiting(TELEMETRY, 0, 1000)}
        for batch in await outbox.waiting(EVENTS, 0, 1000):
            kept.add((EVENTS, batch.seq))
            for event in json.loads(batch.payload)["events"]:
                if event["kind"] == "void":
                    kept |= {(Stream(event["stream"]), seq) for seq in range(event["first"], event["last"] + 1)}
        numbers = {stream: max(seq for of, seq in kept if of is stream) for stream in Stream}
        assert kept == {(stream, seq) for stream, last in numbers.items() for seq in range(1, last + 1)}
        assert numbers[TELEMETRY] == 60
        await outbox.close()

    async def test_asking_who_holds_a_store_leaves_nothing_behind(self, file):
        assert not FileLock(file).is_held()
        assert list(file.parent.iterdir()) == []
        outbox = await self.open(file)
        assert FileLock(file).is_held()
        await outbox.close()
        assert not FileLock(file).is_held()

    async def test_a_folder_that_cannot_be_written_says_what_to_do(self, tmp_path):
        blocked = tmp_path / "a-file"
        blocked.write_text("")
        with pytest.raises(OutboxError, match="cannot be written"):
            await SqliteOutbox.open(blocked / "outbox.db", quota_bytes=1000, boot=BOOT)

    @pytest.mark.parametrize("damage", ["header", "middle", "noise"])
    async def test_a_damaged_file_is_put_aside_and_what_can_be_read_is_saved(self, file, damage):
        outbox = await self.open(file)
        identity = outbox.identity
        for number in range(40):
            await outbox.commit(entries(events=[access(float(number))], packs=[pack(20)]))
        await outbox.close()
        content = bytearray(file.read_bytes())
        match damage:
            case "header":
                content[:16] = b"no database here"
            case "middle":
                middle = len(content) // 2
                content[middle : middle + 8192] = b"\xff" * 8192
            case "noise":
                content[:] = b"\x5a" * len(content)
        file.write_bytes(content)
        again = await self.open(file)
        assert again.identity != identity
        assert again.salvaged is not None
        assert f"{file.name}.damaged-1" in again.salvaged
        assert file.with_name(file.name + ".damaged-1").exists()
        saved = await again.waiting(EVENTS, 0, 100)
        assert all(batch.outbox == identity for batch in saved), "what was sealed keeps the identity it was sealed with"
        if damage == "middle":
            assert saved
            again.acknowledge(Ack(outbox=identity, streams=[StreamAck(stream=EVENTS, stored=[(1, 40)])]))
            assert await again.waiting(EVENTS, 0, 100) == []
        await again.commit(entries(events=[access()]))
        assert [batch.seq for batch in await again.waiting(EVENTS, 0, 100) if batch.outbox == again.identity] == [1]
        await again.close()

    async def test_a_torn_write_ahead_log_costs_at_most_what_was_not_committed(self, file):
        outbox = await self.open(file)
        for number in range(5):
            await outbox.commit(entries(events=[access(float(number))]))
        log = file.with_name(file.name + "-wal")
        whole = log.read_bytes()
        copy = file.with_name("torn.db")
        copy.write_bytes(file.read_bytes())
        copy.with_name("torn.db-wal").write_bytes(whole + b"\x00garbage" * 100)
        torn = await self.open(copy)
        assert torn.salvaged is None
        assert await seqs(torn, EVENTS) == [1, 2, 3, 4, 5]
        await torn.close()
        await outbox.close()

    async def test_a_store_in_memory_works_the_same_and_leaves_nothing(self, tmp_path):
        volatile = await SqliteOutbox.volatile(quota_bytes=100_000, boot=BOOT)
        await volatile.commit(entries(events=[smoke()]))
        assert await seqs(volatile, EVENTS) == [1]
        await volatile.close()
        assert list(tmp_path.iterdir()) == []

    async def test_the_file_is_the_agents_alone(self, file):
        outbox = await self.open(file)
        assert file.stat().st_mode & 0o077 == 0
        await outbox.close()

    async def test_commits_from_many_tasks_are_one_sequence(self, file):
        outbox = await self.open(file)
        await asyncio.gather(*(outbox.commit(entries(events=[access()])) for _ in range(20)))
        assert await seqs(outbox, EVENTS) == list(range(1, 21))
        await outbox.close()
        with sqlite3.connect(file) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


class TestADiskThatRefuses:
    """The page limit stands for a full disk: SQLite answers both with the same error."""

    @pytest.fixture
    async def outbox(self, file):
        store = await SqliteOutbox.open(file, quota_bytes=10_000_000, boot=BOOT)
        yield store
        await store.close()

    @staticmethod
    def fill(outbox) -> None:
        (pages,) = outbox._store._connection.execute("PRAGMA page_count").fetchone()
        outbox._store._connection.execute(f"PRAGMA max_page_count = {pages}")

    @staticmethod
    def free(outbox) -> None:
        outbox._store._connection.execute("PRAGMA max_page_count = 100000")

    async def trouble(self, outbox):
        self.fill(outbox)
        with pytest.raises(OutboxError, match="full"):
            await outbox.commit(entries(packs=[pack(900, "x" * 20_000)]))

    async def test_events_are_held_under_another_identity_and_handed_out_after_what_lies_there(self, outbox):
        (kept,) = await outbox.commit(entries(events=[access()]))
        await self.trouble(outbox)
        held = await outbox.hold(entries(events=[smoke()])) + await outbox.hold(entries(events=[access()]))
        assert [batch.seq for batch in held] == [1, 2]
        assert {batch.outbox for batch in held} != {outbox.identity}
        assert await outbox.waiting(EVENTS, 0, 10) == [kept, *held]
        assert await outbox.waiting(EVENTS, kept.place, 1) == held[:1]
        assert (await outbox.depth(EVENTS)).batches == 3
        said = {one.outbox: (one.given, one.oldest) for one in await outbox.numbering() if one.stream is EVENTS}
        assert said == {outbox.identity: (1, 1), held[0].outbox: (2, 1)}

    async def test_what_was_held_is_on_the_disk_with_the_next_commit(self, outbox, file):
        await self.trouble(outbox)
        held = await outbox.hold(entries(events=[smoke()]))
        self.free(outbox)
        new = await outbox.commit(entries(events=[access()]))
        assert await outbox.waiting(EVENTS, 0, 10) == held + new
        assert (await outbox.depth(EVENTS)).batches == 2
        said = {one.outbox: (one.given, one.oldest) for one in await outbox.numbering() if one.stream is EVENTS}
        assert said == {outbox.identity: (1, 1), held[0].outbox: (1, 1)}
        with contextlib.closing(sqlite3.connect(file)) as connection:
            rows = connection.execute("SELECT place, outbox, seq FROM batch ORDER BY place").fetchall()
        assert rows == [(batch.place, batch.outbox, batch.seq) for batch in held + new]

    async def test_what_was_held_and_acknowledged_is_not_kept_and_its_place_not_given_again(self, outbox):
        await outbox.commit(entries(events=[access()]))
        await self.trouble(outbox)
        (held,) = await outbox.hold(entries(events=[smoke()]))
        outbox.acknowledge(Ack(outbox=held.outbox, streams=[StreamAck(stream=EVENTS, stored=[(1, 1)])]))
        self.free(outbox)
        (new,) = await outbox.commit(entries(events=[access()]))
        assert await outbox.waiting(EVENTS, held.place, 10) == [new], "who read on beyond the held one still finds it"
        assert new.seq == 2
        (again,) = await self.held_again(outbox)
        assert (again.outbox, again.seq) == (held.outbox, 2), "no number of the spare is given twice"
        assert again.place > new.place

    async def held_again(self, outbox):
        await self.trouble(outbox)
        try:
            return await outbox.hold(entries(events=[smoke()]))
        finally:
            self.free(outbox)


async def test_how_a_command_was_answered_is_kept_and_replaced(outbox):
    assert await outbox.answered("a") is None
    await outbox.answer("a", "begun")
    await outbox.answer("a", "done")
    await outbox.answer("b", "refused")
    assert [await outbox.answered(name) for name in ("a", "b", "c")] == ["done", "refused", None]
