"""A broker, a cloud and some nodes as processes of their own, each of which can be killed at any moment."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

import tomli_w

from cloud.adapters.estate_file.reading import read_estate
from cloud.bootstrap import open_state
from cloud.settings import load_settings
from deploy.example import ESTATE_FILE
from edge.adapters.outbox_store import OutboxStore
from edge.adapters.outbox_tables import connect
from tests.e2e.programs import Program, until
from tests.fakes.mosquitto import Mosquitto
from tests.fakes.ports import own_port
from tests.faults import oracle
from tests.faults.dials import Dials

HOST = "127.0.0.1"
START_S = 45.0
DRAIN_S = 60.0
HEAD_START_S = 10 * 86400.0


class LoadedNode:
    """One node under load, its outbox with the diary in it, and the clock by which it lives.

    `name` and `building` as in the example estate. `broker_port`: where it believes the broker to be.
    """

    def __init__(
        self,
        folder: Path,
        name: str,
        broker_port: int,
        *,
        seed: int = 0,
        dials: Dials | None = None,
        speed: float = 1.0,
        quota_mb: float = 50,
        trust: str = "auto",
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name, self.folder = name, folder
        self.building = name.removesuffix("-node")
        self.outbox = folder / "outbox.db"
        self.config = folder / "node.toml"
        # A fast clock starts long ago, so that it does not run ahead of everybody else's.
        began = time.time() - (speed > 1) * HEAD_START_S
        self.dials = dials or Dials(folder / "clock", wall=began, speed=speed)
        self.boot = str(uuid.uuid4())
        self.seed = seed
        self.diaries: list[Path] = []
        """Outbox files put aside by whoever damaged or replaced them: what is in their diaries was sent, too."""
        self.config.write_text(tomli_w.dumps(self._document(broker_port, quota_mb, trust)), encoding="utf-8")
        self.program = Program(name, *self._arguments(0, alarms=False))
        self.make_outbox()

    def make_outbox(self) -> None:
        """A new outbox with a diary in it, as the agent itself would make it."""
        store = OutboxStore(connect(self.outbox), 1_000_000)
        store.close()
        oracle.keep_a_diary(self.outbox)

    def keep_diary_again(self) -> None:
        """In an outbox that the agent has made by itself and works with already."""
        oracle.keep_a_diary(self.outbox, begun=True)

    def start(self, changes: float = 20.0, *, alarms: bool = False) -> None:
        """`changes`: of contacts and knobs a second."""
        self.program.arguments = [self.program.arguments[0], *self._arguments(changes, alarms=alarms)]
        self.program.start()

    def reboot(self) -> None:
        """The next start is another boot of the machine. Its monotonic clock goes on; only its name says so."""
        self.boot = str(uuid.uuid4())

    def kill(self) -> None:
        self.program.kill()

    def hand(self, which: signal.Signals) -> None:
        """Closes a contact or opens it again: see `loaded_node.HANDS`."""
        self.program.send(which)

    def diary(self) -> list[oracle.Batch]:
        return [batch for path in (*self.diaries, self.outbox) for batch in oracle.diary(path)]

    def _arguments(self, changes: float, *, alarms: bool) -> list[str]:
        self.seed += 1
        given = ["--clock", self.dials.path, "--boot", self.boot, "--seed", self.seed, "--changes", changes]
        return list(
            map(str, ["-m", "tests.faults.loaded_node", self.config, *given, *(["--alarms"] if alarms else [])])
        )

    def _document(self, broker_port: int, quota_mb: float, trust: str) -> dict:
        here = self.building
        return {
            "node": {"estate": "example", "name": self.name},
            "broker": {"host": HOST, "port": broker_port, "max_backoff_s": 1, "keepalive_s": 5},
            "outbox": {"path": str(self.outbox), "quota_mb": quota_mb},
            "board": {"pin_factory": "mock"},
            "clock": {"trust": trust},
            "config": {
                "version": 1,
                "equipment": [
                    {
                        "kind": "smoke_detector", "id": f"{here}/smoke-1",
                        "alarm_relay": {"pin": 19}, "fault_relay": {"pin": 20}, "call_point": {"pin": 23},
                        "obscuration": {"channel": 0, "at_full": 0.01}, "temperature": {"channel": 1, "at_full": 30.0},
                        "sampling": {"period_s": 0.1},
                    },
                    {
                        "kind": "access_gate", "id": f"{here}/gate-1",
                        "contact": {"pin": 4, "active": "high", "debounce_ms": 0}, "rex": {"pin": 5, "debounce_ms": 0},
                        "granted": {"pin": 13, "debounce_ms": 0}, "tamper": {"pin": 16, "debounce_ms": 0},
                        "fire_input": {"pin": 17, "debounce_ms": 0},
                    },
                ],
            },
        }  # fmt: skip


class Stage:
    """`broker_port` of `node` may be another than the broker's own: a proxy's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = Mosquitto(folder, persistent=True)
        self.port = own_port()
        self.data = folder / "cloud"
        self.cloud_broker_port = self.broker.port
        self.cloud = Program("cloud")
        self.nodes: list[LoadedNode] = []

    def open(self) -> Stage:
        state = open_state(load_settings(data=self.data))
        try:
            state.load_estate(read_estate(ESTATE_FILE))
        finally:
            state.close()
        self.broker.start()
        self.start_cloud()
        until(lambda: self.cloud.said("broker connected"), START_S, "the cloud hears the broker", self.cloud)
        return self

    def start_cloud(self) -> None:
        arguments = ["--data", self.data, "--port", self.port, "--broker-port", self.cloud_broker_port]
        self.cloud.arguments = Program("", "-m", "cloud", "run", *map(str, arguments)).arguments
        self.cloud.start()

    def node(self, name: str = "b1-node", **options: object) -> LoadedNode:
        """Another node, not started yet."""
        options.setdefault("broker_port", self.broker.port)
        # The options are LoadedNode's own, passed on as they come.
        node = LoadedNode(self.folder / f"{name}-{len(self.nodes)}", name, **options)  # type: ignore[arg-type] # a kind of node takes what it takes
        self.nodes.append(node)
        return node

    def drain(self, within_s: float = DRAIN_S) -> None:
        """Everybody is alive and rests; until no node holds anything any more. Then the nodes end without a word."""
        for node in self.nodes:
            node.kill()
        for node in self.nodes:
            if oracle.waiting(node.outbox):
                node.start(0)
                until(lambda node=node: not oracle.waiting(node.outbox), within_s, f"{node.name} is empty", self.cloud)
                node.kill()
        held = sum(oracle.waiting(node.outbox) for node in self.nodes)
        if held:
            # It had begun another batch while it was being killed.
            self.drain(within_s)

    def diary(self) -> list[oracle.Batch]:
        return [batch for node in self.nodes for batch in node.diary()]

    def balance(self, doomed: Iterable[oracle.Batch] = ()) -> oracle.Balance:
        """Between what was ever put in an outbox and what the cloud has."""
        return oracle.balance(self.diary(), self.data, doomed)

    def ask(self, query: str, *values: object) -> list[tuple]:
        """The cloud's own tables."""
        with contextlib.closing(sqlite3.connect(f"file:{self.data / 'state.db'}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()

    def close(self) -> None:
        for node in self.nodes:
            node.program.close()
        self.cloud.close()
        self.broker.kill()


@contextlib.contextmanager
def stage_in(folder: Path) -> Iterator[Stage]:
    """An open stage; everything on it ends with the block."""
    stage = Stage(folder)
    try:
        yield stage.open()
    finally:
        stage.close()
