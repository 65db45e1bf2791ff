"""`tocsin node`: enrol nodes, replace their boards, shut them out, see until when they may speak."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from cloud.errors import CloudError
from cloud.settings import CloudSettings, load_settings

_FAILED: Final = 2

app = typer.Typer(
    help="Which nodes may speak: enrol them, replace a board, shut one out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Config = Annotated[Path | None, typer.Option("--config", "-c", help="The cloud's TOML file of settings.")]
Data = Annotated[Path | None, typer.Option("--data", help="Where the cloud keeps everything. [default: tocsin-data]")]
Estate = Annotated[str, typer.Argument(metavar="ESTATE", help="The estate's id, such as example.")]
NodeId = Annotated[str, typer.Argument(metavar="NODE", help="The node's id in the estate's file, such as b1-node.")]


@app.command("enroll")
def enroll(estate: Estate, node: NodeId, config: Config = None, data: Data = None) -> None:
    """Print a claim code that enrols this node once. It is shown now and never again; the last one given is void."""
    _claim(estate, node, config, data, replaces=False)


@app.command("replace")
def replace(estate: Estate, node: NodeId, config: Config = None, data: Data = None) -> None:
    """Print a claim code for a board that takes this node's place.

    Once it is enrolled the old board may only deliver its backlog: that is stored, and nothing of it calls anybody.
    """
    _claim(estate, node, config, data, replaces=True)


@app.command("revoke")
def revoke(
    estate: Estate,
    node: NodeId,
    *,
    drained_only: Annotated[bool, typer.Option("--old-board", help="Only boards that were replaced.")] = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Shut a node out: its credentials and claim codes are void at once, and the running cloud disconnects it."""
    from cloud.state import open_state

    with _plain_errors():
        state = open_state(_settings(config, data))
        try:
            ended = state.enrolling.revoke(estate, node, actor=_actor(), drained_only=drained_only)
        finally:
            state.close()
        typer.echo(
            f"Node {node} of {estate}: {ended} credentials revoked. What it still had to deliver is not taken any more."
        )


@app.command("list")
def list_nodes(estate: Estate, config: Config = None, data: Data = None) -> None:
    """What the nodes of an estate speak with, and until when."""
    from cloud.state import open_state

    with _plain_errors():
        state = open_state(_settings(config, data))
        try:
            found = state.enrolling.credentials(estate, None)
        finally:
            state.close()
        if not found:
            typer.echo(f"No node of {estate} is enrolled: any node its broker lets in is heard.")
        for one in found:
            typer.echo(
                f"{one.node_id:24} {one.state.value:9} enrolled {one.enrolled_at:%Y-%m-%d}  "
                f"certificate until {one.expires_at:%Y-%m-%d}  {one.id}"
            )


def _claim(estate: str, node: str, config: Path | None, data: Path | None, *, replaces: bool) -> None:
    from cloud.state import open_state

    with _plain_errors():
        settings = _settings(config, data)
        state = open_state(settings)
        try:
            issued = state.enrolling.issue(estate, node, actor=_actor(), replaces=replaces)
            command = state.enrolling.command(issued.code)
        finally:
            state.close()
        typer.echo(
            f"Claim code for node {node} of {estate}, good once until {issued.claim.expires_at:%Y-%m-%d %H:%M} UTC:"
        )
        typer.echo(f"\n    {issued.code}\n\nAt the node:\n\n    {command}\n")


def _actor() -> str:
    """Who sits at the machine: whoever may open the database may do all this, and the ledger says so."""
    return f"operator:{getpass.getuser()}"[:128]


def _settings(config: Path | None, data: Path | None) -> CloudSettings:
    return load_settings(config, **({"data": data} if data is not None else {}))


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except CloudError as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(_FAILED) from error
