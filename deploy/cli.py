"""The `tocsin` command: one door to everything that runs, each room's own commands behind it."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.errors import DeployError, Stopped

app = typer.Typer(
    name="tocsin",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="From the sensor in the stairwell to the people responsible.\n\n"
    "To try it: `tocsin run`. To see whether it answers every hazard: `tocsin sim`. "
    "In production: `tocsin cloud run` on a server, `tocsin-edge run` on each node.",
)


@app.command()
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
        sys.exit(1)


@app.command()
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


@app.command()
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
        sys.exit(130)
    sys.exit(0 if good else 1)


def _add(name: str, module: str, extra: str, about: str) -> None:
    """Offer a room's own command line under a name; where its extra is not installed, say so when it is asked for."""
    try:
        room: typer.Typer = importlib.import_module(module).app
    except ModuleNotFoundError as missing:
        package = missing.name

        def absent() -> None:
            typer.echo(f"tocsin {name} needs {package}. Install it with: pip install 'tocsin[{extra}]'", err=True)
            raise typer.Exit(1)

        app.command(name, help=f"{about} (not installed)")(absent)
    else:
        app.add_typer(room, name=name, help=about)


def _lift(name: str, module: str, command: str) -> None:
    """Offer one command of a room at the top as well, under the name operators look for."""
    with contextlib.suppress(ModuleNotFoundError):
        app.command(name)(getattr(importlib.import_module(module), command))


_add("cloud", "cloud.__main__", "cloud", "The cloud service: run it, its database, its estates and members.")
_add(
    "edge", "edge.__main__", "edge", "One node: run it, check its file, examine its hardware (the same as tocsin-edge)."
)
with contextlib.suppress(ModuleNotFoundError):
    app.add_typer(importlib.import_module("cloud.__main__").node, name="node")
    app.add_typer(importlib.import_module("cloud.__main__").estate, name="estate")
    app.add_typer(importlib.import_module("cloud.commands.duties").app, name="duties")
# Checking a file needs nothing but this package itself, so it is offered where the cloud is not installed too.
app.add_typer(importlib.import_module("cloud.commands.ledger").app, name="ledger")
app.add_typer(importlib.import_module("cloud.commands.personal").app, name="personal")
_add("broker", "deploy.mosquitto_setup", "cloud", "The broker: certificates, mosquitto.conf and the access list.")
_lift("replay", "firmware_sim.__main__", "replay")
_add(
    "building", "firmware_sim.__main__", "sim", "A simulated building, recordings through the ADC, the score of a run."
)


def main() -> None:
    """The entry of the `tocsin` command."""
    app()


if __name__ == "__main__":
    main()
