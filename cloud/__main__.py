"""The cloud's command line: run it, bring its database up to date, load an estate, let a member in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cloud.commands import accounts, database, duties, enrolment, estates, ledger, nodes, personal
from cloud.commands.progress import progress, read_lines
from cloud.commands.speaking import (
    BAD_SETTINGS,
    AsJson,
    Config,
    Data,
    given,
    opened,
    plain_errors,
    say_json,
    settings_from,
)
from cloud.process import become_server

app = typer.Typer(
    help="Tocsin's cloud: keeps what nodes say and brings hazards to the people responsible.\n\n"
    "A first run: `estate load estate.yaml`, then `run`, and make the first administrator with the code it prints.\n\n"
    "Every setting stands in a TOML file (--config) or a variable TOCSIN_…, such as TOCSIN_BROKER__HOST.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
member = typer.Typer(help="Members of the parties.", no_args_is_help=True)
app.add_typer(database.app, name="db")
app.add_typer(estates.app, name="estate")
app.add_typer(member, name="member")
app.add_typer(nodes.app, name="node")
app.add_typer(duties.app, name="duties")
app.add_typer(ledger.app, name="ledger")
app.add_typer(personal.app, name="personal")
app.add_typer(accounts.token, name="token")
app.command("setup")(accounts.setup)


@app.command()
def run(
    config: Config = None,
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="Where the board is served. [default: 8000]")] = None,
    broker_port: Annotated[int | None, typer.Option(help="The MQTT broker's port. [default: 1883]")] = None,
    console_answers: Annotated[
        bool,
        typer.Option("--console-answers", help="For trying out: what is printed here counts as reaching a member."),
    ] = False,
) -> None:
    """Serve the board, the interface and ingest until Ctrl-C.

    Without a broker it starts all the same, says so, and goes on trying; /readyz tells. The store is checked and brought
    up to date first.
    """
    duties = {"console_answers": console_answers or None}
    become_server(config, given(data, web={"port": port}, broker={"port": broker_port}, duties=duties))


@app.command("import-outbox")
def import_outbox(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `tocsin-edge outbox export` wrote.")],
    node: Annotated[str | None, typer.Option(help="Whose it was, ESTATE/NAME, if the file does not say.")] = None,
    *,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Store what was read out of the card of a dead node, each batch exactly once. 导入从故障节点存储卡读出的数据.

    Beside a running cloud too, which then takes it itself. What it has already stays as it is, so a file may be given twice.
    Alarms in it become dated incidents and call people only if the node says that they still stand.
    """
    from cloud.commands.importing import import_outbox as store
    from cloud.commands.importing import sentence

    with plain_errors():
        settings = settings_from(config, data)
        try:
            with (
                file.open(encoding="utf-8") as lines,
                file.open(encoding="utf-8") as again,
                progress(of="bytes", quiet=as_json) as told,
            ):
                watched = read_lines(lines, told, "storing", file.stat().st_size)
                said = store(settings, watched, node, lambda: again)
        except (OSError, UnicodeDecodeError) as error:
            typer.echo(f"{file} cannot be read: {error}", err=True)
            raise typer.Exit(BAD_SETTINGS) from error
    if as_json:
        say_json(said)
    else:
        typer.echo(sentence(said))


@app.command("reproject")
def reproject(
    hours: Annotated[float, typer.Option(min=0, help="How far back. What is kept for it is 48 hours.")] = 48,
    *,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Write readings to InfluxDB again. 向 InfluxDB 重新写入读数.

    What it has lost is noticed and written again without this. May be given while the cloud runs; writing a reading again changes nothing.
    """
    from cloud.bootstrap import project_again

    with plain_errors():
        count = project_again(settings_from(config, data), hours)
    if as_json:
        say_json({"readings": count, "hours": hours})
        return
    typer.echo(f"{count} readings are written again while the cloud runs; /metrics says how many still wait.")


member.command("reset-second-factor")(accounts.reset_second_factor)


@member.command("link")
def link(
    member_id: Annotated[str, typer.Argument(metavar="MEMBER", help="The member's id, such as duty-manager.")],
    *,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="The board's port, if it is not in the settings.")] = None,
) -> None:
    """Print a personal link that signs this member in. It is shown once; whoever holds it is the member."""
    with plain_errors():
        settings = settings_from(config, data, web={"port": port})
        with opened(config, data) as state:
            issued = state.sign_in.issue_link(member_id, actor=enrolment.actor())
        url = f"{settings.web.url}/enter/{issued.token}"
        if as_json:
            say_json({"member": member_id, "url": url})
        else:
            typer.echo(url)


def main() -> None:
    """The entry of `python -m cloud`."""
    from cloud.adapters.logging import set_up

    # Of its own accord structlog prints to standard output, which is for what was asked for.
    set_up(level="warning")
    app(prog_name="tocsin-cloud")


if __name__ == "__main__":
    main()
