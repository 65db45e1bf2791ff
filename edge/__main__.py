"""tocsin-edge: run one node, check its configuration, find out what is wrong with it."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from edge.errors import EdgeError, SettingsError
from edge.settings import NodeSettings, example_toml, load_settings

app = typer.Typer(
    help="The agent of one Tocsin node: pins, detectors and lifts become readings and alarms.\n\n"
    "Begin with `tocsin-edge example > node.toml`, then `check`, `doctor` and `run`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Config = Annotated[Path, typer.Option("--config", "-c", help="The node's node.toml.", show_default=True)]
_DEFAULT = Path("node.toml")
_BAD_CONFIG, _FAILED = 2, 1


@app.command()
def run(
    config: Config = _DEFAULT,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Run the node until Ctrl-C or SIGTERM. Log lines go to standard error, as JSON."""
    from edge.adapters.logs import log_to

    settings = _load(config)
    log_to(node=settings.node.name, level=log_level)
    raise typer.Exit(asyncio.run(_run(settings)))


@app.command()
def check(config: Config = _DEFAULT) -> None:
    """Read node.toml, list everything that is wrong in it, and show what it means."""
    from edge.bootstrap import fail_safe_statement

    settings = _load(config)
    node = settings.config
    typer.echo(f"{config}: good. Node {settings.node.address}, broker {settings.broker.host}:{settings.broker.port}.")
    for item in node.equipment:
        typer.echo(f"  {item.kind:15} {item.id}")
    typer.echo(f"  {len(node.effective_rules())} alarm rules, {len(node.reflexes)} reflexes")
    for output in node.outputs:
        typer.echo(f"  {output.purpose:15} {output.id}, GPIO {output.pin}: {fail_safe_statement(output)}")


@app.command()
def example() -> None:
    """Print a commented node.toml to start from."""
    typer.echo(example_toml(), nl=False)


async def _run(settings: NodeSettings) -> int:
    from edge.bootstrap import build_agent

    agent = build_agent(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, agent.stop)
    said: list[str] = []
    try:
        await agent.run()
    except* EdgeError as failed:
        said = _sentences(failed)
    for line in said:
        typer.echo(f"tocsin-edge: {line}", err=True)
    return _FAILED if said else 0


def _sentences(group: BaseExceptionGroup[BaseException]) -> list[str]:
    return [
        line
        for error in group.exceptions
        for line in (_sentences(error) if isinstance(error, BaseExceptionGroup) else [str(error)])
    ]


def _load(path: Path) -> NodeSettings:
    try:
        return load_settings(path)
    except SettingsError as error:
        typer.echo(f"{error.where} is not right yet:", err=True)
        for problem in error.problems:
            typer.echo(f"  - {problem}", err=True)
        raise typer.Exit(_BAD_CONFIG) from None


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
