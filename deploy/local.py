"""`tocsin run`: broker, cloud and a simulated estate with its nodes, all on this machine and on loopback."""

from __future__ import annotations

import asyncio
import fcntl
import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from cloud.adapters.clock import SystemClock
from cloud.adapters.estate_file import credit_table_of, read_estate
from cloud.application.estates.keep_labels import KeepLabels
from cloud.application.estates.sign_in import Identity
from cloud.bootstrap import State, open_state
from cloud.domain.community.access import Purpose
from cloud.domain.duties.register import EquipmentKind
from cloud.settings import CloudSettings, load_settings
from deploy import example
from deploy.broker import LOOPBACK, broker_on_loopback
from deploy.errors import DataInUse
from deploy.node_files import Address, SimulatedPorts, write_node_files
from deploy.ports import require_free
from deploy.processes import Keeper, Program
from firmware_sim.scenario import Scenario, load_scenario

READY_WITHIN_S: Final = 60.0
_ASK_EVERY_S: Final = 0.5
WHAT_TO_LOOK_FOR: Final = """\
Within half a minute somebody is trapped in lift 1 of building 1: the lift
maintainer's task appears by itself. Open it, see the signal and why it is
theirs, acknowledge, resolve. Then a forced door, smoke, a door held open.
半分钟内，1号楼1号梯困人，任务自动出现在维保单位的看板上：打开它，查看信号
和责任依据，响应，处置。随后还有强行开门、烟雾、门未关。

Ctrl-C stops everything; the same command continues. 按 Ctrl-C 停止。"""

IN_FRONT_OF_A_LIFT: Final = (
    "Resident in front of a lift: what its label opens, without an account 居民扫电梯上的码，无需账号"
)

FOR_TRYING_OUT: Final = """For trying out: the broker here is open to every program on this machine, without TLS. For real nodes
set mosquitto up (tocsin broker setup) and enrol each (tocsin node enroll). 仅供试用：真实部署请使用 mosquitto 并逐一登记节点。"""

NOBODY_ASKED: Final = {"TOCSIN_ACCOUNTS__SECOND_FACTOR_FOR": "[]"}
"""Everybody in the trial is whoever opens a link from this console: a second factor would be nobody's."""


@dataclass(frozen=True, slots=True)
class LocalRun:
    """What one all-in-one run is made of. `data` keeps everything between runs."""

    data: Path
    port: int
    broker_port: int
    estate_file: Path = example.ESTATE_FILE
    scenario: Path = example.FIRST_HOUR

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def settings(self) -> CloudSettings:
        return load_settings(
            data=self.data / "cloud",
            web={"port": self.port},
            broker={"host": LOOPBACK, "port": self.broker_port},
            duties={"console_answers": True},
        )


class AllInOne:
    """One run: started, watched, ended in order. `say` gets each line for people."""

    def __init__(self, run: LocalRun, say: Callable[[str], None]) -> None:
        self._run = run
        self._say = say
        self._label: str | None = None
        self._keeper = Keeper(say)
        self._logs = run.data / "logs"

    async def until_stopped(self) -> None:
        """Run until SIGINT or SIGTERM. Raises DeployError where a part cannot start or keeps dying."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopping.set)
        started = time.monotonic()
        scenario = load_scenario(self._run.scenario)
        require_free("The board", self._run.port, "--port")
        require_free("The broker", self._run.broker_port, "--broker-port")
        # What the programs say is in there, and with it the code that makes the first administrator.
        self._logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._logs.chmod(0o700)
        async with AsyncExitStack() as stack:
            stack.enter_context(held(self._run.data))
            links, token = self._prepare()
            await stack.enter_async_context(broker_on_loopback(self._run.broker_port))
            stack.push_async_callback(self._keeper.stop)
            stopped = asyncio.create_task(stopping.wait(), name="until stopped")
            working = asyncio.create_task(self._work(scenario, links, token, started), name="all in one")
            await asyncio.wait((stopped, working), return_when=asyncio.FIRST_COMPLETED)
            self._say("Stopping: nodes first, then the cloud, then the broker …")
            for task in (stopped, working):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await working

    def _prepare(self) -> tuple[Mapping[str, str], str]:
        """Database, estate, personal links and the token that this run itself reads with."""
        state = open_state(self._run.settings)
        try:
            loaded = state.load_estate(read_estate(self._run.estate_file))
            state.credit.publish_table(loaded.estate, credit_table_of(self._run.estate_file))
            links = {member: state.sign_in.issue_link(member).token for member in example.ROLES}
            self._label = self._labelled(state)
            return links, state.sign_in.issue_api_token(example.READER).token
        finally:
            state.close()

    @staticmethod
    def _labelled(state: State) -> str | None:
        """The code of the first lift's label; labels are made for what has none yet."""
        with state.units.reading() as uow:
            register = uow.registers.find(example.ESTATE)
        if register is None or example.LABELLER not in register.members:
            return None
        who = Identity(register.members[example.LABELLER], Purpose.SESSION, frozenset(), (example.ESTATE,))
        keep = KeepLabels(state.units, SystemClock())
        keep.make(example.ESTATE, who)
        lifts = (one for one in keep.sheet(example.ESTATE, who).labels if one.kind is EquipmentKind.LIFT)
        return next((one.code for one in lifts), None)

    async def _work(self, scenario: Scenario, links: Mapping[str, str], token: str, started: float) -> None:
        # Each is named at once, so that a part which dies while another starts is not forgotten.
        async with asyncio.TaskGroup() as group:
            cloud = await self._start("cloud", "-m", "cloud", "run", *self._cloud_arguments(), environment=NOBODY_ASKED)
            await cloud.until(self._answers, READY_WITHIN_S)
            world = await self._start("building", "-m", "firmware_sim", "estate", *self._world_arguments())
            await listening(world)
            ports = SimulatedPorts.read(json.loads(world.first_line.result()))
            sources = [self._run.scenario.parent / node for node in scenario.nodes]
            broker = Address(LOOPBACK, self._run.broker_port)
            files = write_node_files(sources, self._run.data / "nodes", broker=broker, ports=ports)
            nodes = [await self._start(file.stem, "-m", "edge", "run", "--config", str(file)) for file in files]
            for program in (cloud, *nodes):
                group.create_task(self._keeper.watch(program), name=f"watch {program.name}")
            group.create_task(self._fail_with(world), name="watch building")
            self._welcome(links, [file.stem for file in files])
            group.create_task(self._tell_tasks(token, started), name="tell tasks")

    async def _start(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Program:
        program = Program(name, arguments, log=self._logs / f"{name}.log", environment=environment)
        await self._keeper.keep(program)
        return program

    def _cloud_arguments(self) -> list[str]:
        run = self._run
        ports = ["--port", str(run.port), "--broker-port", str(run.broker_port)]
        return ["--data", str(run.data / "cloud"), *ports, "--console-answers"]

    def _world_arguments(self) -> list[str]:
        truth = str(self._run.data / "truth.jsonl")
        return ["--scenario", str(self._run.scenario), "--truth", truth, "--port-base", "0", "--await-agents", "30"]

    async def _answers(self) -> bool:
        try:
            async with httpx.AsyncClient(timeout=2.0) as client:
                return (await client.get(f"{self._run.url}/healthz")).is_success
        except httpx.HTTPError:
            return False

    async def _fail_with(self, world: Program) -> None:
        raise world.failure(await world.ended())

    def _welcome(self, links: Mapping[str, str], nodes: list[str]) -> None:
        run = self._run
        self._say(f"\nTocsin runs. Two buildings, nodes {' and '.join(nodes)}, one board. 模拟小区已启动。\n")
        self._say("Open a personal link (one member each, no passwords). 请打开一个个人链接，无需密码：")
        for member, token in links.items():
            zh, en = example.ROLES[member]
            self._say(f"  {en} {zh}\n    {run.url}/enter/{token}")
        if self._label is not None:
            self._say(f"  {IN_FRONT_OF_A_LIFT}\n    {run.url}/at/{self._label}")
        self._say("\n" + WHAT_TO_LOOK_FOR)
        self._say("\n" + FOR_TRYING_OUT)
        self._say(f"\nKept in 数据 {run.data}\nLogs in 日志 {self._logs}\n")

    async def _tell_tasks(self, token: str, started: float) -> None:
        """One line for each task that appears, as it appears."""
        seen: set[str] = set()
        async with httpx.AsyncClient(
            base_url=run_api(self._run), headers={"Authorization": f"Bearer {token}"}, timeout=10.0
        ) as client:
            while True:
                with suppress(httpx.HTTPError):
                    answer = await client.get("/incidents", params={"estate": example.ESTATE, "state": "open"})
                    for item in reversed(answer.json()["items"] if answer.is_success else []):
                        if item["id"] not in seen:
                            seen.add(item["id"])
                            self._say(f"  {time.monotonic() - started:6.1f} s  {describe(item)}")
                await asyncio.sleep(_ASK_EVERY_S)


@contextmanager
def held(data: Path) -> Iterator[None]:
    """Keep the folder for one run. Raises DataInUse where another run, still alive, has it."""
    with (data / "run.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DataInUse(data) from error
        yield


async def listening(world: Program) -> None:
    """Wait for the line in which the simulated estate says where it listens."""

    async def said() -> bool:
        return world.first_line.done()

    await world.until(said, READY_WITHIN_S)


def run_api(run: LocalRun) -> str:
    """Where this run's REST interface is."""
    return f"{run.url}/api/v1"


def describe(task: Mapping[str, Any]) -> str:
    """One open task in a line: what, where, whose."""
    names, address, responsible = task["hazard_names"], task["address"], task["responsible"]["names"]
    return f"{names['zh']} {names['en']} · {address['en']} · {responsible['zh']} {responsible['en']}"
