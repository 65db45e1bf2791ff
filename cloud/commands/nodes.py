"""`tocsin node`: which nodes may speak, what each is told to be, and what is asked of it."""

from __future__ import annotations

import typer

from cloud.commands import card_keys, enrolment, orders

app = typer.Typer(
    help="Nodes: which may speak, what each is told to be, and what is asked of it. 节点。", no_args_is_help=True
)
app.add_typer(enrolment.app)
app.add_typer(orders.app)
app.add_typer(card_keys.app)
