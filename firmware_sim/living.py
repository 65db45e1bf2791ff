"""A scenario lived through: the estate is served, time passes or is conducted, and what was true is written down."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from firmware_sim.console import err, say, until_told_to_stop
from firmware_sim.estate import load_node
from firmware_sim.scenario import load_scenario
from firmware_sim.serving import HOST, PortPlan, ServedEstate, served
from firmware_sim.time_server import TimeServer
from firmware_sim.truth import GroundTruth


async def run_estate(
    path: Path,
    *,
    seed: int | None,
    speed: float | None,
    truth_path: Path | None,
    plan: PortPlan,
    patience: float,
    stop_at_end: bool,
) -> None:
    scenario = load_scenario(path)
    scenario = scenario if seed is None else scenario.model_copy(update={"seed": seed})
    nodes = [load_node(path.parent / node) for node in scenario.nodes]
    stopping = until_told_to_stop()
    with contextlib.ExitStack() as files:
        out = files.enter_context(truth_path.open("w", encoding="utf-8")) if truth_path else None
        facts = GroundTruth(scenario.name, scenario.seed, speed=speed or 1.0, out=out)
        async with served(scenario, nodes, facts, plan) as running, _time_of(running, plan, speed) as time_server:
            about = {"scenario": scenario.name, "seed": scenario.seed, "duration": scenario.duration}
            where = {"time": {"host": HOST, "port": time_server.port}} if time_server else {}
            say({**running.ports, **where, **about})
            living = asyncio.create_task(_live(running, facts, time_server, patience=patience, stop_at_end=stop_at_end))
            waiting = asyncio.create_task(stopping.wait())
            await asyncio.wait({living, waiting}, return_when=asyncio.FIRST_COMPLETED)
            for task in (living, waiting):
                task.cancel()
            done = await asyncio.gather(living, waiting, return_exceptions=True)
            for outcome in done:
                if isinstance(outcome, Exception):
                    raise outcome


@contextlib.asynccontextmanager
async def _time_of(running: ServedEstate, plan: PortPlan, speed: float | None) -> AsyncIterator[TimeServer | None]:
    """Where the conductor of this estate's time is heard; None where time passes by itself."""
    if speed is not None:
        yield None
        return
    server = TimeServer(running.advance_to)
    await server.start(HOST, plan.next(0))
    try:
        yield server
    finally:
        await server.stop()


async def _live(
    running: ServedEstate, facts: GroundTruth, time_server: TimeServer | None, *, patience: float, stop_at_end: bool
) -> None:
    if patience and not await running.await_agents(patience):
        absent = [name for name, server in running.boards.items() if not server.connections]
        err.print(f"No agent at the board of {', '.join(absent)} after {patience:g} s; time begins all the same.")
    if time_server is None:
        facts.begin(epoch=time.time())
        await running.run(speed=facts.speed, until=running.estate.scenario.duration)
    else:
        # Whoever conducts knows at which moment of its own clock the estate began.
        facts.begin()
        await running.conducted(time_server)
    now, behind = round(running.estate.now, 3), round(running.behind_s, 3)
    say({"over": facts.scenario, "simulated_s": now, "behind_s": behind})
    if not stop_at_end:
        await (running.run(speed=facts.speed) if time_server is None else asyncio.Event().wait())
