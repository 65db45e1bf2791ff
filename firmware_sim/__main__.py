"""`python -m firmware_sim`: a simulated estate as a process, recordings through the ADC, and the score of a run."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from firmware_sim.cloud_answers import fetch
from firmware_sim.console import err, say
from firmware_sim.errors import SimulatorError
from firmware_sim.kinds import kinds_as_json, show_kinds
from firmware_sim.living import run_estate
from firmware_sim.playing import run_replay
from firmware_sim.recording import describe
from firmware_sim.replay import Column
from firmware_sim.score import score
from firmware_sim.score_table import show
from firmware_sim.serving import PortPlan
from firmware_sim.truth import read_truth

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="A building made of physics behind virtual Raspberry Pi boards: gpiozero's own pigpio factory talks to them, "
    "so the unmodified agent runs against it.",
)
INTERRUPTED = 130
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else on standard output.")]


@app.command()
def estate(
    *,
    scenario: Annotated[Path, typer.Option(help="The scenario file (TOML): nodes, seed, faults (`kinds` lists them).")],
    seed: Annotated[int | None, typer.Option(help="Instead of the scenario's own seed.")] = None,
    speed: Annotated[
        float, typer.Option(min=0.01, help="Simulated seconds per real second. Agents keep real time: 1 for them.")
    ] = 1.0,
    conducted: Annotated[
        bool, typer.Option(help="Time passes only as told at the port `time` of the first line; `--speed` is idle.")
    ] = False,
    truth: Annotated[Path | None, typer.Option(help="Where the ground truth goes, as JSON lines.")] = None,
    port_base: Annotated[
        int | None,
        typer.Option(
            min=0, max=65000, help="First of consecutive ports; 0: free ports. Without: as the node files say."
        ),
    ] = None,
    await_agents: Annotated[
        float, typer.Option(min=0, help="Hold time still for at most so many seconds until every board has its agent.")
    ] = 0.0,
    stop_at_end: Annotated[bool, typer.Option(help="Stop when the scenario is over instead of living on.")] = False,
) -> None:
    """Run an estate's boards and lift controllers until SIGTERM.

    Prints one line of JSON when everything listens - `boards`: host and port for each node's `[board]` table;
    `controllers`: for each `controller = {…}` - and another, `{"over": …}`, when the scenario's time is up.

    Example: `python -m firmware_sim estate --scenario deploy/example_estate/scenarios/first-hour.toml --truth truth.jsonl`
    """
    with _explained():
        asyncio.run(
            run_estate(
                scenario,
                seed=seed,
                speed=None if conducted else speed,
                truth_path=truth,
                plan=PortPlan(port_base),
                patience=await_agents,
                stop_at_end=stop_at_end,
            )
        )


@app.command()
def replay(
    *,
    recording: Annotated[
        Path, typer.Argument(metavar="FILE", help="A CSV file with a header line; the separator is found.")
    ],
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=CHANNEL,ZERO,FULL: the values at 0 V and at 3.3 V. Repeatable. Without: say what is there."
        ),
    ] = None,
    rate: Annotated[float, typer.Option(min=0.001, help="Rows per second at which it was recorded.")] = 1.0,
    speed: Annotated[float, typer.Option(min=0.001, help="So many times as fast as it was recorded.")] = 1.0,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of the board; 0: a free one, which is printed.")] = 0,
    report: Annotated[Path | None, typer.Option(help="Where the report goes, as JSON.")] = None,
    await_agent: Annotated[float, typer.Option(min=0, help="Wait at most so many seconds for an agent.")] = 0.0,
) -> None:
    """Feed a recording through the ADC of a virtual board.

    A cell that is not a finite number (spreadsheets make dates of numbers) is refused, counted and shown; the ADC keeps
    the last real value, and nothing is interpolated.

    Without --column nothing is played: each column is told, with its range and what would be refused in it.

    Example: `tocsin replay lift-door.csv --column vibration=0,0,100 --rate 4 --speed 100`
    """
    with _explained():
        if not column:
            err.print(describe(recording), highlight=False, markup=False, soft_wrap=True)
            raise typer.Exit(2)
        columns = [Column.parse(text) for text in column]
        told, stopped = asyncio.run(
            run_replay(recording, columns, rate=rate, speed=speed, port=port, patience=await_agent)
        )
        if report is not None:
            report.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", "utf-8")
        say(told)
        if stopped:
            err.print("Stopped before the recording was over; the report says how far it came.", highlight=False)
            raise typer.Exit(INTERRUPTED)


@app.command(name="score")
def count(
    truth: Annotated[Path, typer.Option(help="The ground truth that `estate` wrote.")],
    api: Annotated[str, typer.Option(help="Where the cloud service listens, for example http://127.0.0.1:8000.")],
    token: Annotated[str, typer.Option(envvar="TOCSIN_API_TOKEN", help="An API token that may read.")],
    *,
    of_estate: Annotated[str, typer.Option("--estate", help="The estate's name in the cloud.")] = "example",
    report: Annotated[Path | None, typer.Option(help="Where the report goes, as JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say whether every hazard was answered, by whom and how soon, and what was raised besides.

    Ends with code 1 when a hazard was missed, a wrong party leads, a task is false, or something was lost.
    """
    with _explained():
        facts = read_truth(truth)
        result = score(facts, *fetch(api, token, of_estate))
        if as_json:
            say(result.as_dict())
        else:
            show(result)
        if report is not None:
            report.write_text(json.dumps(result.as_dict(), ensure_ascii=False, indent=2) + "\n", "utf-8")
        if not result.good:
            raise typer.Exit(1)


@app.command()
def kinds(*, as_json: AsJson = False) -> None:
    """List the kinds of fault a scenario may name: on what, what they should raise, and when they begin."""
    if as_json:
        say(kinds_as_json())
    else:
        show_kinds(Console(highlight=False, soft_wrap=not sys.stdout.isatty()))


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except SimulatorError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    err.print(message, style="red", highlight=False, markup=False)
    raise typer.Exit(2)


def main() -> None:
    """The console's way in."""
    app()


if __name__ == "__main__":
    main()
