"""`tocsin personal`: what is kept of people beside the ledger, and its erasure."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from cloud.commands.enrolment import actor
from cloud.commands.speaking import AsJson, Config, Data, opened, plain_errors
from cloud.domain.records.personal import Ground

app = typer.Typer(
    help="Personal data: notes' words, contacts, names of reporters, words of offers, needs and small tasks. 个人信息。\n\n"
    "The ledger holds salted digests of it only, so it can be erased and the chain still verifies.",
    no_args_is_help=True,
)

Estate = Annotated[str, typer.Argument(metavar="ESTATE", help="The estate's id, such as example.")]


@app.command("list")
def list_kept(
    estate: Estate,
    *,
    subject: Annotated[str | None, typer.Option(help="Only what is kept of this person, such as member:guard.")] = None,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """What is kept, of whom and since when - not the words themselves. 列出保存的个人信息（不含内容）."""
    with plain_errors(), opened(config, data) as state:
        found = state.personal(estate, None, subject=subject)
    if as_json:
        rows = [
            {"id": one.id, "subject": one.subject, "class": one.sort, "at": one.at.isoformat(), "incident": one.incident_id,
             "erased_at": one.erased_at.isoformat() if one.erased_at else None}
            for one in found
        ]  # fmt: skip
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    for one in found:
        state_ = f"erased {one.erased_at:%Y-%m-%d}" if one.erased_at else "kept"
        typer.echo(f"{one.id}  {one.sort:9} {one.subject:32} {one.at:%Y-%m-%d %H:%M}Z  {state_}")
    if not found:
        typer.echo(f"Nothing personal is kept in {estate}{f' of {subject}' if subject else ''}.", err=True)


@app.command("erase")
def erase(
    estate: Estate,
    subject: Annotated[
        str | None,
        typer.Argument(metavar="[PERSON]", help="Whose: the key that `personal list` shows, such as member:guard."),
    ] = None,
    *,
    record: Annotated[str | None, typer.Option(help="Only this piece, by its id.")] = None,
    ground: Annotated[Ground, typer.Option(help="Why: the person asked, or an authority ordered it.")] = Ground.ASKED,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask again.")] = False,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Erase a person's data, or one piece of it, for good. 永久删除个人信息.

    The ledger gains an entry that says that, when and by whom; timelines say "erased" where the words stood. Backups made
    before still hold them: they go when your backups do. Contacts that stand in the estate's file come back with it: take
    them out there too.

    Examples: `tocsin personal erase example member:guard`, `tocsin personal erase example --record 0198…`
    """
    with plain_errors(), opened(config, data) as state:
        if not yes:
            typer.confirm(f"Erase {subject or record} in {estate} for good?", abort=True, err=True)
        done = state.erase(estate, subject=subject, record=record, actor=actor(), ground=ground, cause="command-line")
    if as_json:
        typer.echo(json.dumps({"estate": estate, "erased": done.erased, "already": done.already, "seq": done.seq}))
        return
    before = f"; {done.already} had been erased before" if done.already else ""
    typer.echo(f"{done.erased} pieces were erased{before}. The ledger says so up to entry {done.seq}.")
