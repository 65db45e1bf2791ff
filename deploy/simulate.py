"""`tocsin sim`: a scenario played headless at any speed against the unmodified cloud and agents, then scored."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from cloud.adapters.estate_file import read_estate
from cloud.application.messages import Message
from cloud.bootstrap import Cloud, build_cloud
from cloud.domain.community.reaching import CONSOLE
from cloud.settings import load_settings
from deploy import example
from deploy.broker import LOOPBACK, broker_on_loopback
from deploy.conductor import Conductor, Mark
from deploy.counting import counted_at_rest
from deploy.errors import Stopped
from deploy.local import listening
from deploy.node_files import Address, SimulatedPorts, write_node_files
from deploy.ports import free_ports
from deploy.processes import Program
from deploy.simulated_time import SimulatedTime
from edge.adapters.gpio import open_pin_factory
from edge.bootstrap import Agent, build_agent
from edge.settings import NodeSettings
from edge.settings import load_settings as load_node_settings
from firmware_sim.cloud_answers import fetch
from firmware_sim.scenario import Scenario, load_scenario
from firmware_sim.score import Pace, Report, score
from firmware_sim.truth import read_truth

_LOOK_EVERY_S: Final = 0.1

Progressed = Callable[[float, float], None]
"""(simulated seconds so far, seconds in all)."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What is played. `data` holds databases, outboxes, logs and the ground truth of this run."""

    scenario: Path
    data: Path
    seed: int | None
    speed: float
    estate_file: Path = example.ESTATE_FILE


class Silent:
    """Messages of a simulated estate call nobody."""

    carries_links = False
    rings = False

    def deliver(self, message: Message) -> None:
        pass


async def simulate(plan: Simulation, progressed: Progressed) -> Report:
    """Play the scenario to its end and score it. Raises DeployError; SIGINT ends it early with Stopped."""
    stopping = _until_told_to_stop()
    scenario = load_scenario(plan.scenario)
    plan.data.mkdir(parents=True, exist_ok=True)
    clock = SimulatedTime(plan.speed)
    conductor = Conductor(clock)
    broker_port, web_port = free_ports(2)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(broker_on_loopback(broker_port))
        cloud, token = await stack.enter_async_context(_cloud(plan, clock, web_port, broker_port))
        world = Program("building", _world_arguments(plan), log=plan.data / "building.log")
        await world.start()
        stack.push_async_callback(world.stop)
        await listening(world)
        await stack.enter_async_context(_conducted(conductor))
        settings = _nodes(plan, scenario, world, broker_port)
        boards = [open_pin_factory(node.board) for node in settings]
        for board in boards:
            stack.callback(board.close)
        agents = [
            build_agent(node, clock=clock, pin_factory=board) for node, board in zip(settings, boards, strict=True)
        ]
        await stack.enter_async_context(_running(agents))
        marks = [Mark(board, asyncio.get_running_loop()) for board in boards]
        epoch = await conductor.join(_time_of(world), marks)
        pace = await _until_over(_Play(world, scenario, clock, conductor, stopping), progressed)
        answers = partial(asyncio.to_thread, fetch, cloud.url, token, example.ESTATE)
        incidents, readings = await counted_at_rest([node.outbox.path for node in settings], conductor, answers)
        truth = read_truth(plan.data / "truth.jsonl")
        truth.epoch = epoch
        return score(truth, incidents, readings, pace)


@asynccontextmanager
async def _cloud(
    plan: Simulation, clock: SimulatedTime, port: int, broker_port: int
) -> AsyncIterator[tuple[Cloud, str]]:
    settings = load_settings(
        data=plan.data / "cloud",
        web={"port": port},
        broker={"host": LOOPBACK, "port": broker_port},
        duties={"console_answers": True},
    )
    cloud = await asyncio.to_thread(build_cloud, settings, clock=clock, channels={CONSOLE: Silent()})
    try:
        cloud.load_estate(read_estate(plan.estate_file))
        token = cloud.sign_in.issue_api_token(example.READER).token
        await asyncio.to_thread(cloud.start)
        yield cloud, token
    finally:
        await asyncio.to_thread(cloud.stop)


def _world_arguments(plan: Simulation) -> list[str]:
    arguments = ["-m", "firmware_sim", "estate", "--scenario", str(plan.scenario), "--conducted"]
    arguments += ["--truth", str(plan.data / "truth.jsonl"), "--port-base", "0", "--await-agents", "30"]
    return [*arguments, *(["--seed", str(plan.seed)] if plan.seed is not None else [])]


def _nodes(plan: Simulation, scenario: Scenario, world: Program, broker_port: int) -> list[NodeSettings]:
    ports = SimulatedPorts.read(json.loads(world.first_line.result()))
    sources = [plan.scenario.parent / node for node in scenario.nodes]
    broker = Address(LOOPBACK, broker_port)
    return [
        load_node_settings(file) for file in write_node_files(sources, plan.data / "nodes", broker=broker, ports=ports)
    ]


@asynccontextmanager
async def _running(agents: Sequence[Agent]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(agent.run(), name="agent") for agent in agents]
    watched = asyncio.gather(*tasks)
    try:
        yield
    finally:
        for agent in agents:
            agent.stop()
        await watched


@asynccontextmanager
async def _conducted(conductor: Conductor) -> AsyncIterator[None]:
    """Time passes. It must until the agents have ended in order, and the building lives longer than that."""
    conducting = asyncio.create_task(conductor.run(), name="conductor")
    try:
        yield
    finally:
        conducting.cancel()
        await asyncio.gather(conducting, return_exceptions=True)
        conductor.close()


def _time_of(world: Program) -> Address:
    where = json.loads(world.first_line.result())["time"]
    return Address(where["host"], where["port"])


def _until_told_to_stop() -> asyncio.Event:
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    return stopping


@dataclass(frozen=True, slots=True)
class _Play:
    world: Program
    scenario: Scenario
    clock: SimulatedTime
    conductor: Conductor
    stopping: asyncio.Event


async def _until_over(play: _Play, progressed: Progressed) -> Pace:
    began, behind = time.monotonic(), play.conductor.behind_s
    duration = play.scenario.duration
    ended = asyncio.create_task(play.world.said('{"over"'), name="the scenario's end")
    try:
        while not ended.done():
            if play.stopping.is_set():
                raise Stopped("Stopped before the scenario was over, so there is no score.")
            progressed(min(play.conductor.estate_s, duration), duration)
            await asyncio.wait([ended], timeout=_LOOK_EVERY_S)
        await ended
    finally:
        ended.cancel()
    progressed(duration, duration)
    took = time.monotonic() - began
    return Pace(
        asked=play.clock.speed,
        reached=round(duration / took, 2),
        took_s=round(took, 1),
        behind_s=round(play.conductor.behind_s - behind, 2),
    )
