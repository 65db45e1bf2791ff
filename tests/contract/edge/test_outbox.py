"""What every outbox promises: order, numbers, acknowledgement, room, and that a commit is all or nothing."""

import json

import pytest

from edge.adapters.outbox import SqliteOutbox
from edge.application.ports import RuleMemory
from schemas.delivery import Ack, StreamAck
from tests.contract.edge.outbox_words import (
    ALARM,
    EVENTS,
    TELEMETRY,
    access,
    acknowledgement,
    entries,
    pack,
    seqs,
    smoke,
)
from tests.fakes.edge_clock import BOOT
from tests.fakes.edge_outbox import MemoryOutbox


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


async def test_how_a_command_was_answered_is_kept_and_replaced(outbox):
    assert await outbox.answered("a") is None
    await outbox.answer("a", "begun")
    await outbox.answer("a", "done")
    await outbox.answer("b", "refused")
    assert [await outbox.answered(name) for name in ("a", "b", "c")] == ["done", "refused", None]
