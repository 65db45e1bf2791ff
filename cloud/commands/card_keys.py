"""`tocsin node card-key`: which key for card numbers an estate has, which node uses it, and a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cloud.commands.enrolment import Estate, actor
from cloud.commands.speaking import AsJson, Config, Data, opened, plain_errors, say_json

if TYPE_CHECKING:
    from cloud.application.fleet.card_key_questions import CardKeyView

app = typer.Typer()

DAY_S = 86400


@app.command("card-key")
def card_key(
    estate: Estate,
    *,
    rotate: Annotated[bool, typer.Option("--rotate", help="Make a new key; every node gets it by itself.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="With --rotate: even if cards that gates list would open nothing any more.")
    ] = False,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Say which card key an estate has and which node uses which, by name: no key is ever shown. 卡号密钥.

    A running cloud makes, sends and rotates it by itself.
    """
    with plain_errors(), opened(config, data) as state:
        if rotate:
            made = state.card_keys.rotate(estate, actor(), force=force)
            typer.echo(
                f"Estate {estate}: card key {made.id} is made; a running cloud sends it to every node.", err=as_json
            )
        found = state.card_keys.ask(estate, None)
        if as_json:
            say_json(_document(found))
            return
        for line in _lines(found):
            typer.echo(line)


def _document(view: CardKeyView) -> dict[str, Any]:
    current = view.current and {"key": view.current.key, "made_at": view.current.made_at}
    due = {"rotates_at": view.rotates_at, "automatic": view.automatic, "overdue": view.overdue}
    nodes = [{"node": one.node_id, "key": one.key, "age_s": one.age_s, "step": one.step} for one in view.nodes]
    return {"estate": view.estate, "current": current, **due, "nodes": nodes}


def _lines(view: CardKeyView) -> list[str]:
    if view.current is None or view.rotates_at is None:
        said = [f"Estate {view.estate} has no card key of its own yet."]
    else:
        how = "by itself" if view.automatic else "by hand: rotation is off in the settings"
        made, due = f"{view.current.made_at:%Y-%m-%d}", f"{view.rotates_at:%Y-%m-%d}"
        said = [f"Estate {view.estate}: card key {view.current.key}, made {made}; the next is due {due}, {how}."]
    if view.overdue:
        said.append("Somebody has to see to it: it is overdue, or a node does not come to it.")
    for node in view.nodes:
        age = "of unknown age" if node.age_s is None else f"{node.age_s / DAY_S:.0f} days old"
        said.append(f"{node.node_id:24} {node.key}  {age}  {node.step or 'no key to send yet'}")
    return said
