"""`tocsin ledger`: export the record of an estate, and check an export on any machine, without a database."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from cloud.commands.progress import progress, stoppable
from cloud.commands.speaking import BAD_SETTINGS, FAILED, AsJson, Config, Data, opened, plain_errors
from cloud.domain.records.examination import Examined, examine, published_as
from cloud.domain.records.ledger_file import Header

if TYPE_CHECKING:
    from cloud.application.ledger.export_ledger import Export

app = typer.Typer(
    help="The ledger: what happened, entry by entry, each sealing all before it. 存证日志的导出与核验。\n\n"
    "An export is one file of JSON Lines. Whoever has it, and a head that was published before (the public page, the Atom"
    " feed, the footer of every page), can check that nothing in it was changed since - on any machine.",
    no_args_is_help=True,
)

STDOUT = Path("-")


@app.command("export")
def export(
    estate: Annotated[str, typer.Argument(metavar="ESTATE", help="The estate's id, such as example.")],
    *,
    to: Annotated[Path, typer.Option("--to", help="The file to write; - is standard output.")],
    since: Annotated[int, typer.Option(min=0, help="Leave out the entries up to this one.")] = 0,
    until: Annotated[int | None, typer.Option(min=0, help="The last entry. [default: the newest]")] = None,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Write an estate's ledger to a file, while the cloud runs or not. 导出存证日志.

    The first line names the estate, the range and the head; then comes one entry a line. No personal data is in it.
    The file appears under its name only when it is whole.

    Example: `tocsin ledger export example --to ledger.jsonl`
    """
    with plain_errors(), stoppable(f"{to} was not written."), opened(config, data) as state:
        export = state.export(estate, None, since=since, until=until)
        try:
            _write(export, to)
        except OSError as error:
            typer.echo(f"{to} cannot be written ({error.strerror}). Name another file with --to.", err=True)
            raise typer.Exit(BAD_SETTINGS) from error
    header = export.header
    told = {"estate": estate, "first": header.first, "last": header.last, "head": f"{header.last}:{header.head}"}
    if as_json:
        typer.echo(json.dumps({**told, "file": str(to)}), err=to == STDOUT)
    else:
        typer.echo(f"{export.entries} entries of {estate} are in {to}; the head is {told['head']}", err=True)


@app.command("verify")
def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `tocsin ledger export` wrote; - is standard input.")
    ],
    *,
    head: Annotated[
        str | None,
        typer.Option(help="A head that was published: SEQ:HASH or the hash alone. Without it the end may be cut off."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check an exported ledger; no database is needed. 核验导出的存证日志.

    Every entry must give its own hash, continue the one before it and stand in its place; the first that does not is
    named with what to do. With --head the file is held against what was published: only that finds a chain that was
    rewritten as a whole, or whose end was cut off.

    Ends with 0 when everything fits, with 1 when something does not, with 2 when it could not be checked.

    Example: `tocsin ledger verify ledger.jsonl --head 1024:9f86d081…`
    """
    try:
        published = published_as(head) if head else None
        with (
            stoppable("Nothing was found out."),
            _reading(file) as lines,
            progress(of="entries", quiet=as_json) as shown,
        ):

            def step(count: int, header: Header) -> None:
                if count % 1000 == 0:
                    shown("checking", count, header.last - header.first + 1)

            done = examine(lines, published, step)
    except ValueError as error:
        typer.echo(f"--head: {error}", err=True)
        raise typer.Exit(BAD_SETTINGS) from error
    except OSError as error:
        typer.echo(f"{file} cannot be read ({error.strerror}). Give the file that the export wrote.", err=True)
        raise typer.Exit(BAD_SETTINGS) from error
    typer.echo(json.dumps(_as_json(done, compared=head is not None)) if as_json else _told(done, file, head))
    if done.finding is not None:
        raise typer.Exit(FAILED)


def _write(export: Export, to: Path) -> None:
    if to == STDOUT:
        sys.stdout.writelines(export.lines)
        return
    part = to.with_name(to.name + ".part")
    with part.open("w", encoding="utf-8", newline="\n") as out, progress(of="entries") as shown:
        for number, line in enumerate(export.lines):
            out.write(line)
            if number % 1000 == 0:
                shown("exporting", number, export.entries)
        out.flush()
        os.fsync(out.fileno())
    part.replace(to)


@contextmanager
def _reading(file: Path) -> Iterator[TextIO]:
    """Bytes that are no UTF-8 are kept as signs that no entry has, so that the entry they stand in is named."""
    if file == STDOUT:
        # Standard input is a TextIOWrapper wherever a command runs; its declared type is any text.
        sys.stdin.reconfigure(encoding="utf-8", errors="replace", newline="\n")  # type: ignore[union-attr] # a file in every run of ours
        yield sys.stdin
        return
    with file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        yield lines


def _told(done: Examined, file: Path, head: str | None) -> str:
    if done.finding is not None:
        found = done.finding
        return (
            f"DOES NOT FIT 不符: {file}, line {found.line}, entry {found.seq} ({found.fault}).\n"
            f"  What: {found.reason}.\n  Before it {done.checked} entries fit.\n  What to do: {found.remedy}"
        )
    assert done.header is not None
    header = done.header
    lines = [
        f"FITS 核验通过: {done.checked} entries of {header.estate}, {header.first} to {header.last}.",
        f"  Head: {done.head.seq}:{done.head.hash}",
    ]
    if head is None:
        lines.append("  Not compared with a published head: give one with --head to know that the end was not cut off.")
    else:
        lines.append("  It agrees with the published head.")
    if header.first > 1:
        lines.append(f"  What came before entry {header.first} is not in the file and was not checked.")
    return "\n".join(lines)


def _as_json(done: Examined, *, compared: bool) -> dict[str, Any]:
    found, header = done.finding, done.header
    return {
        "fits": found is None,
        "estate": header.estate if header else None,
        "first": header.first if header else None,
        "checked": done.checked,
        "head": f"{done.head.seq}:{done.head.hash}",
        "compared_with_published_head": compared,
        "finding": found
        and {
            "seq": found.seq,
            "line": found.line,
            "fault": found.fault.value,
            "reason": found.reason,
            "remedy": found.remedy,
        },
    }
