"""What an outbox does while its disk is full: events are held in memory, in order, and written with the next commit."""

import contextlib
import sqlite3

import pytest

from edge.adapters.outbox import SqliteOutbox
from edge.errors import OutboxError
from schemas.delivery import Ack, StreamAck
from tests.contract.edge.outbox_words import EVENTS, access, entries, pack, smoke
from tests.fakes.edge_clock import BOOT


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
