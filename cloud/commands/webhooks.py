"""`tocsin webhook`: other systems that are told what an estate's ledger gains, kept without signing in anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cloud.application.notices.webhook_book import Kept, WebhookBook
from cloud.commands.enrolment import actor
from cloud.commands.speaking import AsJson, Config, Data, opened, plain_errors, say_json, settings_from

app = typer.Typer(
    help="Webhooks: other systems that are told what an estate's ledger gains. 向其他系统推送。\n\n"
    "Who runs the estate keeps them on the page Webhooks too, and tries them out there. The ledger says who did it.",
    no_args_is_help=True,
)

Estate = Annotated[str, typer.Argument(metavar="ESTATE", help="The estate's id, such as example.")]
WebhookId = Annotated[str, typer.Argument(metavar="ID", help="As `webhook list` shows it.")]
NOBODY: Final = ""
MOST: Final = 10_000
"""Of what was given up at one time; who has more gives the command again."""


@app.command("list")
def list_kept(estate: Estate, *, as_json: AsJson = False, config: Config = None, data: Data = None) -> None:
    """Where what is told, and how it fares - never the secrets. 列出 webhook."""
    with _book(config, data) as book:
        found = book.kept(estate, NOBODY, untaken=1)
    if as_json:
        say_json([_row(one) for one in found])
        return
    for one in found:
        hook, tally = one.webhook, one.tally
        state = "gone" if hook.gone_at else "on" if hook.active else "off"
        taken = f"last accepted {tally.taken_at:%Y-%m-%d %H:%M}Z" if tally.taken_at else "accepted nothing yet"
        kinds = f"{len(hook.kinds)} kind{'s' * (len(hook.kinds) > 1)}" if hook.kinds else "every kind"
        fares = f"{tally.waiting} on the way, {tally.given_up} given up"
        typer.echo(f"{hook.id}  {state:4}  {hook.url}  {kinds} for {hook.party_id}; {taken}, {fares}")
        for failed in one.untaken:
            typer.echo(f"    {failed.why}")
    if not found:
        typer.echo(f"{estate} tells no other system anything.", err=True)


@app.command("add")
def add(
    estate: Estate,
    url: Annotated[str, typer.Argument(metavar="URL", help="Its address, which begins with https://.")],
    *,
    member: Annotated[str, typer.Option(help="For whom: it is told what this member's party sees.")],
    kind: Annotated[
        list[str] | None,
        typer.Option(help="A kind of ledger entry, such as task.routed; several times. [default: all]"),
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Tell another system what happens from now on. Its secret is printed, this once. 添加 webhook.

    Example: `tocsin webhook add example https://hooks.example/tocsin --member duty-manager --kind incident.opened`
    """
    with _book(config, data) as book:
        shown = book.add(estate, url, kind or [], member)
    if as_json:
        say_json({"id": shown.webhook.id, "secret": shown.secret})
    else:
        typer.echo(shown.secret)
        typer.echo(f"Webhook {shown.webhook.id} is told from now on. The secret is not shown again.", err=True)


@app.command("remove")
def remove(estate: Estate, webhook: WebhookId, *, config: Config = None, data: Data = None) -> None:
    """Tell it nothing more; what waits for it is not sent. 删除 webhook."""
    with _book(config, data) as book:
        book.remove(estate, webhook, NOBODY)
    typer.echo(f"Webhook {webhook} is told nothing any more.")


@app.command("again")
def again(
    estate: Estate, webhook: WebhookId, *, as_json: AsJson = False, config: Config = None, data: Data = None
) -> None:
    """Send once more all that was given up, each under its former id: after a long outage there. 重新发送已放弃的内容."""
    with _book(config, data) as book:
        given_up = book.given_up(estate, webhook, NOBODY, limit=MOST)
        for one in given_up:
            book.again(estate, webhook, one.id, NOBODY)
    if as_json:
        say_json({"webhook": webhook, "again": len(given_up)})
    else:
        typer.echo(f"{len(given_up)} entries are sent once more to webhook {webhook}, by the running cloud.")


@contextmanager
def _book(config: Path | None, data: Path | None) -> Iterator[WebhookBook]:
    from cloud.adapters.clock import SystemClock
    from cloud.adapters.notify.outward import Limits, Outward
    from cloud.adapters.notify.webhooks import WebhookPoster
    from cloud.application.identifiers import RandomIds

    with plain_errors():
        limits = settings_from(config, data).notify.webhooks
        poster = WebhookPoster(Outward(Limits(http=limits.allow_http, loopback=limits.allow_loopback)))
        with opened(config, data) as state:
            yield WebhookBook(state.units, SystemClock(), RandomIds(), poster, operator=actor())


def _row(one: Kept) -> dict[str, Any]:
    hook, tally = one.webhook, one.tally
    return {
        "id": hook.id, "url": hook.url, "kinds": sorted(hook.kinds), "party": hook.party_id, "active": hook.active,
        "gone_at": hook.gone_at, "taken_at": tally.taken_at, "waiting": tally.waiting, "given_up": tally.given_up,
        "why": next((failed.why for failed in one.untaken), None),
    }  # fmt: skip
