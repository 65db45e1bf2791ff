"""Plays a simulation with a progress bar and shows its score."""

from __future__ import annotations

import asyncio
import json
import logging
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cloud.adapters.logging import set_up
from cloud.commands.progress import progress
from deploy import example
from deploy.errors import DeployError
from deploy.simulate import Simulation, simulate
from firmware_sim.scenario import load_scenario
from firmware_sim.score import Report
from firmware_sim.score_table import show


def play(
    scenario: Path | None, *, seed: int | None, speed: float, report: Path | None, data: Path | None, as_json: bool
) -> bool:
    """Whether every hazard was answered rightly, nothing else was raised and nothing was lost."""
    with ExitStack() as stack:
        if data is None:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-sim-")))
        plan = Simulation(scenario or example.FIRST_HOUR, data.resolve(), seed, speed)
        _refuse_early(plan.scenario, report)
        stack.enter_context(_logging_into(plan.data))
        result = _with_progress(plan)
    if report is not None:
        report.write_text(_as_json(result), encoding="utf-8")
    if as_json:
        print(_as_json(result), end="")  # noqa: T201 - the answer that was asked for
    else:
        show(result)
    return result.good


def _with_progress(plan: Simulation) -> Report:
    with progress(of="seconds") as told:
        what = f"{plan.scenario.stem} at {plan.speed:g} x"
        return asyncio.run(simulate(plan, lambda done, of: told(what, round(done), round(of))))


def _refuse_early(scenario: Path, report: Path | None) -> None:
    """What is known to go wrong is said before minutes were spent."""
    load_scenario(scenario)
    if report is not None and not report.resolve().parent.is_dir():
        raise DeployError(f"{report}: its folder does not exist. Make it, or choose another place with --report.")


@contextmanager
def _logging_into(data: Path) -> Iterator[None]:
    """The log goes to a file beside the run's data. Whoever says something after the run, while it ends, says it to nobody."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "sim.log").open("a", encoding="utf-8") as file:
        set_up(to=file)
        try:
            yield
        finally:
            logging.getLogger().handlers[:] = [logging.NullHandler()]


def _as_json(result: Report) -> str:
    return json.dumps(result.as_dict(), ensure_ascii=False, indent=2) + "\n"
