"""The `tocsin` command: one door to everything that runs, each room's own commands behind it."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from deploy.commandline.rooms import Rooms

COMPLETE = "_TOCSIN_COMPLETE"
"""Set where a shell asks what Tab may become."""

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


def main() -> None:
    """The entry of the `tocsin` command. Whoever asks for help gets the manual's page, from one source everywhere."""
    if COMPLETE not in os.environ:
        from deploy.commandline.asking import answered

        code = answered(sys.argv[1:])
        if code is not None:
            sys.exit(code)
    app(prog_name="tocsin")


if __name__ == "__main__":
    main()
