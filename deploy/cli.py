"""The `tocsin` command: one door to everything that runs, each room's own commands behind it."""

from __future__ import annotations

import sys
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


def main() -> None:
    """The entry of the `tocsin` command. Whoever asks for help gets the manual's page, from one source everywhere."""
    words = sys.argv[1:]
    if not words or words[-1] in ("--help", "-h") or "--help" in words or not words[-1].startswith("-"):
        from deploy.commandline.asking import answered

        code = answered(words)
        if code is not None:
            sys.exit(code)
    app(prog_name="tocsin")


if __name__ == "__main__":
    main()
