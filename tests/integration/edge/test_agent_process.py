"""The unmodified agent as a process of its own: a virtual board, a Modbus controller, a real mosquitto."""

import contextlib
import json
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

import pytest

from firmware_sim.board import VirtualBoard
from firmware_sim.pigpio_server import served_in_thread
from firmware_sim.wiegand import Card, frame
from tests.fakes.edge_cloud import StoringCloud, until
from tests.fakes.mosquitto import Mosquitto

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]

NODE = """
[node]
estate = "example"
name = "b1-node"
[broker]
host = "127.0.0.1"
port = {broker}
max_backoff_s = 1
[outbox]
path = "outbox.db"
[board]
pin_factory = "pigpio"
port = {board}
[privacy]
card_key_file = "card.key"
[config]
[[config.equipment]]
kind = "smoke_detector"
id = "b1/smoke-1"
alarm_relay = {{ pin = 19 }}
obscuration = {{ channel = 0, at_zero = -0.05, at_full = 0.225, fault_below_v = 0.3, fault_above_v = 3.2 }}
sampling = {{ period_s = 0.1 }}
[[config.equipment]]
kind = "access_gate"
id = "b1/gate-1"
contact = {{ pin = 4, active = "high" }}
reader = {{ d0 = 6, d1 = 12 }}
granted = {{ pin = 13 }}
fire_input = {{ pin = 17 }}
[[config.outputs]]
id = "siren"
purpose = "siren"
pin = 24
fail_safe = "off"
[[config.outputs]]
id = "gate-release"
purpose = "gate_release"
pin = 26
active = "low"
fail_safe = "on"
[[config.reflexes]]
id = "sound"
when = [{{ equipment = "b1/smoke-1", hazard = "fire.smoke" }}]
outputs = ["siren"]
[[config.reflexes]]
id = "free"
when = [{{ equipment = "b1/gate-1", point = "fire-input" }}]
outputs = ["gate-release"]
"""


class Place:
    """A board, a broker, a cloud, and one agent process that can be started, stopped and killed."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self._stack = ExitStack()
        self.mosquitto = Mosquitto(folder).start()
        self._stack.callback(self.mosquitto.kill)
        self.cloud = StoringCloud(self.mosquitto.port)
        self._stack.callback(self.cloud.close)
        self.board = VirtualBoard()
        self.board.drive_low(4)
        self.board.set_voltage(0, 0.6)
        (server,) = self._stack.enter_context(served_in_thread(self.board))
        self.config = folder / "node.toml"
        self.configure(board=server.port)
        self.agent: subprocess.Popen[str] | None = None
        self.log: list[dict] = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.agent is not None and self.agent.poll() is None:
            self.kill()
        self._stack.close()

    def configure(self, *, board: int) -> None:
        self.config.write_text(NODE.format(broker=self.mosquitto.port, board=board))

    def doctor(self, expected: int = 0) -> list[dict]:
        command = [sys.executable, "-m", "edge", "doctor", "--json", "--config", str(self.config)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
        assert done.returncode == expected, done.stdout + done.stderr
        return json.loads(done.stdout)

    def in_outbox(self) -> dict[tuple[str, str, int], dict]:
        """What a dead agent left, by identity."""
        with contextlib.closing(sqlite3.connect(self.folder / "outbox.db")) as connection:
            rows = connection.execute("SELECT outbox, stream, seq, payload FROM batch").fetchall()
        return {(outbox, stream, seq): json.loads(payload) for outbox, stream, seq, payload in rows}

    def start(self) -> None:
        births = len([one for one in self.cloud.presence if one["state"] == "online"])
        self.spawn()
        until(lambda: len([one for one in self.cloud.presence if one["state"] == "online"]) > births, what="birth")

    def spawn(self, *, no_file_may_grow: bool = False) -> None:
        command = [sys.executable, "-m", "edge", "run", "--config", str(self.config)]
        if no_file_may_grow:
            command[:0] = ["prlimit", "--fsize=0:unlimited", "--"]
        self.agent = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        self._reader = threading.Thread(target=self._read, args=(self.agent,))
        self._reader.start()

    def _read(self, agent) -> None:
        for line in agent.stderr:
            self.log.append(json.loads(line) if line.startswith("{") else {"event": line.strip()})

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        assert self.agent is not None
        self.agent.send_signal(how)
        code = self.agent.wait(10)
        self.wait_for_the_end_of_its_log()
        return code

    def wait_for_the_end_of_its_log(self) -> None:
        assert self.agent is not None
        assert self.agent.stderr is not None
        self._reader.join(5)
        self.agent.stderr.close()

    def logged(self, event: str) -> list[dict]:
        return [line for line in self.log if line["event"] == event]


@pytest.fixture
def place(tmp_path):
    with Place(tmp_path) as here:
        yield here


def test_a_relay_becomes_a_siren_an_event_and_a_reading(place):
    place.start()
    place.board.drive_low(19)
    until(lambda: place.board.output(24) is True, what="siren")
    (raised,) = until(lambda: place.cloud.events("alarm.raised"), what="alarm")
    assert (raised["hazard"], raised["equipment"]) == ("fire.smoke", "b1/smoke-1")
    until(lambda: place.cloud.values("b1/smoke-1/alarm") == [False, True], what="readings")
    (line,) = until(lambda: place.logged("alarm raised"), what="the log")
    assert line["occurrence"] == raised["occurrence"], "one id from pin to person"
    assert place.cloud.conflicts == []


def test_an_analog_value_arrives_through_spi(place):
    place.start()
    place.board.set_voltage(0, (0.08 + 0.05) / 0.275 * 3.3)
    (raised, *_) = until(lambda: place.cloud.events("alarm.raised"), what="smoke by obscuration")
    assert raised["rule"] == "b1/smoke-1/smoke-obscuration"
    assert raised["value"] == pytest.approx(0.08, abs=0.001)


def test_a_card_and_its_grant_are_one_decision(place):
    place.start()
    place.board.pulse_wiegand(6, 12, frame(Card(12, 34567)))
    until(lambda: place.cloud.batches, what="first batches")
    place.board.drive_low(13)
    (decided,) = until(lambda: place.cloud.events("access.granted"), what="decision")
    assert decided["reason"] == "controller"
    assert len(decided["credential"]) == 32
    assert "34567" not in json.dumps(decided)


def test_bounce_is_one_change(place):
    place.start()
    until(lambda: place.cloud.values("b1/gate-1/open") == [False], what="first reading")
    place.board.drive_low(13)
    place.board.bounce(4, True, 30, random.Random(7))
    until(lambda: place.cloud.values("b1/gate-1/open") == [False, True], what="opening")


def test_a_stopped_agent_says_farewell_stores_everything_and_lets_go_of_its_lines(place):
    place.start()
    place.board.drive_low(19)
    until(lambda: place.board.output(24) is True, what="siren")
    began = time.monotonic()
    assert place.stop() == 0
    assert time.monotonic() - began < 5
    farewell = until(lambda: place.cloud.presence[-1] if place.cloud.presence[-1]["state"] == "offline" else None)
    assert farewell["reason"] == "stopped"
    assert place.cloud.events("node.stopped")
    assert place.board.output(24) is None, "an input again: the siren takes its fail-safe state"


def test_a_killed_agent_has_a_last_will_and_raises_nothing_again(place):
    place.start()
    place.board.drive_low(19)
    (first,) = until(lambda: place.cloud.events("alarm.raised"), what="alarm")
    place.kill()
    will = until(lambda: place.cloud.presence[-1] if place.cloud.presence[-1]["state"] == "offline" else None)
    assert will["reason"] == "lost"
    place.start()
    until(lambda: place.board.output(24) is True, what="siren again")
    birth = place.cloud.presence[-1]
    assert [one["occurrence"] for one in birth["active"]] == [first["occurrence"]]
    assert birth["connection"] > will["connection"]
    until(lambda: len(place.cloud.events("node.started")) == 2, what="second start")
    assert len(place.cloud.events("alarm.raised")) == 1


def test_a_node_that_starts_on_a_full_disk_goes_over_to_its_file_when_there_is_room(place):
    place.start()
    place.stop()
    until(lambda: place.cloud.presence[-1]["state"] == "offline", what="farewell")
    place.cloud.acknowledges = False
    births = len(place.cloud.presence)
    place.spawn(no_file_may_grow=True)
    until(lambda: place.cloud.presence[births:], what="birth")
    place.board.drive_low(19)
    until(lambda: "alarm.raised" in str(place.cloud.arrivals), what="alarm, although nothing can be kept")
    assert not [key for key, batch in place.in_outbox().items() if "alarm.raised" in str(batch)]
    before = place.cloud.presence[-1]["outbox"]
    resource.prlimit(place.agent.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(lambda: place.cloud.presence[-1]["outbox"] != before, 20, what="a birth that names the file")
    place.kill()
    held = [key for key, batch in place.in_outbox().items() if "alarm.raised" in str(batch)]
    assert len(held) == 1
    assert held[0][0] == before, "under the identity it was sent with"
    place.cloud.acknowledges = True
    place.start()
    until(lambda: held[0] not in place.in_outbox(), 20, what="what was held is acknowledged")
    assert len({event["occurrence"] for event in place.cloud.events("alarm.raised")}) == 1


def test_a_restarted_broker_costs_nothing(place):
    place.start()
    place.mosquitto.kill()
    place.board.drive_low(19)
    until(lambda: place.board.output(24) is True, what="siren without a network")
    until(lambda: place.logged("no connection to the broker"), what="the loss in the log")
    place.mosquitto.start()
    until(lambda: place.cloud.events("alarm.raised"), what="alarm after the outage")
    until(lambda: place.cloud.values("b1/smoke-1/alarm") == [False, True], what="readings after the outage")
    assert place.cloud.gaps() == []
    assert place.cloud.conflicts == []


def test_what_was_once_in_the_outbox_arrives_whoever_is_killed_meanwhile(place):
    rng = random.Random(3)
    committed = {}
    for round_ in range(6):
        place.cloud.acknowledges = round_ % 3 == 2
        place.spawn()
        until(lambda: place.board.output(24) is not None, what="outputs taken over")
        for _ in range(rng.randint(1, 4)):
            place.board.drive_low(17)
            # At random: the kill comes into whatever is being written then.
            time.sleep(rng.uniform(0.05, 0.2))
            place.board.let_go(17)
            time.sleep(rng.uniform(0.05, 0.2))
        if not place.cloud.acknowledges:
            until(lambda: len(place.in_outbox()) > 1, what="something committed")
        if round_ == 3:
            place.mosquitto.kill()
        place.kill()
        committed |= place.in_outbox()
        if round_ == 3:
            place.mosquitto.start()
    assert len(committed) > 3, "the rounds were too short to show anything"
    place.cloud.acknowledges = True
    place.start()
    until(lambda: committed.keys() <= place.cloud.batches.keys(), what="everything that was committed")
    until(lambda: place.cloud.gaps() == [], what="every number")
    assert all(place.cloud.batches[key] == batch for key, batch in committed.items())
    assert place.cloud.conflicts == []


def test_a_board_that_is_not_there_is_said_in_one_line(place):
    place.configure(board=1)
    place.spawn()
    assert place.agent.wait(10) == 1
    place.wait_for_the_end_of_its_log()
    assert any("no board answers at 127.0.0.1:1" in line["event"] for line in place.log)
    assert not any("Traceback" in line["event"] for line in place.log)


def test_the_doctor_finds_a_fit_node_fit_and_leaves_a_running_agent_alone(place):
    fit = place.doctor()
    assert {finding["what"]: finding["verdict"] for finding in fit}["pins"] == "ok"
    assert {finding["what"]: finding["verdict"] for finding in fit}["broker"] == "ok"
    assert any(finding["what"] == "analog b1/smoke-1.obscuration" and "0.60 V" in finding["en"] for finding in fit)
    place.start()
    births = len(place.cloud.presence)
    beside = place.doctor()
    assert {finding["what"]: finding["verdict"] for finding in beside}["pins"] == "skipped"
    assert len(place.cloud.presence) == births, "the doctor did not push the agent off its connection"


def test_the_doctor_says_what_is_wrong_and_what_to_do(place):
    place.board.set_voltage(0, 0.0)
    place.mosquitto.kill()
    found = {finding["what"]: finding for finding in place.doctor(expected=1)}
    assert found["analog b1/smoke-1.obscuration"]["verdict"] == "failed"
    assert "open or shorted" in found["analog b1/smoke-1.obscuration"]["en"]
    assert found["broker"]["verdict"] == "failed"
    assert all(
        finding["todo_en"] and finding["todo_zh"] for finding in found.values() if finding["verdict"] == "failed"
    )
