"""From a claim code to a task on the board: the command line enrols a node, its agent runs over TLS, a relay closes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading

import pytest

from firmware_sim.board import VirtualBoard
from firmware_sim.pigpio_server import served_in_thread
from tests.fakes.estate import ESTATE
from tests.integration.enrolment.site import until

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow]

NODE = """
[broker]
max_backoff_s = 1
[outbox]
path = "outbox.db"
[board]
pin_factory = "pigpio"
port = {board}
[config]
[[config.equipment]]
kind = "smoke_detector"
id = "b1/smoke-1"
alarm_relay = {{ pin = 19 }}
"""


class Board:
    """A board with a node.toml, whose agent is enrolled and run as an operator does it."""

    def __init__(self, site, folder, board_port):
        self.site, self.folder = site, folder
        folder.mkdir()
        self.config = folder / "node.toml"
        self.config.write_text(NODE.format(board=board_port))
        self.log: list[dict] = []
        self.agent = None

    def enrols(self, code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "edge", "enroll", "--cloud", self.site.cloud.url, "--code", code, "--config", str(self.config)],
            capture_output=True, text=True, check=False, timeout=30,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def runs(self):
        self.agent = subprocess.Popen(
            [sys.executable, "-m", "edge", "run", "--config", str(self.config)], stderr=subprocess.PIPE, text=True
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        until(lambda: self.logged("connected"), "connected", within_s=20.0)

    def _read(self):
        with self.agent.stderr as lines:
            for line in lines:
                self.log.append(json.loads(line) if line.startswith("{") else {"event": line.strip()})

    def logged(self, event):
        return [line for line in self.log if line["event"] == event]

    def ends(self):
        if self.agent is not None:
            self.agent.send_signal(signal.SIGTERM)
            self.agent.wait(15)
            self._reader.join(5)


@pytest.fixture
def boards(site, tmp_path):
    made = []
    virtual = [VirtualBoard(), VirtualBoard()]
    with served_in_thread(*virtual) as servers:

        def board(number: int) -> tuple[Board, VirtualBoard]:
            made.append(Board(site, tmp_path / f"board-{number}", servers[number].port))
            return made[-1], virtual[number]

        yield board
        for one in made:
            one.ends()


def test_a_node_is_enrolled_runs_rings_renews_and_is_shut_out(site, boards):
    node, pins = boards(0)
    said = node.enrols(site.code())
    assert f"Enrolled as node b1-node of {ESTATE}" in said
    assert "Next:" in said
    node.runs()
    pins.drive_low(19)
    until(lambda: site.tasks() == ["fire.smoke"], "the task of the fire control room")
    key = next((node.folder / "credentials").glob("node-*.key"))
    assert key.stat().st_mode & 0o077 == 0
    site.cloud.enrolling.revoke(ESTATE, "b1-node", actor="operator:test")
    lost = until(
        lambda: [x for x in node.logged("no connection to the broker") if "revoked" in x["why"]], "shut out", 20.0
    )
    assert "neither speak nor listen" in lost[0]["why"]


def test_a_new_board_takes_over_and_the_old_one_only_drains(site, boards):
    """The old board's backlog is stored; it calls nobody, and neither does a fire it sees from now on."""
    old, old_pins = boards(0)
    old.enrols(site.code())
    old.runs()
    until(lambda: stored(site) > 0, "the old board's first events")
    new, new_pins = boards(1)
    new.enrols(site.code(replaces=True))
    new.runs()
    before = stored(site)
    old_pins.drive_low(19)
    until(lambda: stored(site) > before, "what the old board still says", within_s=20.0)
    until(lambda: site.tasks() == ["fire.smoke"], "its alarm stands in the history")
    (task,) = site.board()
    assert (task.late, task.firing) == (True, 0)
    assert calls(site) == []
    new_pins.drive_low(19)
    until(lambda: "fire-room" in calls(site), "the new board's fire calls the fire control room")


def stored(site) -> int:
    (node,) = [one for one in site.cloud.services.queries.nodes(ESTATE, None) if one.id == "b1-node"]
    return node.stored


def calls(site) -> list[str]:
    task_ids = [task.incident_id for task in site.board()]
    lines = [line for i in task_ids for line in site.cloud.services.queries.incident(i, None).timeline]
    return [line.data["party"] for line in lines if line.kind == "notification.sent"]
