"""`tocsin node config push` and `pushed`: one change to several nodes, checked at each, sent in one rollout, and followed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cloud.commands.speaking import FAILED, AsJson, Config, Data, opened, plain_errors, say_json
from cloud.errors import Invalid

if TYPE_CHECKING:
    from cloud.application.fleet.configure_nodes import Checked, ConfigureNodes, Done
    from cloud.state import State  # imported when a command needs it: it brings the database

app = typer.Typer()
Estate = Annotated[str, typer.Argument(metavar="ESTATE", help="The estate's id, such as example.")]


@app.command("push")
def push(
    estate: Estate,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The change: YAML or JSON with document, rules or both.")
    ],
    node: Annotated[
        list[str] | None, typer.Option(help="This node; several times. [default: all that are chosen]")
    ] = None,
    *,
    building: Annotated[str, typer.Option(help="Nodes within this place, such as binhai/example/b3.")] = "",
    kind: Annotated[str, typer.Option(help="Nodes with equipment of this kind, such as lift.")] = "",
    agent: Annotated[str, typer.Option(help="Nodes that run this version of the program.")] = "",
    version: Annotated[int | None, typer.Option(min=0, help="Nodes that run this version of their document.")] = None,
    leave_out: Annotated[
        bool, typer.Option("--leave-out-faulty", help="Send it to the others where some cannot take it.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Show what would change, and send nothing.")] = False,
    reason: Annotated[str, typer.Option(help="Why, for the history.")] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Change several nodes in one rollout. 批量更改节点.

    Each is checked first and its difference shown; where one has a fault, none is sent it, unless it is left out. FILE has what is
    merged into each document under document, and what is set in rules under rules, by hazard or by name, such as
    rules: [{rule: held-open, set: {on_delay_s: 90}}]

    Given again after an interruption it changes nothing twice.
    """
    from cloud.application.fleet.configure_nodes import Choice
    from cloud.domain.duties.register import EquipmentKind

    with plain_errors(), opened(config, data) as state:
        several = _several(state)
        if kind and kind not in list(EquipmentKind):
            raise Invalid("The nodes were not chosen.", [f"--kind: one of {', '.join(EquipmentKind)}, not {kind!r}"])
        choice = Choice(building, EquipmentKind(kind) if kind else None, agent, version)
        nodes = node or [one.id for one in several.candidates(estate, None, choice)]
        change = several.read(_text(file))
        found = several.check(estate, change, nodes, None)
        faulty, sound = [one for one in found if one.faults], [one for one in found if one.lines]
        if not as_json:
            _show(found)
        if check or (faulty and not leave_out) or not sound:
            if as_json:
                say_json({"nodes": [_checked(one) for one in found]})
            raise typer.Exit(FAILED if faulty and not leave_out else 0)
        if not (yes or as_json):
            typer.confirm(f"Send it to {len(sound)} nodes?", abort=True, err=True)
        wanted: dict[str, int | None] = {one.node.id: one.seen for one in sound}
        _tell(
            estate,
            several.push(estate, change, wanted, None, rollout=str(uuid.uuid4()), reason=reason),
            as_json=as_json,
        )


@app.command("pushed")
def pushed(
    estate: Estate,
    rollout: Annotated[
        str | None, typer.Argument(metavar="[ROLLOUT]", help="As `push` prints it. [default: the last]")
    ] = None,
    *,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """How far each node is with a change that several were sent. 查看批量更改的进展."""
    with plain_errors(), opened(config, data) as state:
        several = _several(state)
        last = next(iter(several.rollouts(estate, None, 1)), None) if rollout is None else None
        if rollout is None and last is None:
            raise Invalid("Nothing was sent to several nodes yet.", ["send something with `tocsin node config push`"])
        _tell(estate, several.follow(estate, rollout or (last.id if last else ""), None), as_json=as_json)


def _several(state: State) -> ConfigureNodes:
    from cloud.adapters.estate_file.node_text import YamlDocument
    from cloud.application.fleet.configure_nodes import ConfigureNodes

    return ConfigureNodes(state.units, state.configure, YamlDocument)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} cannot be read: {error}. Check its path and rights.") from error


def _show(found: Sequence[Checked]) -> None:
    for one in found:
        if one.faults:
            typer.echo(f"{one.node.id}: cannot take it", err=True)
            for fault in one.faults:
                typer.echo(f"  - {fault}", err=True)
        elif one.same:
            typer.echo(f"{one.node.id}: says the same already", err=True)
        else:
            typer.echo(f"{one.node.id}: version {one.seen} would become")
            for line in one.lines:
                mark = {"added": "+", "removed": "-", "left-out": "…"}.get(line.kind, " ")
                typer.echo(f"  {mark} {line.text}")


def _tell(estate: str, done: Done, *, as_json: bool) -> None:
    if as_json:
        told = [
            {"node": one.node.id, "version": one.version, "progress": one.progress, "detail": one.detail}
            for one in done.nodes
        ]
        say_json({"rollout": done.rollout.id, "nodes": told, "unwritten": done.unwritten})
    else:
        for one in done.nodes:
            typer.echo(
                f"{one.node.id:24} version {one.version:4}  {one.progress}{f': {one.detail}' if one.detail else ''}"
            )
        for id_, why in done.unwritten.items():
            typer.echo(f"{id_:24} not written: {'; '.join(why)}", err=True)
        typer.echo(f"Follow it with `tocsin node config pushed {estate} {done.rollout.id}`.", err=True)
    if done.unwritten:
        raise typer.Exit(FAILED)


def _checked(one: Checked) -> dict[str, Any]:
    lines = [f"{line.kind}: {line.text}" for line in one.lines if line.kind in ("added", "removed")]
    return {"node": one.node.id, "version": one.seen, "faults": list(one.faults), "differences": lines}
