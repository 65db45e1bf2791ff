"""A node at work: its tasks on an unmoving clock, its start, and what takes it down."""

import asyncio
import contextlib
import json
import logging
import time

import pytest

from edge.adapters.logs import JsonLines
from edge.adapters.no_credential_store import NoCredentialStore
from edge.application.alarms import Alarms
from edge.application.answers import Answers
from edge.application.cards import Cards
from edge.application.configure import Configure
from edge.application.deliver import Deliver
from edge.application.diagnose import Examined, Verdict, is_fit
from edge.application.hardware import Hardware
from edge.application.keep import Keeper
from edge.application.link import Link
from edge.application.mute_sounders import MuteSounders
from edge.application.obey import Obey
from edge.application.observe import Observer
from edge.application.report_health import ReportHealth
from edge.application.run_node import Node
from edge.application.timestamps import Timestamps
from edge.application.waiting import Wakeup
from edge.application.watch_cloud import WatchCloud
from edge.application.wiring import wiring_of
from edge.domain.credentials import CardKeys
from edge.domain.interpreters import interpreter_of, memories_of
from edge.domain.reflexes import Reflexes
from edge.errors import BoardError, OutboxError
from firmware_sim.wiegand import Card, frame
from schemas.node_config import NodeConfig
from schemas.topics import Channel
from tests.fakes.edge_bench import KEY, STANDING
from tests.fakes.edge_board import FakeBoard, FakeController, FakeConverter, FakeInstruments, FakeStore, FakeSupervisor
from tests.fakes.edge_broker import FakeBroker
from tests.fakes.edge_clock import BOOT, SteppedClock
from tests.fakes.edge_outbox import MemoryOutbox
from tests.unit.edge.equipment import GATE, LIFT, SMOKE, detector, gate, lift, volts
from tests.unit.edge.test_delivering import Machine

SIREN = {"id": "siren", "purpose": "siren", "pin": 24, "fail_safe": "off"}
SOUND = {"id": "sound", "when": [{"equipment": SMOKE, "hazard": "fire.smoke"}], "outputs": ["siren"]}


class Building:
    """A whole node with everything outside of it faked."""

    def __init__(self, **config) -> None:
        self.clock = SteppedClock()
        self.board = FakeBoard().watched_by(self.clock)
        self.converter = FakeConverter()
        self.converter.dial = {(0, 0): volts(0.0), (0, 1): volts(20, "temperature"), (0, 3): 0.01}
        self.controller = FakeController(STANDING)
        self.supervisor = FakeSupervisor()
        self.broker = FakeBroker()
        self.outbox = MemoryOutbox(10_000_000, BOOT)
        config = NodeConfig.model_validate(
            {"equipment": [detector(), gate(), lift()], "outputs": [SIREN], "reflexes": [SOUND]} | config
        )
        self.timestamps = Timestamps(self.clock)
        self.alarms = Alarms(config.effective_rules(), self.timestamps, BOOT)
        deliver = Deliver(self.outbox, self.clock, backlog_batches_per_s=100)
        self.keeper = Keeper(self.outbox, self.clock, self.timestamps, self.alarms, deliver.sealed)
        wiring = wiring_of(config)
        interpreters = {item.id: interpreter_of(item) for item in config.equipment}
        self.instruments = FakeInstruments(self.converter, self.controller)
        self.hardware = Hardware(wiring, self.board, self.instruments)
        self.observer = Observer(
            config, interpreters, wiring.inputs, alarms=self.alarms,
            reflexes=Reflexes(config.effective_reflexes(), config.outputs), keeper=self.keeper, clock=self.clock,
            timestamps=self.timestamps, drive=self.hardware.drive,
        )  # fmt: skip
        health = ReportHealth(
            self.outbox,
            self.clock,
            self.timestamps,
            machine=Machine(),
            alarms=self.alarms,
            stale=self.observer.stale_points,
        )
        self.store, self.rotation, self.file = FakeStore(), NoCredentialStore(), config
        answers = Answers(self.clock)
        self.node = Node(
            self.hardware, config=config, observer=self.observer, cards=Cards(wiring.readers, CardKeys(KEY)), keeper=self.keeper,
            clock=self.clock, timestamps=self.timestamps, supervisor=self.supervisor,
            memories=lambda: memories_of(self.observer.interpreters),
        )  # fmt: skip
        self.configure = Configure(
            config, store=self.store, apply=self.node.change, keeper=self.keeper, answers=answers, clock=self.clock,
            timestamps=self.timestamps, reads_cards=True,
        )  # fmt: skip
        obey = Obey(
            self.outbox, self.clock, self.timestamps, configure=self.configure, alarms=self.alarms, keeper=self.keeper,
            answers=answers, blink=self.node.blink, reread=lambda: self.file, rotation=self.rotation,
            on_exercise=self.node.wake, sounders=MuteSounders(self.observer.sounders, self.node.wake),
        )  # fmt: skip
        watch = WatchCloud(self.clock, lambda silent, mono: self.observer.cloud_silent(silent=silent, mono=mono))
        link = Link(
            self.broker, self.outbox, self.clock, self.timestamps, configure=self.configure, obey=obey, answers=answers,
            agent_version="1", alarms=self.alarms, deliver=deliver, watch=watch, health=health, max_backoff_s=8.0,
        )  # fmt: skip
        self.beside = {"link": link.run, "configure": self.configure.run, "obey commands": obey.run, "watch": watch.run}

    async def __aenter__(self):
        self.alarms.restore([], self.clock.mono(), None)
        self.node.start()
        self.running = asyncio.create_task(self.node.run(self.beside))
        await self.clock.settle()
        return self

    async def __aexit__(self, *_):
        self.running.cancel()
        with contextlib.suppress(asyncio.CancelledError, ExceptionGroup):
            await self.running
        await self.node.close()

    async def live(self, seconds: float, step: float = 0.5) -> None:
        """Time passes; the threads that read the board get their turn at every step."""
        for _ in range(round(seconds / step)):
            await self.clock.advance(step)
            await self.threads_done()

    async def threads_done(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self.hardware._thread, time.monotonic)
        await self.clock.settle()

    def values(self, point: str) -> list:
        equipment, _, name = point.rpartition("/")
        found = []
        for batch in self.broker.heard(Channel.TELEMETRY):
            base = ""
            for record in batch["pack"]:
                base = record.get("bn", base)
                if (base, record["n"]) == (f"{equipment}/", name):
                    found.append(next(record[key] for key in ("v", "vb", "vs") if key in record))
        return found

    def raised(self) -> list[str]:
        return [
            event["hazard"]
            for batch in self.broker.heard(Channel.EVENTS)
            for event in batch["events"]
            if event["kind"] == "alarm.raised"
        ]


async def test_everything_that_is_wired_arrives():
    async with Building() as here:
        await here.live(3)
        assert here.values(f"{LIFT}/floor") == [3]
        assert here.values(f"{SMOKE}/temperature") == [pytest.approx(20.0)]
        assert here.values(f"{GATE}/open") == [False]
        assert "ready" in here.supervisor.said


async def test_an_edge_an_analog_value_and_a_register_each_raise():
    async with Building() as here:
        await here.live(1)
        here.board.move((SMOKE, "alarm_relay"))
        await here.live(0.5, step=0.05)
        assert here.raised() == ["fire.smoke"]
        assert here.board.history == [("siren", True)]
        here.controller.registers = STANDING | {"fault_code": 5}
        await here.live(1.5)
        assert here.raised()[1:] == ["lift.unintended-movement"]
        here.converter.dial[0, 0] = volts(0.08)
        await here.live(5)
        assert here.raised().count("fire.smoke") == 2


async def test_a_card_is_decided():
    async with Building() as here:
        here.board.pulse(GATE, frame(Card(12, 34567)))
        await here.live(3, step=0.02)
        (denied,) = [
            event
            for batch in here.broker.heard(Channel.EVENTS)
            for event in batch["events"]
            if event["kind"] == "access.denied"
        ]
        assert denied["reason"] == "controller-denied"


async def test_a_missed_edge_is_seen_within_five_seconds():
    async with Building() as here:
        await here.live(1)
        here.board.slip((SMOKE, "alarm_relay"))
        await here.live(6, step=0.05)
        assert here.raised() == ["fire.smoke"]


async def test_a_silent_controller_is_asked_again_with_pauses_and_its_points_grow_stale():
    async with Building() as here:
        await here.live(2)
        here.controller.is_silent = True
        asked = here.controller.asked
        await here.live(70)
        assert 10 <= here.controller.asked - asked <= 80
        assert f"{LIFT}/speed" in here.observer.stale_points(here.clock.mono())
        assert not here.running.done()
        here.controller.is_silent = False
        await here.live(7)
        assert f"{LIFT}/speed" not in here.observer.stale_points(here.clock.mono())


async def test_a_board_that_is_gone_takes_the_node_down():
    async with Building() as here:
        here.board.is_gone = True
        await here.live(6)
        assert here.running.done()
        with pytest.raises(ExceptionGroup) as caught:
            await here.running
        assert caught.group_contains(BoardError, match="the board is gone")


async def test_a_board_and_a_broker_that_go_in_the_same_moment_take_the_node_down_too():
    """The connection's error must not swallow the cancellation that ends the node: it would go on connecting for ever."""
    async with Building() as here:
        await here.live(1)
        here.broker.breaks_when_left = True
        here.broker.cut()
        await here.live(3)
        here.board.is_gone = True
        await here.live(7)
        assert here.running.done()
        with pytest.raises(ExceptionGroup) as caught:
            await here.running
        assert caught.group_contains(BoardError, match="the board is gone")


async def test_an_outage_is_one_line_however_long_it_lasts(caplog):
    async with Building() as here:
        here.broker.is_up = False
        here.broker.cut()
        await here.live(120)
        said = [record for record in caplog.records if record.message == "no connection to the broker"]
        assert [record.why for record in said] == ["the line was cut", "connection refused"]
        here.broker.is_up = True
        await here.live(10)
        assert here.broker.attempts > 5


async def test_closing_gives_everything_back():
    async with Building() as here:
        pass
    assert (here.board.is_closed, here.converter.is_closed, here.controller.is_closed) == (True, True, True)


async def test_the_supervisor_hears_that_the_node_lives():
    async with Building() as here:
        await here.live(26)
        assert here.supervisor.said.count("alive") == 5


async def test_the_clock_is_judged_anew_while_the_node_runs():
    async with Building() as here:
        here.clock.in_step = False
        here.clock.jump(500.0)
        await here.live(11)
        assert here.timestamps.state == "unsynchronised"
        here.clock.in_step = True
        await here.live(10)
        assert here.timestamps.state == "synchronised"


async def test_what_interpreters_learned_is_kept_every_five_minutes():
    async with Building() as here:
        here.converter.dial[0, 3] = volts(200, "co")
        await here.live(302, step=1.0)
        assert (await here.outbox.memory())[SMOKE]["co-dose"] > 0.5


async def test_a_connection_that_cannot_be_numbered_is_made_all_the_same():
    async with Building() as here:

        async def refuse() -> int:
            raise OutboxError("disk full")

        here.outbox.next_connection = refuse
        here.broker.cut()
        await here.live(3)
        assert [birth["connection"] for birth in here.broker.heard(Channel.PRESENCE)] == [1, 2]


@pytest.mark.parametrize(("trust", "state"), [("always", "synchronised"), ("never", "unsynchronised")])
def test_somebodys_word_on_the_clock_stands(trust, state):
    clock = SteppedClock(synchronised=trust == "never")
    stamps = Timestamps(clock, trust)
    assert stamps.refresh() == state
    assert (stamps.time_of(clock.mono()) is None) == (trust == "never")


async def test_news_that_came_before_the_wait_ends_it_at_once():
    wakeup = Wakeup(SteppedClock())
    wakeup.wake()
    assert await wakeup.wait(1000.0) is True


def test_a_node_with_a_failure_is_not_fit():
    good, bad = Examined("disk", Verdict.OK, "", ""), Examined("pins", Verdict.FAILED, "", "")
    assert is_fit([good])
    assert not is_fit([good, bad])


def test_a_log_line_is_one_object_with_what_it_was_given(caplog):
    caplog.set_level("INFO")
    try:
        int("odd")
    except ValueError:
        logging.getLogger("edge.x").exception("failed", extra={"occurrence": "0197", "outputs": ("siren",)})
    line = json.loads(JsonLines("b1-node").format(caplog.records[-1]))
    assert (line["node"], line["event"], line["occurrence"], line["outputs"]) == (
        "b1-node",
        "failed",
        "0197",
        ["siren"],
    )
    assert "ValueError: invalid literal" in line["trace"]
    assert line["time"].endswith("Z")
