"""`tocsin sim`: a scenario played headless at any speed against the unmodified cloud and agents, then scored."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from cloud.adapters.estate_file import read_estate
from cloud.bootstrap import Cloud, build_cloud
from cloud.domain.notification import Notification
from cloud.settings import load_settings
from deploy import example
from deploy.broker import LOOPBACK, broker_on_loopback
from deploy.errors import DeployError, NotReady
from deploy.fast_time import FastTime
from deploy.local import listening
from deploy.node_files import Address, SimulatedPorts, write_node_files
from deploy.ports import free_ports
from deploy.processes import Program
from edge.adapters.outbox_status import numbered_of, waiting_of
from edge.bootstrap import Agent, build_agent
from edge.settings import NodeSettings
from edge.settings import load_settings as load_node_settings
from firmware_sim.cloud_answers import fetch
from firmware_sim.scenario import Scenario, load_scenario
from firmware_sim.score import Report, score
from firmware_sim.truth import read_truth

SETTLE_S: Final = 60.0
"""Simulated seconds that the last messages get to arrive after the scenario is over."""
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
    """Notifications of a simulated estate call nobody."""

    def deliver(self, notification: Notification) -> None:
        pass


async def simulate(plan: Simulation, progressed: Progressed) -> Report:
    """Play the scenario to its end and score it. Raises DeployError; SIGINT ends it early with DeployError."""
    scenario = load_scenario(plan.scenario)
    plan.data.mkdir(parents=True, exist_ok=True)
    clock = FastTime(plan.speed)
    broker_port, web_port = free_ports(2)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(broker_on_loopback(broker_port))
        cloud, token = await stack.enter_async_context(_cloud(plan, clock, web_port, broker_port))
        world = Program("building", _world_arguments(plan), log=plan.data / "building.log")
        await world.start()
        stack.push_async_callback(world.stop)
        await listening(world)
        settings = _nodes(plan, scenario, world, broker_port)
        agents = [build_agent(node, clock=clock) for node in settings]
        await stack.enter_async_context(_running(agents))
        await _until_over(world, scenario, clock, progressed)
        await _until_settled(settings, clock)
        truth = read_truth(plan.data / "truth.jsonl")
        assert truth.epoch is not None
        # The building kept the machine's time; cloud and nodes kept the fast one.
        truth.epoch, truth.speed = clock.at(truth.epoch), 1.0
        incidents, readings = await asyncio.to_thread(fetch, cloud.url, token, example.ESTATE)
        sent = sum(sum(numbered_of(node.outbox.path).values()) for node in settings)
        return score(truth, incidents, replace(readings, sent=sent, lost=max(0, sent - readings.stored)))


@asynccontextmanager
async def _cloud(plan: Simulation, clock: FastTime, port: int, broker_port: int) -> AsyncIterator[tuple[Cloud, str]]:
    settings = load_settings(
        data=plan.data / "cloud", web={"port": port}, broker={"host": LOOPBACK, "port": broker_port}
    )
    cloud = await asyncio.to_thread(build_cloud, settings, clock=clock, notifier=Silent())
    try:
        cloud.load_estate(read_estate(plan.estate_file))
        token = cloud.sign_in.issue_api_token(example.READER).token
        await asyncio.to_thread(cloud.start)
        yield cloud, token
    finally:
        await asyncio.to_thread(cloud.stop)


def _world_arguments(plan: Simulation) -> list[str]:
    arguments = ["-m", "firmware_sim", "estate", "--scenario", str(plan.scenario), "--speed", str(plan.speed)]
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


async def _until_over(world: Program, scenario: Scenario, clock: FastTime, progressed: Progressed) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    started = clock.monotonic()
    ended = asyncio.create_task(world.said('{"over"'), name="the scenario's end")
    try:
        while not ended.done():
            if stopping.is_set():
                raise DeployError("Stopped before the scenario was over, so there is no score.")
            progressed(min(clock.monotonic() - started, scenario.duration), scenario.duration)
            await asyncio.wait([ended], timeout=_LOOK_EVERY_S)
        await ended
    finally:
        ended.cancel()
    progressed(scenario.duration, scenario.duration)


async def _until_settled(nodes: Sequence[NodeSettings], clock: FastTime) -> None:
    """Wait until the cloud has acknowledged all that the nodes had numbered when the scenario was over."""
    deadline = clock.monotonic() + SETTLE_S * max(1.0, clock.speed / 10)
    goal = {node.outbox.path: numbered_of(node.outbox.path) for node in nodes}
    while any(waiting_of(path, goal[path]) for path in goal):
        if clock.monotonic() > deadline:
            raise NotReady("What the nodes sent last was not acknowledged in time; their outboxes still hold it.")
        await asyncio.sleep(_LOOK_EVERY_S)
