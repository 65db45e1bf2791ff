"""The node.toml that a command is about, and how it ends where that is not right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from edge import process
from edge.errors import SettingsError
from edge.settings import NodeSettings, load_settings

Config = Annotated[Path, typer.Option("--config", "-c", help="The node's node.toml.", show_default=True)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else on standard output.")]
DEFAULT: Final = Path("node.toml")
BAD_CONFIG: Final = process.BAD_CONFIG
FAILED: Final = process.FAILED


def load(path: Path) -> NodeSettings:
    """Read it; where it is wrong, everything that is wrong is said, and the command ends."""
    try:
        return load_settings(path)
    except SettingsError as error:
        for line in process.problems_of(error):
            typer.echo(line, err=True)
        raise typer.Exit(BAD_CONFIG) from None
