"""What an outbox in a file promises besides: what was committed outlives a kill, a second agent, damage and another version."""

import asyncio
import json
import sqlite3

import pytest

from edge.adapters.outbox import SETTLED_AT_ONCE, SqliteOutbox
from edge.adapters.outbox_check import FileLock
from edge.application.ports import RuleMemory
from edge.errors import OutboxError, OutboxHeldError
from schemas.batch import Stream
from schemas.delivery import Ack, StreamAck
from tests.contract.edge.outbox_words import (
    EVENTS,
    TELEMETRY,
    access,
    acknowledgement,
    entries,
    pack,
    seqs,
    smoke,
    stored_in,
)
from tests.fakes.edge_clock import BOOT, NEXT_BOOT


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
