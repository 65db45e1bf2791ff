"""`tocsin estate import` and `export`: an estate's files in and out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cloud.commands.enrolment import actor
from cloud.commands.speaking import BAD_SETTINGS, Config, Data, opened, plain_errors

if TYPE_CHECKING:
    from cloud.application.estates.import_estate import Imported
    from cloud.application.ports import UnitsOfWork


def take(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="YAML or CSV; tables are known by their names: places.csv …")
    ],
    *,
    estate: Annotated[
        str | None, typer.Option(help="Into which estate tables go. [default: the only one there is]")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Bring places, parties, members, nodes, equipment and duties in from files: all of them or nothing.

    A YAML file with the key `estate` is a whole estate and replaces what is known of it; tables (CSV, or YAML without that
    key) add and change. What is wrong is listed with file, line and column, and then nothing has changed. The same again
    changes nothing. `tocsin estate export` writes files that come in again unchanged.

    Example: `tocsin estate import places.csv equipment.csv --dry-run`
    """
    from cloud.application.estates.import_estate import GivenFile

    given = [GivenFile(file.name, _content(file)) for file in files]
    with plain_errors(), opened(config, data) as state:
        target = estate or _only(state.units)
        done = state.files(target, given, None, dry_run=dry_run, actor=actor())
    if as_json:
        typer.echo(json.dumps(asdict(done), ensure_ascii=False, indent=2))
        return
    for warning in done.warnings:
        typer.echo(f"Warning: {warning}.", err=True)
    for line in told(done):
        typer.echo(line)


def give(
    estate: Annotated[str, typer.Argument(metavar="ESTATE", help="The estate's id.")],
    to: Annotated[Path, typer.Option(help="The folder into which the files go.")] = Path(),
    config: Config = None,
    data: Data = None,
) -> None:
    """Write an estate as files: estate.yaml, which is all of it, and each table as CSV.

    How members are reached is personal data and is not in them; whoever is known keeps it when the file comes back.
    """
    with plain_errors(), opened(config, data) as state:
        files = state.files.export(estate, None)
    try:
        to.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (to / name).write_bytes(content)
    except OSError as error:
        typer.echo(f"{to} cannot be written to: {error}", err=True)
        raise typer.Exit(BAD_SETTINGS) from error
    typer.echo(f"Estate {estate}: {len(files)} files in {to}.")


def told(done: Imported) -> Sequence[str]:
    """What came of it, a line for each sort of thing."""
    if not done.changes:
        return [f"Estate {done.estate}: unchanged, version {done.version}."]
    head = "would become version" if done.tried else "is now version"
    lines = [f"Estate {done.estate} {head} {done.version}:"]
    for one in done.changes:
        parts = [
            f"{len(ids)} {what}"
            for what, ids in (("new", one.added), ("changed", one.edited), ("removed", one.removed))
            if ids
        ]
        lines.append(f"  {one.table}: {', '.join(parts)}")
        lines += [f"    removed {id_}" for id_ in one.removed]
    return [*lines, "Nothing was changed."] if done.tried else lines


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        typer.echo(f"{file} cannot be read: {error}", err=True)
        raise typer.Exit(BAD_SETTINGS) from error


def _only(units: UnitsOfWork) -> str | None:
    with units.reading() as uow:
        known = [one.id for one in uow.registers.estates()]
    return known[0] if len(known) == 1 else None
