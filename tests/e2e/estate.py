"""A whole Tocsin on loopback in separate processes: broker, cloud, two buildings made of physics, their nodes."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from cloud.bootstrap import open_state
from cloud.settings import load_settings
from deploy.example import ESTATE_FILE, READER
from deploy.node_files import Address, SimulatedPorts, write_node_files
from edge.adapters.outbox_status import numbered_of, waiting_of
from firmware_sim.scenario import load_scenario
from firmware_sim.truth import GroundTruth, read_truth
from tests.e2e.answers import Answers, Books, Readings
from tests.e2e.programs import ROOT, Program, until
from tests.fakes.mosquitto import Mosquitto
from tests.fakes.ports import own_port

HOST = "127.0.0.1"
SCENARIOS = Path(__file__).parent / "scenarios"
SETTLE_S = 60.0
START_S = 45.0
"""On a machine busy with other tests; alone each program is there within three."""


class RunningEstate:
    """`open` brings up broker, cloud and buildings, where time stands still; it begins to pass with `begin`.

    `nodes`: where the node files and their outboxes go, if not beside everything else.
    """

    def __init__(self, folder: Path, scenario: Path, *, nodes: Path | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.scenario = folder, scenario
        self.nodes_folder = nodes or folder / "nodes"
        self.broker = Mosquitto(folder, persistent=True)
        self.port = own_port()
        self.settings = load_settings(
            data=folder / "cloud", web={"port": self.port}, broker={"host": HOST, "port": self.broker.port}
        )
        self.cloud = Program("cloud", "-m", "cloud", "run", *self._cloud_arguments())
        self.world = Program("building", "-m", "firmware_sim", "estate", *self._world_arguments())
        self.nodes: dict[str, Program] = {}
        self.outboxes: dict[str, Path] = {}
        self.links: dict[str, str] = {}
        self.answers: Answers
        self.ports: SimulatedPorts
        self.begun = False

    def open(self, *, broker: bool = True) -> RunningEstate:
        subprocess.run(
            [self.cloud.arguments[0], "-m", "cloud", "estate", "load", ESTATE_FILE, "--data", self.settings.data],
            cwd=ROOT, check=True, capture_output=True, timeout=START_S,
        )  # fmt: skip
        self._issue_keys()
        if broker:
            self.broker.start()
        self.cloud.start()
        self.world.start()
        until(lambda: self.answers.alive, START_S, "the cloud answers", self.cloud)
        listening = until(lambda: self.world.lines[:1], START_S, "the boards listen", self.world)
        self.ports = SimulatedPorts.read(json.loads(listening[0]))
        self._write_nodes()
        return self

    def begin(self) -> RunningEstate:
        """Start the nodes; with the last of them simulated time begins to pass. Once is enough."""
        if not self.begun:
            self.begun = True
            for node in self.nodes.values():
                node.start()
            until(lambda: self.truth is not None, START_S, "simulated time passes", self.world, *self.nodes.values())
        return self

    def close(self) -> None:
        for program in (*self.nodes.values(), self.world, self.cloud):
            program.close()
        self.broker.kill()
        if hasattr(self, "answers"):
            self.answers.close()

    def link(self, member: str) -> str:
        """A personal link for this member; each can be used again and again."""
        return f"{self.answers.url}/enter/{self.links[member]}"

    @property
    def truth(self) -> GroundTruth | None:
        """What was done to the buildings so far; None before time passes."""
        path = self.folder / "truth.jsonl"
        with suppress(FileNotFoundError):
            whole = path.read_text("utf-8")
            if "\n" in whole:
                return read_truth(path)
        return None

    def numbered(self) -> int:
        """Batches that the nodes have ever sealed."""
        return sum(sum(numbered_of(path).values()) for path in self.outboxes.values())

    def events_numbered(self, node: str) -> int:
        """Batches of events that this node has ever sealed."""
        return numbered_of(self.outboxes[node]).get("events", 0)

    def waiting(self) -> int:
        """Batches in the nodes' outboxes that are not acknowledged, as far as that is written down there."""
        return sum(waiting_of(path, numbered_of(path)) for path in self.outboxes.values())

    def balance(self) -> tuple[int, Books]:
        """What was sent and what became of it, at a moment when nothing is under way."""

        def settled() -> tuple[int, Books] | None:
            sent, books = self.numbered(), self.answers.books()
            under_way = sent != self.numbered() or books.stored != sent
            return None if under_way else (sent, books)

        try:
            return until(settled, SETTLE_S, "as many batches stored as sent", self.cloud)
        except AssertionError:
            pytest.fail(f"{self.numbered()} batches sent in the end, and {self.answers.books()}")

    @contextmanager
    def held_still(self) -> Iterator[None]:
        """No node does anything meanwhile. On a busy machine no moment is quiet by itself: more arrives with every question."""
        running = [node for node in self.nodes.values() if node.runs]
        for node in running:
            node.send(signal.SIGSTOP)
        try:
            yield
        finally:
            for node in running:
                node.send(signal.SIGCONT)

    def readings_balance(self) -> Readings:
        """Both counts at a moment when no reading is being stored."""

        def settled() -> Readings | None:
            counted, kept = self.answers.books().readings, self.answers.readings_kept()
            return Readings(counted, kept) if counted == self.answers.books().readings else None

        with self.held_still():
            return until(settled, SETTLE_S, "no reading is being stored", self.cloud)

    def _issue_keys(self) -> None:
        state = open_state(self.settings)
        try:
            token = state.sign_in.issue_api_token(READER).token
            for member in ("duty-manager", "lift-technician", "control-room-operator"):
                self.links[member] = state.sign_in.issue_link(member).token
        finally:
            state.close()
        self.answers = Answers(f"http://{HOST}:{self.port}", token)

    def _write_nodes(self) -> None:
        sources = [self.scenario.parent / name for name in load_scenario(self.scenario).nodes]
        broker = Address(HOST, self.broker.port)
        for file in write_node_files(sources, self.nodes_folder, broker=broker, ports=self.ports):
            self.nodes[file.stem] = Program(file.stem, "-m", "edge", "run", "--config", file)
            self.outboxes[file.stem] = self.nodes_folder / f"{file.stem}.outbox"

    def _cloud_arguments(self) -> list[Any]:
        data, broker = self.settings.data, self.broker.port
        return ["--data", data, "--port", str(self.port), "--broker-port", str(broker)]

    def _world_arguments(self) -> list[Any]:
        truth = self.folder / "truth.jsonl"
        return ["--scenario", self.scenario, "--truth", truth, "--port-base", "0", "--await-agents", "600"]


def chromium_path() -> str:
    """Where the browser is."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    assert path, "Chromium is not installed; `make test-tools` installs it"
    return path
