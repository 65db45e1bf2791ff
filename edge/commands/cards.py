"""tocsin-edge credential and card-key: what a card is called, and the key that it is hashed with."""

from __future__ import annotations

from typing import Annotated

import typer

from edge.commands.node_toml import BAD_CONFIG, DEFAULT, FAILED, Config, load
from edge.errors import EdgeError

card_key_app = typer.Typer(help="The key that card numbers are hashed with.", no_args_is_help=True)


def credential(
    site: Annotated[int, typer.Argument(metavar="SITE", help="Site (facility) code of the card.")],
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="Number of the card.")],
    config: Config = DEFAULT,
) -> None:
    """Print the keyed hash of a card, as `credentials` of a gate lists it. The number itself is written nowhere."""
    from edge.adapters.card_key import card_keys
    from edge.domain.wiegand import Card

    settings = load(config)
    if settings.privacy is None:
        typer.echo("tocsin-edge: node.toml has no [privacy] card_key_file, so there is no key to hash with", err=True)
        raise typer.Exit(BAD_CONFIG)
    try:
        typer.echo(card_keys(settings.privacy.card_key_file).listed(Card(site, number)))
    except EdgeError as error:
        typer.echo(f"tocsin-edge: {error}", err=True)
        raise typer.Exit(FAILED) from None


@card_key_app.command("rotate")
def rotate_card_key(config: Config = DEFAULT) -> None:
    """Make a new card key and keep the one before it, so that gates go on knowing the cards they list.

    The agent uses it from its next start. Nodes that compare cards share one file: rotate it at one, copy it to the others.
    """
    from edge.adapters.card_key import rotate

    settings = load(config)
    if settings.privacy is None:
        typer.echo("tocsin-edge: node.toml has no [privacy] card_key_file, so there is no key to rotate", err=True)
        raise typer.Exit(BAD_CONFIG)
    path = settings.privacy.card_key_file
    try:
        dropped = rotate(path)
    except EdgeError as error:
        typer.echo(f"tocsin-edge: {error}", err=True)
        raise typer.Exit(FAILED) from None
    typer.echo(
        f"{path}: a new card key. Copy the file to the estate's other nodes with readers and restart their agents."
    )
    typer.echo(
        "Until the next rotation gates also know cards by the key before; list them anew: tocsin-edge credential"
    )
    if dropped:
        typer.echo("The key before that one is forgotten: hashes made with it open nothing any more.")
