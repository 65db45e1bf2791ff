"""The cloud's command line: run it, bring its database up to date, load an estate, let a member in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cloud.commands import accounts, card_keys, duties, enrolment, estates, ledger, orders, personal
from cloud.commands.speaking import BAD_SETTINGS, Config, Data, given, plain_errors, settings_from
from cloud.process import become_server

app = typer.Typer(
    help="Tocsin's cloud: keeps what nodes say and brings hazards to the people responsible.\n\n"
    "A first run: `estate load estate.yaml`, then `run`, and make the first administrator with the code it prints.\n\n"
    "Every setting stands in a TOML file (--config) or a variable TOCSIN_…, such as TOCSIN_BROKER__HOST.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
db = typer.Typer(help="The database.", no_args_is_help=True)
estate = typer.Typer(help="Estates: their places, parties, equipment and duties.", no_args_is_help=True)
member = typer.Typer(help="Members of the parties.", no_args_is_help=True)
app.add_typer(db, name="db")
app.add_typer(estate, name="estate")
app.add_typer(member, name="member")
estate.command("import")(estates.take)
estate.command("export")(estates.give)
node = typer.Typer(
    help="Nodes: which may speak, what each is told to be, and what is asked of it.", no_args_is_help=True
)
node.add_typer(enrolment.app)
node.add_typer(orders.app)
node.add_typer(card_keys.app)
app.add_typer(node, name="node")
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
    file: Annotated[Path, typer.Argument(help="What `tocsin-edge outbox export` wrote.")],
    node: Annotated[str | None, typer.Option(help="Whose it was, ESTATE/NAME, if the file does not say.")] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Store what was read out of the card of a dead node, each batch exactly once. 导入从故障节点存储卡读出的数据.

    Beside a running cloud too, which then takes it itself. What it has already stays as it is, so a file may be given twice.
    Alarms in it become dated incidents and call people only if the node says that they still stand.
    """
    from cloud.commands.importing import import_outbox as store

    with plain_errors():
        settings = settings_from(config, data)
        try:
            with file.open(encoding="utf-8") as lines, file.open(encoding="utf-8") as again:
                said = store(settings, lines, node, lambda: again)
        except (OSError, UnicodeDecodeError) as error:
            typer.echo(f"{file} cannot be read: {error}", err=True)
            raise typer.Exit(BAD_SETTINGS) from error
    typer.echo(said)


@app.command("reproject")
def reproject(
    hours: Annotated[float, typer.Option(min=0, help="How far back. What is kept for it is 48 hours.")] = 48,
    config: Config = None,
    data: Data = None,
) -> None:
    """Write readings to InfluxDB again. 向 InfluxDB 重新写入读数.

    What it has lost is noticed and written again without this. May be given while the cloud runs; writing a reading again changes nothing.
    """
    from cloud.bootstrap import project_again

    with plain_errors():
        count = project_again(settings_from(config, data), hours)
    typer.echo(f"{count} readings are written again while the cloud runs; /metrics says how many still wait.")


@db.command("upgrade")
def upgrade(config: Config = None, data: Data = None) -> None:
    """Bring the database to the newest shape. `run` does so too; this is for doing it beforehand."""
    from cloud.state import open_state

    with plain_errors():
        settings = settings_from(config, data)
        open_state(settings).close()
        typer.echo("The database is up to date.")


@estate.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="The estate's YAML file.")], config: Config = None, data: Data = None
) -> None:
    """Load an estate's description, or a changed one. What is wrong in it is listed, and then nothing has changed.

    A running cloud takes it over at once; loading the same again changes nothing.
    """
    from cloud.adapters.estate_file import credit_table_of, read_estate
    from cloud.state import open_state

    with plain_errors():
        state = open_state(settings_from(config, data))
        try:
            loaded = state.load_estate(read_estate(file), actor=enrolment.actor())
            state.credit.publish_table(loaded.estate, credit_table_of(file))
        finally:
            state.close()
        said = "loaded" if loaded.changed else "unchanged"
        for warning in loaded.warnings:
            typer.echo(f"Warning: {warning}.", err=True)
        typer.echo(f"Estate {loaded.estate}: {said}, version {loaded.version}.")


@member.command("link")
def link(
    member_id: Annotated[str, typer.Argument(metavar="MEMBER", help="The member's id, such as duty-manager.")],
    config: Config = None,
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="The board's port, if it is not in the settings.")] = None,
) -> None:
    """Print a personal link that signs this member in. It is shown once; whoever holds it is the member."""
    from cloud.state import open_state

    with plain_errors():
        settings = settings_from(config, data, web={"port": port})
        state = open_state(settings)
        try:
            issued = state.sign_in.issue_link(member_id, actor=enrolment.actor())
        finally:
            state.close()
        typer.echo(f"{settings.web.url}/enter/{issued.token}")


def main() -> None:
    """The entry of `python -m cloud`."""
    app(prog_name="tocsin-cloud")


if __name__ == "__main__":
    main()
