"""tocsin-edge outbox: what waits to be delivered, here or on a card that was pulled out."""

from __future__ import annotations

import contextlib
import json
import sys
from pathlib import Path
from typing import Annotated, TextIO

import typer

from edge.commands.node_toml import DEFAULT, FAILED, AsJson, Config, load
from edge.commands.progress import watched
from edge.errors import EdgeError

outbox_app = typer.Typer(help="Look into what waits to be delivered.", no_args_is_help=True)


@outbox_app.command("status")
def outbox_status(config: Config = DEFAULT, *, as_json: AsJson = False) -> None:
    """How much waits in the outbox, and since when. Safe beside a running agent."""
    from edge.adapters.outbox_status import outbox_status_of, told

    settings = load(config)
    try:
        found = outbox_status_of(settings.outbox.path, int(settings.outbox.quota_mb * 1_000_000))
        typer.echo(json.dumps(found) if as_json else told(found))
    except EdgeError as error:
        typer.echo(f"tocsin-edge: {error}", err=True)
        raise typer.Exit(FAILED) from None


@outbox_app.command("export")
def outbox_export(
    path: Annotated[Path, typer.Option(help="The outbox file, for example on a card pulled out of a dead node.")],
    to: Annotated[Path | None, typer.Option(help="Where the lines go. [default: standard output]")] = None,
    node: Annotated[str | None, typer.Option(help="Whose it was, ESTATE/NAME, if the file does not say.")] = None,
) -> None:
    """Write what a pulled card holds as JSON lines. Needs no agent, no node.toml and no right to write on the card.
    把拔下的存储卡里尚未送达的数据导出为 JSON 行, 不需要代理程序, 也不写卡.

    Then, at the cloud: tocsin cloud import-outbox FILE. What the cloud has already is stored once all the same.
    """
    from edge.adapters.outbox_export import exported

    try:
        with exported(path, node) as (found, lines), _sink(to) as sink:
            for line in watched(lines, "reading the card"):
                sink.write(line + "\n")
    except (EdgeError, OSError) as error:
        typer.echo(f"tocsin-edge: {error}", err=True)
        raise typer.Exit(FAILED) from None
    for sentence in found.sentences():
        typer.echo(sentence, err=True)


def _sink(to: Path | None) -> contextlib.AbstractContextManager[TextIO]:
    return contextlib.nullcontext(sys.stdout) if to is None else to.open("w", encoding="utf-8")
