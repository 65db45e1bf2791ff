"""`tocsin run`, `sim` and `year`: Tocsin tried out, on this machine alone."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.errors import DeployError, NotReady, ProgramFailed, Stopped


def run(
    data: Annotated[Path, typer.Option(help="Where everything is kept between runs.")] = Path(".tocsin"),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the board is served.")] = 8480,
    broker_port: Annotated[int, typer.Option(min=1, max=65535, help="Where the in-process broker listens.")] = 18830,
    scenario: Annotated[Path | None, typer.Option(help="Another scenario than the estate's first hour.")] = None,
) -> None:
    """Try it: broker, cloud and a simulated estate of two buildings with their nodes, on loopback only.

    Everything is kept in the data folder, so the next run continues where this one was. The broker knows no passwords;
    it is for trying out.
    """
    from cloud.errors import CloudError
    from deploy import example
    from deploy.local import AllInOne, LocalRun
    from firmware_sim.errors import SimulatorError

    chosen = LocalRun(data.resolve(), port, broker_port, scenario=scenario or example.FIRST_HOUR)
    try:
        asyncio.run(AllInOne(chosen, typer.echo).until_stopped())
    except* (DeployError, CloudError, SimulatorError) as errors:
        for error in errors.exceptions:
            typer.echo(f"tocsin: {error}", err=True)
        begun = any(isinstance(error, ProgramFailed | NotReady) for error in errors.exceptions)
        sys.exit(1 if begun else 2)


def sim(
    *,
    scenario: Annotated[
        Path | None, typer.Option(help="A scenario file. [default: the example estate's first hour]")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Instead of the scenario's own.")] = None,
    speed: Annotated[float, typer.Option(min=0.1, max=100, help="Simulated seconds per second.")] = 10.0,
    report: Annotated[Path | None, typer.Option(help="Where the report goes, as JSON.")] = None,
    data: Annotated[Path | None, typer.Option(help="Keep databases, outboxes and logs here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON instead of a table.")] = False,
) -> None:
    """Was every hazard answered? Play a scenario headless, at any speed, and score what the cloud made of it.

    The cloud and the agents are the very same code as in production, on a faster clock. For each injected fault: whether
    it was detected, its hazard, the parties, seconds from onset to task; then false tasks, and what became of the
    readings. Ends with code 1 when a hazard was missed, a wrong party leads, a task is false or something was lost, with 2
    when the run could not be made, with 130 after Ctrl-C. A machine too slow for the speed slows time down for everybody
    alike; the report says by how much.

    Example: `tocsin sim --scenario deploy/example_estate/scenarios/first-hour.toml --seed 7 --speed 20 --report out.json`
    """
    from cloud.errors import CloudError
    from deploy.scoring import play
    from edge.errors import EdgeError
    from firmware_sim.errors import SimulatorError

    try:
        good = play(scenario, seed=seed, speed=speed, report=report, data=data, as_json=as_json)
    except (DeployError, CloudError, EdgeError, SimulatorError) as error:
        typer.echo(f"tocsin: {error}", err=True)
        sys.exit(130 if isinstance(error, Stopped) else 2)
    sys.exit(0 if good else 1)


def year(
    *,
    seed: Annotated[int, typer.Option(help="Another year.")] = 1,
    days: Annotated[int, typer.Option(min=1, max=3660, help="How long it lasts.")] = 365,
    incidents: Annotated[int, typer.Option(min=1, help="How many incidents befall the estate.")] = 10_000,
    report: Annotated[Path | None, typer.Option(help="Where the figures go, as JSON.")] = None,
    data: Annotated[Path | None, typer.Option(help="Keep the database here. [default: thrown away]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON instead of a table.")] = False,
) -> None:
    """Do people answer? Play a year of an estate on a leaping clock: hazards, twenty parties with habits, and the engine
    that calls them.

    The use cases are the very same as in production; only time and people are simulated. Shows for each hazard how soon
    it was answered, how often the ladder had to climb, and how it ended; and counts what must never happen. Ends with
    code 1 when any of that did, with 2 when the year could not be played. The same seed gives the same year. A year of
    10,000 incidents takes some minutes.

    Example: `tocsin year --days 30 --incidents 800 --seed 7 --report month.json`
    """
    from cloud.errors import CloudError
    from deploy.year.showing import play

    try:
        good = play(seed=seed, days=days, incidents=incidents, into=report, data=data, as_json=as_json)
    except (DeployError, CloudError) as error:
        typer.echo(f"tocsin: {error}", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing was scored; with --data what was played so far is kept.", err=True)
        sys.exit(130)
    sys.exit(0 if good else 1)
