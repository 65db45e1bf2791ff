"""What all commands share: where settings come from, and how a mistake is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cloud import process
from cloud.errors import CloudError, Invalid

if TYPE_CHECKING:
    from cloud.settings import CloudSettings  # imported when a command needs them: checking a file must not
    from cloud.state import State  # imported when a command needs it: it brings the database

FAILED: Final = process.FAILED
BAD_SETTINGS: Final = process.BAD_SETTINGS

Config = Annotated[Path | None, typer.Option("--config", "-c", help="A TOML file of settings.")]
Data = Annotated[Path | None, typer.Option("--data", help="Where everything is kept. [default: tocsin-data]")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else on standard output.")]


def say_json(document: Any) -> None:
    """One document on standard output; moments in ISO 8601."""
    typer.echo(json.dumps(document, ensure_ascii=False, default=_iso))


def _iso(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def settings_from(config: Path | None, data: Path | None, **sections: dict[str, Any]) -> CloudSettings:
    """What stands on the command line goes before variables and file; what does not, does not."""
    from cloud.settings import load_settings

    return load_settings(config, **given(data, **sections))


def given(data: Path | None, **sections: dict[str, Any]) -> dict[str, Any]:
    """What stands on the command line, by sections."""
    found: dict[str, Any] = {}
    for name, section in sections.items():
        if said := {key: value for key, value in section.items() if value is not None}:
            found[name] = said
    if data is not None:
        found["data"] = data
    return found


@contextmanager
def opened(config: Path | None, data: Path | None, *, first: bool = False) -> Iterator[State]:
    """The database, brought up to date, and the use cases of operators on it. `first`: made where there is none; otherwise who
    stands in the wrong folder is told so, rather than shown an empty estate.
    """
    from cloud.state import open_state

    settings = settings_from(config, data)
    if not first and settings.database is None and not (settings.data / "state.db").exists():
        raise Invalid(
            f"There is no {settings.data / 'state.db'}. Name the cloud's data with --data, or its settings with --config; "
            "`tocsin estate load` makes a new one."
        )
    state = open_state(settings)
    try:
        yield state
    finally:
        state.close()


@contextmanager
def plain_errors() -> Iterator[None]:
    """What is wrong and what to do, without a traceback."""
    try:
        yield
    except CloudError as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(BAD_SETTINGS) from error
