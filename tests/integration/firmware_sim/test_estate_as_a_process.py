"""`python -m firmware_sim` as other programs see it: ports on its first line, boards that answer, truth on disk."""

import json
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from gpiozero import MCP3008, DigitalInputDevice, DigitalOutputDevice
from gpiozero.pins.pigpio import PiGPIOFactory
from pymodbus.client import ModbusTcpClient

from firmware_sim.truth import read_truth

ROOT = Path(__file__).resolve().parents[3]

NODE = """
[node]
estate = "example"
name = "b1-node"
[board]
pin_factory = "pigpio"
port = 18881
[config]
[[config.equipment]]
kind = "lift"
id = "b1/lift-1"
rated_speed_m_s = 1.75
controller = { host = "127.0.0.1", port = 15021, unit = 3 }
[[config.equipment]]
kind = "smoke_detector"
id = "b1/smoke-1"
alarm_relay = { pin = 19 }
obscuration = { channel = 0, at_zero = -0.05, at_full = 0.225, fault_below_v = 0.3, fault_above_v = 3.2 }
[[config.equipment]]
kind = "access_gate"
id = "b1/gate-1"
contact = { pin = 4, active = "high" }
granted = { pin = 13 }
fire_input = { pin = 17 }
lock_released = { pin = 18 }
[[config.outputs]]
id = "gate-release"
purpose = "gate_release"
pin = 26
active = "low"
fail_safe = "on"
"""
SCENARIO = """
nodes = ["node.toml"]
seed = 3
duration = 140.0
background = false
faults = [
  { at = 20.0, kind = "entrapment", equipment = "b1/lift-1", for = 600.0 },
  { at = 50.0, kind = "smoke", equipment = "b1/smoke-1", for = 600.0 },
]
"""


def until(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not become true in time"
        time.sleep(0.01)


@pytest.fixture
def scenario(tmp_path):
    (tmp_path / "node.toml").write_text(NODE)
    path = tmp_path / "evening.toml"
    path.write_text(SCENARIO)
    return path


@contextmanager
def simulator(*arguments):
    with subprocess.Popen(
        [sys.executable, "-m", "firmware_sim", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def pi(port):
    factory = PiGPIOFactory(host="127.0.0.1", port=port)
    notify = factory.connection._notify
    try:
        yield factory
    finally:
        factory.close()
        notify.join(5)


@pytest.mark.slow
def test_an_estate_runs_as_a_process_until_it_is_told_to_stop(scenario, tmp_path):
    truth = tmp_path / "truth.jsonl"
    with simulator(
        "estate", "--scenario", scenario, "--truth", truth, "--port-base", 0, "--speed", 20, "--await-agents", 30
    ) as process:
        said = json.loads(process.stdout.readline())
        board, bus = said["boards"]["b1-node"], said["controllers"][0]
        assert bus["configured"] == {"host": "127.0.0.1", "port": 15021}
        assert bus["lifts"] == {"b1/lift-1": 3}
        assert truth.read_text() == "", "time stands still until the agent is there"
        with (
            pi(board["port"]) as factory,
            DigitalInputDevice(19, pull_up=True, pin_factory=factory) as relay,
            DigitalInputDevice(18, pull_up=True, pin_factory=factory) as released,
            MCP3008(channel=0, pin_factory=factory) as obscuration,
            ModbusTcpClient("127.0.0.1", port=bus["port"]) as lift,
        ):
            assert relay.value == 0
            assert released.value == 1, "nobody drives the release: it fails to free"
            with DigitalOutputDevice(26, initial_value=True, pin_factory=factory):
                until(lambda: released.value == 0)
            until(lambda: released.value == 1)
            until(lambda: lift.read_holding_registers(6, count=1, device_id=3).registers == [4])
            # It comes to rest, off level.
            until(lambda: lift.read_holding_registers(3, count=7, device_id=3).registers[::6] == [0, 0])
            until(lambda: relay.value == 1)
            until(lambda: obscuration.voltage > 1.2)
            assert json.loads(process.stdout.readline())["over"] == "evening"
        with socket.create_connection(("127.0.0.1", board["port"])):
            # Someone is still connected when it is told to stop.
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        assert process.stderr.read() == ""
    facts = read_truth(truth)
    assert facts.speed == 20
    assert facts.epoch == pytest.approx(time.time(), abs=120)
    assert {fault.kind for fault in facts.faults.values() if fault.onset} == {"entrapment", "smoke"}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.write_text(SCENARIO.replace("entrapment", "entrapmint")), "faults.0.kind"),
        (lambda path: path.with_name("node.toml").unlink(), "node file cannot be read"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(scenario, spoil, said):
    spoil(scenario)
    with simulator("estate", "--scenario", scenario, "--port-base", 0) as process:
        assert process.wait(30) == 2
        told = " ".join(process.stderr.read().split())
    assert said in told
    assert "Traceback" not in told


def test_a_taken_port_is_said_so(scenario):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with simulator("estate", "--scenario", scenario, "--port-base", port) as process:
            assert process.wait(30) == 2
            told = process.stderr.read()
    assert "the port is in use" in " ".join(told.split())
    assert "--port-base" in told


def test_a_recording_is_replayed_through_the_adc_of_a_board(tmp_path):
    recording = tmp_path / "door.csv"
    recording.write_text("vibration;humidity\n18;70\n18. Jan;70\n" + "50;70\n" * 200)
    report = tmp_path / "report.json"
    with simulator(
        "replay", recording, "--column", "vibration=2,0,100", "--rate", 100, "--await-agent", 30, "--report", report
    ) as process:
        port = json.loads(process.stdout.readline())["boards"]["door"]["port"]
        with pi(port) as factory, MCP3008(channel=2, pin_factory=factory) as adc:
            until(lambda: adc.raw_value == 512)
        assert process.wait(30) == 0
    told = json.loads(report.read_text())
    assert (told["rows"], told["fed"]) == (202, {"vibration": 201})
    assert told["refused"] == {"vibration": {"a date, as a spreadsheet makes of numbers": 1}}
    assert told["examples"][0]["line"] == 3
