from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from cloud.application.asking.views import LineView
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.sight import Concern, Outlook
from cloud.entrypoints.feeds import live, tail
from cloud.entrypoints.feeds.frame import Told
from cloud.entrypoints.feeds.live import LiveResponse, frames
from cloud.entrypoints.feeds.tail import Feeds
from cloud.errors import Unavailable

AT = datetime(2026, 5, 12, 19, 4, 10, tzinfo=UTC)


class Ledger:
    """A ledger that grows when somebody commits to it."""

    def __init__(self, entries: int = 0):
        self.lines = [line(seq) for seq in range(1, entries + 1)]
        self.away = False
        self.reads = 0
        self.refused, self.loop = asyncio.Event(), asyncio.get_running_loop()

    def reached(self, estates):
        return dict.fromkeys(estates, len(self.lines))

    def since(self, estate, seq, limit):  # noqa: ARG002 - as above
        self.reads += 1
        if self.away:
            self.loop.call_soon_threadsafe(self.refused.set)
            raise Unavailable("the disk is full")
        return self.lines[seq : seq + limit]

    def commit(self, feeds: Feeds, entries: int = 1):
        for _ in range(entries):
            self.lines.append(line(len(self.lines) + 1))
        feeds.announce("example", len(self.lines))


def line(seq: int) -> Told:
    words = Names("发生", "happened")
    return LineView(seq, AT, "incident.opened", "system", words, words, False, "incident", None, {}), None


@asynccontextmanager
async def running(ledger: Ledger):
    feeds = Feeds()
    task = asyncio.create_task(feeds.run(ledger))
    await asyncio.sleep(0)
    try:
        yield feeds
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


EYES = Outlook((), frozenset({"lifts"}))


async def welcome() -> Outlook | None:
    return EYES


class Reader:
    """Reads a stream and keeps what it saw."""

    def __init__(self, feeds: Feeds, cursor: int | None, still_welcome=welcome, outlook=EYES):
        self._args = (feeds, cursor, outlook, still_welcome)
        self.seqs: list[int] = []
        self.events: list[str] = []
        self.heard_beats, self.attached = asyncio.Event(), asyncio.Event()

    async def read(self, until: int):
        """Until an event with that id has come."""
        feeds, cursor, outlook, still_welcome = self._args
        stream = frames(await feeds.follow("example"), cursor, outlook, still_welcome)
        async with asyncio.timeout(10):
            async for chunk in stream:
                self.take(chunk.decode())
                self.attached.set()
                if self.seqs and self.seqs[-1] >= until:
                    break
        await stream.aclose()
        return self.seqs

    def take(self, text: str):
        for block in text.split("\n\n"):
            fields = dict(part.split(": ", 1) for part in block.splitlines() if ": " in part)
            if fields.get("event"):
                self.events.append(fields["event"])
                if len(self.events) > 3:
                    self.heard_beats.set()
            elif "data" in fields:
                assert json.loads(fields["data"])["seq"] == int(fields["id"])
                self.seqs.append(int(fields["id"]))


async def test_every_line_comes_once_and_in_order():
    ledger = Ledger(3)
    async with running(ledger) as feeds:
        reader = Reader(feeds, 0)
        reading = asyncio.create_task(reader.read(until=40))
        for _ in range(37):
            await asyncio.sleep(0)
            ledger.commit(feeds)
        assert await reading == list(range(1, 41))


def of(ledger: Ledger, seq: int, *parts: str, hazard: str = "access.forced-open"):
    """That line concerns these parties, in building 5."""
    ledger.lines[seq - 1] = (ledger.lines[seq - 1][0], Concern(hazard, "example/b5", frozenset(parts)))


async def test_a_line_goes_to_those_alone_who_may_see_what_it_is_about():
    ledger = Ledger(6)
    of(ledger, 2, "guards")
    of(ledger, 3, "guards", "lifts")
    of(ledger, 4, "family", hazard="welfare.no-activity")
    async with running(ledger) as feeds:
        assert await Reader(feeds, 0).read(until=6) == [1, 3, 5, 6]
        property_manager = Outlook(("example",), frozenset({"property"}))
        assert await Reader(feeds, 0, outlook=property_manager).read(until=6) == [1, 2, 3, 5, 6]
        assert await Reader(feeds, 3, outlook=property_manager).read(until=6) == [5, 6], "the same when it is resumed"


async def test_what_a_reader_sees_is_asked_again_with_whether_they_are_still_welcome(monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.001)
    monkeypatch.setattr(live, "WELCOME_S", 0.0)
    ledger, asked = Ledger(1), asyncio.Event()

    async def has_a_part_by_now() -> Outlook | None:
        asked.set()
        return Outlook((), frozenset({"guards"}))

    async with running(ledger) as feeds:
        reader = Reader(feeds, 1, has_a_part_by_now)
        reading = asyncio.create_task(reader.read(until=3))
        await asked.wait()
        await reader.heard_beats.wait()
        ledger.lines += [line(2), line(3)]
        of(ledger, 2, "guards")
        feeds.announce("example", 3)
        assert await reading == [2, 3]


async def test_a_line_is_judged_once_for_all_who_see_the_same(monkeypatch):
    judged = []
    sees = Outlook.sees
    monkeypatch.setattr(Outlook, "sees", lambda self, concern: judged.append(self) or sees(self, concern))
    ledger = Ledger(1)
    async with running(ledger) as feeds:
        await feeds.follow("example")
        readers = [Reader(feeds, 1, outlook=Outlook((), frozenset({f"party-{n % 3}"}))) for n in range(60)]
        reading = [asyncio.create_task(reader.read(until=3)) for reader in readers]
        await asyncio.gather(*(reader.attached.wait() for reader in readers))
        ledger.lines += [line(2), line(3)]
        of(ledger, 2, "party-0")
        feeds.announce("example", 3)
        read = await asyncio.gather(*reading)
        assert [len(seqs) for seqs in read] == [2, 1, 1] * 20
    assert len(judged) == 3


async def test_a_reader_without_a_cursor_begins_now():
    ledger = Ledger(500)
    async with running(ledger) as feeds:
        await feeds.follow("example")
        reader = Reader(feeds, None)
        reading = asyncio.create_task(reader.read(until=501))
        await reader.attached.wait()
        ledger.commit(feeds)
        assert await reading == [501]


@pytest.mark.parametrize("cursor", [0, 1, 700, 1999])
async def test_one_who_resumes_far_behind_the_ring_misses_nothing(cursor, monkeypatch):
    monkeypatch.setattr(tail, "RING", 16)
    ledger = Ledger(1)
    async with running(ledger) as feeds:
        await feeds.follow("example")
        ledger.commit(feeds, 1999)
        assert await Reader(feeds, cursor).read(until=2000) == list(range(cursor + 1, 2001))


async def test_a_thousand_readers_cost_one_reading_of_the_ledger():
    ledger = Ledger(1)
    async with running(ledger) as feeds:
        await feeds.follow("example")
        readers = [Reader(feeds, 1) for _ in range(1000)]
        reading = [asyncio.create_task(reader.read(until=2)) for reader in readers]
        await asyncio.gather(*(reader.attached.wait() for reader in readers))
        before = ledger.reads
        ledger.commit(feeds)
        assert all(seqs == [2] for seqs in await asyncio.gather(*reading))
        assert ledger.reads - before <= 3


async def test_a_commit_of_another_process_is_seen_though_nobody_announced_it(monkeypatch):
    monkeypatch.setattr(tail, "LOOK_AGAIN_S", 0.02)
    ledger = Ledger(1)
    async with running(ledger) as feeds:
        reader = Reader(feeds, 1)
        reading = asyncio.create_task(reader.read(until=2))
        await reader.attached.wait()
        ledger.lines.append(line(2))
        assert await reading == [2]


async def test_storage_that_is_away_for_a_while_costs_no_line(monkeypatch, caplog):
    monkeypatch.setattr(tail, "LOOK_AGAIN_S", 0.02)
    ledger = Ledger(1)
    async with running(ledger) as feeds:
        reader = Reader(feeds, 1)
        reading = asyncio.create_task(reader.read(until=3))
        await reader.attached.wait()
        ledger.away = True
        ledger.commit(feeds, 2)
        await asyncio.wait_for(ledger.refused.wait(), 5)
        ledger.away = False
        assert await reading == [2, 3]
    assert "the disk is full" in caplog.text


async def test_a_cursor_of_another_history_is_told_so_and_goes_on_from_here():
    ledger = Ledger(5)
    async with running(ledger) as feeds:
        reader = Reader(feeds, 900)
        reading = asyncio.create_task(reader.read(until=6))
        await reader.attached.wait()
        ledger.commit(feeds)
        assert await reading == [6]
        assert reader.events[0] == "reset"


async def test_silence_is_filled_with_beats(monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.01)
    ledger = Ledger(1)
    async with running(ledger) as feeds:
        reader = Reader(feeds, 1)
        reading = asyncio.create_task(reader.read(until=2))
        await asyncio.wait_for(reader.heard_beats.wait(), 5)
        ledger.commit(feeds)
        await reading
        assert set(reader.events) == {"beat"}


async def test_a_stream_ends_when_its_session_does(monkeypatch):
    monkeypatch.setattr(live, "BEAT_S", 0.01)
    monkeypatch.setattr(live, "WELCOME_S", 0.01)

    async def gone() -> Outlook | None:
        return None

    async with running(Ledger(1)) as feeds:
        assert await Reader(feeds, 1, gone).read(until=2) == []


async def test_closing_ends_every_stream_and_begins_none():
    async with running(Ledger(1)) as feeds:
        reader = Reader(feeds, 1)
        reading = asyncio.create_task(reader.read(until=2))
        await reader.attached.wait()
        feeds.close()
        assert await reading == []
        with pytest.raises(Unavailable, match="Connect again"):
            await feeds.follow("elsewhere")


async def test_a_reader_who_takes_nothing_is_cut(monkeypatch):
    monkeypatch.setattr(live, "PATIENCE_S", 0.02)
    ledger = Ledger(3)
    sent = []

    async def stuck(message):
        sent.append(message)
        if len(sent) > 1:
            await asyncio.Event().wait()

    async def receive():
        await asyncio.Event().wait()

    async with running(ledger) as feeds, asyncio.timeout(5):
        response = LiveResponse(frames(await feeds.follow("example"), 0, EYES, welcome))
        await response({"type": "http", "asgi": {"spec_version": "2.4"}}, receive, stuck)
    assert not any(message.get("more_body") is False for message in sent)


def test_announcing_before_or_after_the_stream_runs_harms_nobody():
    Feeds().announce("example", 1)


async def test_when_the_moving_task_dies_streams_end_and_the_reason_is_told():
    async with running(Ledger(1)) as feeds:
        reader = Reader(feeds, 1)
        reading = asyncio.create_task(reader.read(until=2))
        await reader.attached.wait()
        feeds.failed("out of memory")
        assert await reading == []
        assert feeds.trouble == "out of memory"


async def test_what_was_asked_before_a_change_is_no_answer_for_whoever_asks_after_it():
    """One asks while the estate is loaded anew: what they are told is old, and is not kept for the next."""
    ledger, less = Ledger(), Outlook((), frozenset())
    somebody = Member("lin", "lifts", Names("林", "Lin"), Role.RESPONDER)
    async with running(ledger) as feeds:
        at = await feeds.follow("example")

        def while_it_changes() -> Outlook:
            loaded, concern = line(1)
            ledger.lines.append((replace(loaded, kind=Kind.ESTATE_LOADED), concern))
            asyncio.run_coroutine_threadsafe(at.advance(), ledger.loop).result(10)
            return EYES

        assert await asyncio.to_thread(at.outlook_of, somebody, while_it_changes) == EYES
        assert at.outlook_of(somebody, lambda: less) == less
        assert at.outlook_of(somebody, lambda: EYES) == less, "asked once in a few seconds"


async def test_a_stream_ends_in_order_where_the_storage_cannot_say_who_may_read_on(monkeypatch, caplog):
    monkeypatch.setattr(live, "WELCOME_S", 0.0)

    async def away() -> Outlook | None:
        raise Unavailable("the disk is full")

    async with running(Ledger(2)) as feeds:
        reader = Reader(feeds, 0, still_welcome=away)
        await reader.read(until=2)
    assert "the disk is full" in caplog.text
    assert reader.seqs == []
