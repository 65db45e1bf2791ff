"""`tocsin node config …` and `tocsin node command`: what a node is told to be, and what is asked of it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from cloud.commands import rollouts
from cloud.commands.speaking import FAILED, AsJson, Config, Data, opened, plain_errors, say_json
from cloud.domain.fleet.order import OrderState
from cloud.errors import Invalid
from schemas.commands import Action

if TYPE_CHECKING:
    from cloud.state import State  # imported when a command needs it: it brings the database

app = typer.Typer()
config_app = typer.Typer(help="A node's configuration, version by version.", no_args_is_help=True)
app.add_typer(config_app, name="config")
config_app.add_typer(rollouts.app)

NodeName = Annotated[str, typer.Argument(metavar="NODE", help="ESTATE/NODE, or NODE where there is one estate.")]


@config_app.command("show")
def show(name: NodeName, config: Config = None, data: Data = None) -> None:
    """Print the latest document, as JSON that `set` takes, and on standard error whether the node goes by it."""
    with plain_errors(), opened(config, data) as state:
        estate_id, node_id = address_of(state, name)
        found = state.nodes.configuration(estate_id, node_id, None)
        latest = f"version {found.latest.version} is the latest" if found.latest else "nothing is known of it yet"
        typer.echo(f"Node {node_id} runs version {found.running}; {latest}: {found.standing}.", err=True)
        if found.document is not None:
            typer.echo(json.dumps(found.document, ensure_ascii=False, indent=2))


@config_app.command("set")
def put(
    name: NodeName,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A whole document: JSON, or a node.toml, of which [config] is taken.")
    ],
    reason: Annotated[str, typer.Option(help="Why, for the history.")] = "",
    *,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Issue a document as the next version. A running cloud tells the node within a second."""
    from cloud.adapters.estate_file.node_document import read_node_document

    with plain_errors(), opened(config, data) as state:
        estate_id, node_id = address_of(state, name)
        issued = state.configure.put(estate_id, node_id, read_node_document(file), None, reason=reason)
        if as_json:
            say_json({"node": node_id, "version": issued.version})
        else:
            typer.echo(f"Node {node_id}: version {issued.version} is issued.")


@config_app.command("history")
def history(name: NodeName, *, as_json: AsJson = False, config: Config = None, data: Data = None) -> None:
    """List the versions, newest first: who issued each, when and why, and what the node answered."""
    with plain_errors(), opened(config, data) as state:
        estate_id, node_id = address_of(state, name)
        versions = state.nodes.versions(estate_id, node_id, None)
        if as_json:
            told = ("version", "at", "by", "reason", "outcome", "detail")
            say_json([{key: getattr(one, key) for key in told} for one in versions])
            return
        for one in versions:
            answer = ": ".join(filter(None, (one.outcome, one.detail))) if one.outcome else "no answer yet"
            typer.echo(f"{one.version:6}  {one.at:%Y-%m-%d %H:%M:%S}Z  {one.by}  {one.reason or '-'}  [{answer}]")


@config_app.command("rollback")
def rollback(
    name: NodeName,
    version: Annotated[
        int, typer.Argument(metavar="VERSION", min=1, help="The version whose content is issued again.")
    ],
    *,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Issue the content of an earlier version under a higher one."""
    with plain_errors(), opened(config, data) as state:
        estate_id, node_id = address_of(state, name)
        issued = state.configure.go_back(estate_id, node_id, version, None)
        if as_json:
            say_json({"node": node_id, "version": issued.version, "as": version})
            return
        typer.echo(f"Node {node_id}: version {issued.version} is issued, with the content of version {version}.")


@app.command("command")
def command(
    name: NodeName,
    action: Annotated[str, typer.Argument(metavar="ACTION", help=f"One of {', '.join(get_args(Action))}.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME=VALUE]...", help="Such as equipment=b1/smoke-1 seconds=30.")
    ] = None,
    *,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Ask something of a node, wait for its answer, and say it. A running cloud passes it on; it expires after a minute."""
    with plain_errors(), opened(config, data) as state:
        estate_id, node_id = address_of(state, name)
        if action not in get_args(Action):
            raise Invalid(
                "The command was not asked.", [f"action: one of {', '.join(get_args(Action))}, not {action!r}"]
            )
        order = state.command(estate_id, node_id, cast("Action", action), _arguments(arguments or []), None)
        typer.echo(f"Asked ({order.id}); waiting for the answer.", err=True)
        while (answer := state.nodes.order(order.id)).state is OrderState.WAITING:
            time.sleep(0.2)
        if as_json:
            about = {"node": node_id, "action": action, "state": answer.state, "detail": answer.detail}
            say_json({"id": order.id, **about})
        else:
            typer.echo(f"{answer.state}: {answer.detail}" if answer.detail else f"{answer.state}")
        if answer.state is not OrderState.DONE:
            raise typer.Exit(FAILED)


def address_of(state: State, name: str) -> tuple[str, str]:
    given, slash, node_id = name.partition("/")
    if slash:
        return given, node_id
    estates = state.nodes.estates()
    if len(estates) != 1:
        raise Invalid(
            "It is not clear which node is meant.", [f"NODE: say ESTATE/{name}; estates: {', '.join(estates)}"]
        )
    return estates[0], name


def _arguments(given: list[str]) -> dict[str, str | float | bool]:
    pairs = dict(one.partition("=")[::2] for one in given)
    return {name: float(value) if value.replace(".", "", 1).isdigit() else value for name, value in pairs.items()}
