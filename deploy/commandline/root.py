"""The root of the command: what `tocsin` itself says and takes, with every room behind its name."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.commandline.rooms import Rooms

app = typer.Typer(
    name="tocsin",
    cls=Rooms,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="From the sensor in the stairwell to the people responsible.",
)


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"tocsin {version('tocsin')}")
        raise typer.Exit


@app.callback()
def tocsin(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is, and end.")
    ] = False,
) -> None:
    """From the sensor in the stairwell to the people responsible. 从楼道里的传感器到负责的人."""
