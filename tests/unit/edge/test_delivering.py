"""Batches go out in their order of importance, are sent again until acknowledged, and never twice for nothing."""

import asyncio
import contextlib
import itertools

import pytest

from edge.adapters.no_credential_store import NoCredentialStore
from edge.application.alarms import Alarms
from edge.application.answers import Answers
from edge.application.configure import Configure
from edge.application.deliver import Deliver
from edge.application.keep import Keeper
from edge.application.link import Link
from edge.application.mute_sounders import MuteSounders
from edge.application.obey import Obey
from edge.application.packing import ReadingTaken
from edge.application.ports import Entries, Vitals
from edge.application.report_health import ReportHealth
from edge.application.timestamps import Timestamps
from edge.application.watch_cloud import WatchCloud
from edge.errors import OutboxError
from schemas.batch import ClockState, Stream
from schemas.commands import Command
from schemas.delivery import Ack, StreamAck
from schemas.events import AccessDecided
from schemas.node_config import NodeConfig
from schemas.topics import Channel
from tests.fakes.edge_board import FakeStore
from tests.fakes.edge_broker import FakeBroker
from tests.fakes.edge_clock import BOOT, EPOCH, SteppedClock
from tests.fakes.edge_outbox import MemoryOutbox
from tests.unit.edge.equipment import detector

EVENTS, TELEMETRY, HEALTH, PRESENCE = Channel.EVENTS, Channel.TELEMETRY, Channel.HEALTH, Channel.PRESENCE


class Machine:
    @staticmethod
    def vitals() -> Vitals:
        return Vitals(disk_free_bytes=123, temperature_c=41.5, under_voltage=False, bytes_written=1_000_000)


class Desk:
    """A node's way out, without its pins."""

    def __init__(self, outbox: MemoryOutbox | None = None) -> None:
        self.clock = SteppedClock()
        self.outbox = outbox or MemoryOutbox(10_000_000, BOOT)
        self.broker = FakeBroker()
        self.timestamps = Timestamps(self.clock)
        self.config = NodeConfig.model_validate({"equipment": [detector()]})
        self.alarms = Alarms(self.config.effective_rules(), self.timestamps, BOOT)
        self.deliver = Deliver(self.outbox, self.clock, backlog_batches_per_s=100)
        self.keeper = Keeper(self.outbox, self.clock, self.timestamps, self.alarms, self.deliver.sealed)
        self.health = ReportHealth(
            self.outbox,
            self.clock,
            self.timestamps,
            machine=Machine(),
            alarms=self.alarms,
            stale=lambda _: {"a/b": 99.0},
        )
        answers = Answers(self.clock)
        self.configure = Configure(
            self.config, store=FakeStore(), apply=lambda _: None, keeper=self.keeper, answers=answers, clock=self.clock,
            timestamps=self.timestamps, reads_cards=True,
        )  # fmt: skip
        self.obey = Obey(
            self.outbox, self.clock, self.timestamps, configure=self.configure, alarms=self.alarms, keeper=self.keeper,
            answers=answers, blink=lambda _: None, reread=lambda: self.config, rotation=NoCredentialStore(),
            on_exercise=lambda: None, sounders=MuteSounders(lambda _: None, lambda: None),
        )  # fmt: skip
        self.watch = WatchCloud(self.clock, lambda silent, _: self.told.append(silent))
        self.told = []
        self.link = Link(
            self.broker,
            self.outbox,
            self.clock,
            self.timestamps,
            configure=self.configure,
            obey=self.obey,
            answers=answers,
            agent_version="1.2.3",
            alarms=self.alarms,
            deliver=self.deliver,
            watch=self.watch,
            health=self.health,
            max_backoff_s=8.0,
        )

    async def __aenter__(self):
        self.alarms.restore([], self.clock.mono(), None)
        self.tasks = [
            asyncio.create_task(self.link.run()),
            asyncio.create_task(self.keeper.run()),
            asyncio.create_task(self.obey.run()),
        ]
        await self.clock.settle()
        return self

    async def __aexit__(self, *_):
        for task in self.tasks:
            task.cancel()
        for task in self.tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def happen(self) -> None:
        self.keeper.events(
            [AccessDecided(kind="access.denied", equipment="b1/g", reason="unknown-card", mono=self.clock.mono())]
        )

    def read(self, value: float = 1.0) -> None:
        mono = self.clock.mono()
        self.keeper.reading(ReadingTaken("b1/s", "co", value, "ppm", EPOCH + mono, mono))


async def stock(outbox: MemoryOutbox, telemetry: int, events: int = 0) -> None:
    """What a former outage left."""
    pack = [{"bn": "b1/s/", "bt": 1_800_000_000, "n": "co", "v": 1.5, "mono_": 1.0}]
    event = AccessDecided(kind="access.denied", equipment="b1/g", reason="unknown-card", mono=1.0)
    for number in range(max(telemetry, events)):
        await outbox.commit(
            Entries(
                boot=BOOT, mono=10.0, wall=EPOCH, clock=ClockState.SYNCHRONISED,
                packs=[pack] if number < telemetry else [], events=[event] if number < events else [],
            )
        )  # fmt: skip


async def test_an_event_goes_at_once_and_readings_within_a_second():
    async with Desk() as desk:
        desk.read()
        desk.happen()
        await desk.clock.settle()
        assert desk.broker.seqs(EVENTS) == [1]
        assert desk.broker.seqs(TELEMETRY) == []
        await desk.clock.advance(1.0)
        assert desk.broker.seqs(TELEMETRY) == [1]


async def test_readings_of_one_second_are_one_batch():
    async with Desk() as desk:
        for _ in range(10):
            desk.read()
            await desk.clock.advance(0.09)
        await desk.clock.advance(1.0)
        (batch,) = desk.broker.heard(TELEMETRY)
        assert len(batch["pack"]) == 10
        assert (batch["backlog"], batch["sent_boot"]) == (False, BOOT)
        assert batch["sent_mono"] == pytest.approx(1001.0)


async def test_what_is_acknowledged_is_gone():
    async with Desk() as desk:
        desk.happen()
        desk.read()
        await desk.clock.advance(2.0)
        assert desk.outbox.used_bytes == 0


async def test_what_is_not_acknowledged_is_sent_again_with_growing_pauses_and_never_deleted():
    async with Desk() as desk:
        desk.broker.cloud_answers = False
        desk.happen()
        at = []
        for second in range(200):
            before = len(desk.broker.seqs(EVENTS))
            await desk.clock.advance(1.0)
            if len(desk.broker.seqs(EVENTS)) > before:
                at.append(second)
        pauses = [later - earlier for earlier, later in itertools.pairwise(at)]
        assert desk.broker.seqs(EVENTS) == [1] * len(at)
        assert len(pauses) >= 4
        expected = zip(pauses, (5, 10, 20, 40, 60, 60), strict=False)
        assert all(0.75 * wait - 1 <= pause <= 1.25 * wait + 1 for pause, wait in expected)
        assert desk.outbox.used_bytes > 0
        payloads = desk.broker.heard(EVENTS)
        assert len({str({**payload, "sent_mono": 0}) for payload in payloads}) == 1, "byte for byte, but for its stamp"


async def test_a_hint_that_the_cloud_is_there_ends_the_waiting():
    async with Desk() as desk:
        desk.broker.cloud_answers = False
        desk.happen()
        await desk.clock.advance(60.0)
        sent = len(desk.broker.seqs(EVENTS))
        desk.broker.cloud_answers = True
        desk.broker.tell(None, b"{}")
        await desk.clock.settle()
        assert len(desk.broker.seqs(EVENTS)) == sent + 1
        assert desk.outbox.used_bytes == 0


async def test_a_hint_repeats_nothing_whose_answer_may_be_on_its_way():
    async with Desk() as desk:
        desk.broker.cloud_answers = False
        desk.happen()
        await desk.clock.advance(1.0)
        desk.broker.tell(None, b"{}")
        await desk.clock.advance(0.9)
        assert desk.broker.seqs(EVENTS) == [1]
        await desk.clock.advance(0.2)
        assert desk.broker.seqs(EVENTS) == [1, 1], "no answer came: it is sent again long before its backoff is over"


async def test_events_first_live_telemetry_next_backlog_last():
    outbox = MemoryOutbox(10_000_000, BOOT)
    await stock(outbox, telemetry=500, events=3)
    async with Desk(outbox) as desk:
        await desk.clock.advance(0.3)
        drained = len(desk.broker.seqs(TELEMETRY))
        assert drained < 100, "at most 100 a second"
        assert desk.broker.seqs(EVENTS) == [1, 2, 3]
        desk.happen()
        await desk.clock.settle()
        assert desk.broker.seqs(EVENTS)[-1] == 4, "a backlog delays no alarm"
        desk.read()
        await desk.clock.advance(1.05)
        live = [batch for batch in desk.broker.heard(TELEMETRY) if not batch["backlog"]]
        assert [batch["seq"] for batch in live] == [501]
        assert len(desk.broker.seqs(TELEMETRY)) < 300
        await desk.clock.advance(10.0)
        assert sorted(desk.broker.seqs(TELEMETRY)) == list(range(1, 502))
        assert outbox.used_bytes == 0


async def test_a_new_event_waits_for_no_backlog_of_events():
    desk = Desk()
    desk.broker.cloud_answers = False
    await stock(desk.outbox, 0, events=200)
    async with desk:
        assert desk.broker.seqs(EVENTS) == list(range(1, 33))
        desk.happen()
        await desk.clock.advance(0.1)
        assert desk.broker.seqs(EVENTS)[32:] == [201]
        for _ in range(10):
            heard = [(seq, seq) for seq in desk.broker.seqs(EVENTS)]
            acknowledged = StreamAck(stream=Stream.EVENTS, stored=heard)
            desk.deliver.acknowledged(Ack(outbox=desk.outbox.identity, streams=[acknowledged]))
            await desk.clock.advance(0.1)
        assert sorted(desk.broker.seqs(EVENTS)) == list(range(1, 202)), "each once"


async def test_the_clouds_credit_bounds_the_backlog_under_way():
    outbox = MemoryOutbox(10_000_000, BOOT)
    await stock(outbox, telemetry=100, events=1)
    async with Desk(outbox) as desk:
        desk.broker.credit = 4
        await desk.clock.settle()
        desk.broker.cloud_answers = False
        before = len(desk.broker.seqs(TELEMETRY))
        await desk.clock.advance(2.0)
        assert len(desk.broker.seqs(TELEMETRY)) - before <= 32
        desk.broker.cloud_answers = True
        desk.broker.tell(None, b"{}")
        await desk.clock.advance(60.0)
        assert sorted(set(desk.broker.seqs(TELEMETRY))) == list(range(1, 101))
        assert outbox.used_bytes == 0


async def test_a_lost_connection_is_made_again_and_everything_unacknowledged_goes_again():
    async with Desk() as desk:
        desk.broker.cloud_answers = False
        desk.happen()
        desk.read()
        await desk.clock.advance(1.5)
        desk.broker.cut()
        await desk.clock.settle()
        desk.broker.cloud_answers = True
        desk.happen()
        await desk.clock.advance(3.0)
        assert desk.broker.seqs(EVENTS) == [1, 1, 2]
        assert desk.broker.seqs(TELEMETRY) == [1, 1]
        assert desk.outbox.used_bytes == 0


async def test_every_connection_has_its_number_its_birth_and_its_will():
    async with Desk() as desk:
        for _ in range(3):
            desk.broker.cut()
            await desk.clock.advance(2.0)
        births = desk.broker.heard(PRESENCE)
        assert [birth["connection"] for birth in births] == [1, 2, 3, 4]
        assert [will["connection"] for will in desk.broker.wills] == [1, 2, 3, 4]
        assert all((will["state"], will["reason"]) == ("offline", "lost") for will in desk.broker.wills)
        assert births[0]["agent_version"] == "1.2.3"
        assert births[0]["config_hash"] == desk.config.digest()


async def test_a_broker_that_is_away_is_tried_with_growing_pauses_up_to_a_bound():
    desk = Desk()
    desk.broker.is_up = False
    async with desk:
        await desk.clock.advance(100.0)
        assert 12 <= desk.broker.attempts <= 30
        desk.happen()
        desk.broker.is_up = True
        await desk.clock.advance(8.0)
        assert desk.broker.seqs(EVENTS) == [1]


async def test_birth_and_health_name_the_alarms_that_stand():
    async with Desk() as desk:
        desk.keeper.events(desk.alarms.see("b1/smoke-1", "alarm", value=True, mono=desk.clock.mono()))
        await desk.clock.advance(31.0)
        desk.broker.cut()
        await desk.clock.advance(2.0)
        (active,) = desk.broker.heard(PRESENCE)[-1]["active"]
        assert active["hazard"] == "fire.smoke"
        assert desk.broker.heard(HEALTH)[-1]["active"] == [active]
        assert desk.broker.heard(EVENTS)[0]["events"][0]["occurrence"] == active["occurrence"]


async def test_health_comes_at_least_twice_a_minute_and_says_how_the_node_is():
    async with Desk() as desk:
        desk.broker.cloud_answers = False
        desk.read()
        await desk.clock.advance(121.0)
        reports = desk.broker.heard(HEALTH)
        assert len(reports) == 5
        last = reports[-1]
        assert last["telemetry"]["batches"] == 1
        assert last["telemetry"]["oldest_age_s"] == pytest.approx(119.0)
        assert last["stale_points"] == {"a/b": 99.0}
        assert last["bytes_written_per_day"] == pytest.approx(720_000_000)
        assert last["card_years_left"] == pytest.approx(10e12 / 720e6 / 365, abs=0.1)
        assert last["outage_hours_left"] > 1
        assert last["temperature_c"] == 41.5


async def test_a_farewell_is_said_when_the_node_is_stopped():
    async with Desk() as desk:
        pass
    last = desk.broker.heard(PRESENCE)[-1]
    assert (last["state"], last["reason"]) == ("offline", "stopped")


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"[1]", b'{"outbox": 5}', b"\xff\xfe", b'{"outbox": "x", "streams": []}']
)
async def test_a_message_that_cannot_be_read_harms_nothing(payload):
    async with Desk() as desk:
        for channel in (Channel.ACK, Channel.COMMAND, Channel.CONFIG, None):
            desk.broker.tell(channel, payload)
        await desk.clock.settle()
        desk.happen()
        await desk.clock.settle()
        assert desk.broker.seqs(EVENTS) == [1]
        assert desk.broker.attempts == 1


async def test_a_command_is_answered_with_a_receipt():
    async with Desk() as desk:
        command = Command(id=BOOT, boot=BOOT, action="identify", expires_in_s=10)
        desk.broker.tell(Channel.COMMAND, command.model_dump_json().encode())
        await desk.clock.settle()
        (receipt,) = desk.broker.heard(Channel.RECEIPT)
        assert (receipt["command"], receipt["outcome"]) == (BOOT, "done")


async def test_refused_batches_are_let_go():
    async with Desk() as desk:
        desk.broker.cloud_answers = False
        desk.happen()
        await desk.clock.settle()
        ack = {"outbox": desk.outbox.identity, "streams": [{"stream": "events", "stored": [[1, 1]], "refused": [1]}]}
        desk.broker.tell(Channel.ACK, str(ack).replace("'", '"').encode())
        await desk.clock.advance(120.0)
        assert desk.broker.seqs(EVENTS) == [1]
        assert desk.outbox.used_bytes == 0


class TestDiskTrouble:
    async def test_acknowledgements_that_cannot_be_written_end_no_delivery(self, caplog):
        async with Desk() as desk:

            async def refuse() -> None:
                raise OutboxError("the outbox cannot be used: database or disk is full")

            desk.outbox.tidy = refuse
            await desk.clock.advance(11.0)
            assert [one for one in caplog.records if one.message == "acknowledgements cannot be written down yet"] != []
            desk.happen()
            await desk.clock.advance(0.1)
            assert desk.broker.seqs(EVENTS) == [1]
            assert not any(task.done() for task in desk.tasks)

    async def test_a_full_disk_loses_nothing_and_is_said(self, caplog):
        async with Desk() as desk:
            desk.outbox.disk_is_full = True
            for _ in range(5):
                desk.happen()
                desk.read()
                await desk.clock.advance(1.0)
            assert desk.keeper.trouble is not None
            assert [record.message for record in caplog.records if "cannot commit" in record.message] != []
            assert len(desk.broker.heard(EVENTS)) == 5, "an alarm does not wait for the disk"
            assert desk.broker.heard(TELEMETRY) == []
            desk.outbox.disk_is_full = False
            await desk.clock.advance(5.0)
            assert desk.keeper.trouble is None
            events = [event for batch in desk.broker.heard(EVENTS) for event in batch["events"]]
            readings = [reading for batch in desk.broker.heard(TELEMETRY) for reading in batch["pack"]]
            assert len(events) == 5
            assert len(readings) == 5

    async def test_rule_states_of_a_commit_that_failed_are_kept_with_the_next(self):
        async with Desk() as desk:
            desk.outbox.disk_is_full = True
            desk.keeper.events(desk.alarms.see("b1/smoke-1", "alarm", value=True, mono=desk.clock.mono()))
            await desk.clock.advance(1.0)
            assert await desk.outbox.rules() == []
            desk.outbox.disk_is_full = False
            await desk.clock.advance(5.0)
            kept = {rule.rule: rule for rule in await desk.outbox.rules()}
            assert kept["b1/smoke-1/smoke-relay"].active is not None

    async def test_readings_held_in_memory_are_bounded_and_events_are_not(self, monkeypatch):
        monkeypatch.setattr("edge.application.keep._MOST_READINGS_HELD", 10)
        async with Desk() as desk:
            desk.outbox.disk_is_full = True
            for number in range(25):
                desk.read(number)
                desk.happen()
            assert desk.keeper.lost_readings == 15
            desk.outbox.disk_is_full = False
            await desk.clock.advance(10.0)
            values = [record["v"] for batch in desk.broker.heard(TELEMETRY) for record in batch["pack"]]
            assert values == list(range(15, 25))
            assert sum(len(batch["events"]) for batch in desk.broker.heard(EVENTS)) == 25
