"""`tocsin node`: enrol nodes, replace their boards, shut them out, see until when they may speak."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Annotated

import typer

from cloud.commands.speaking import AsJson, Config, Data, opened, plain_errors, say_json
from cloud.domain.fleet.credential import RevocationReason

app = typer.Typer()

Estate = Annotated[str, typer.Argument(metavar="ESTATE", help="The estate's id, such as example.")]
NodeId = Annotated[str, typer.Argument(metavar="NODE", help="The node's id in the estate's file, such as b1-node.")]


@app.command("enroll")
def enroll(estate: Estate, node: NodeId, *, as_json: AsJson = False, config: Config = None, data: Data = None) -> None:
    """Print a claim code that enrols this node once. It is shown now and never again; the last one given is void."""
    _claim(estate, node, config, data, replaces=False, as_json=as_json)


@app.command("replace")
def replace(estate: Estate, node: NodeId, *, as_json: AsJson = False, config: Config = None, data: Data = None) -> None:
    """Print a claim code for a board that takes this node's place.

    Once it is enrolled the old board may only deliver its backlog: that is stored, and nothing of it calls anybody.
    """
    _claim(estate, node, config, data, replaces=True, as_json=as_json)


@app.command("revoke")
def revoke(
    estate: Estate,
    node: NodeId,
    *,
    drained_only: Annotated[bool, typer.Option("--old-board", help="Only boards that were replaced.")] = False,
    reason: Annotated[RevocationReason, typer.Option(help="Why; it stands in the ledger.")] = RevocationReason.OTHER,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Shut a node out: its credentials and claim codes are void at once, and the running cloud disconnects it."""
    with plain_errors():
        with opened(config, data) as state:
            ended = state.enrolling.revoke(estate, node, actor=actor(), drained_only=drained_only, reason=reason)
        if as_json:
            say_json({"estate": estate, "node": node, "revoked": ended})
            return
        typer.echo(
            f"Node {node} of {estate}: {ended} credentials revoked. What it still had to deliver is not taken any more."
        )


@app.command("list")
def list_nodes(estate: Estate, *, as_json: AsJson = False, config: Config = None, data: Data = None) -> None:
    """What the nodes of an estate speak with, and until when."""
    with plain_errors():
        with opened(config, data) as state:
            found = state.enrolling.credentials(estate, None)
        if as_json:
            say_json(
                [
                    {
                        "node": one.node_id,
                        "state": one.state,
                        "enrolled_at": one.enrolled_at,
                        "expires_at": one.expires_at,
                        "id": one.id,
                    }
                    for one in found
                ]
            )
            return
        if not found:
            typer.echo(f"No node of {estate} is enrolled: any node its broker lets in is heard.", err=True)
        for one in found:
            typer.echo(
                f"{one.node_id:24} {one.state.value:9} enrolled {one.enrolled_at:%Y-%m-%d}  "
                f"certificate until {one.expires_at:%Y-%m-%d}  {one.id}"
            )


def _claim(estate: str, node: str, config: Path | None, data: Path | None, *, replaces: bool, as_json: bool) -> None:
    with plain_errors():
        with opened(config, data) as state:
            issued = state.enrolling.issue(estate, node, actor=actor(), replaces=replaces)
            command = state.enrolling.command(issued.code)
        if as_json:
            until = issued.claim.expires_at
            say_json({"estate": estate, "node": node, "code": issued.code, "expires_at": until, "command": command})
            return
        typer.echo(
            f"Claim code for node {node} of {estate}, good once until {issued.claim.expires_at:%Y-%m-%d %H:%M} UTC:"
        )
        typer.echo(f"\n    {issued.code}\n\nAt the node:\n\n    {command}\n")


def actor() -> str:
    """Who sits at the machine: whoever may open the database may do all this, and the ledger says so."""
    return f"operator:{getpass.getuser()}"[:128]
