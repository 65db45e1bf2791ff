"""The cloud's command line: run it, bring its database up to date, load an estate, let a member in."""

from __future__ import annotations

import gc
import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, cast, get_args

import typer

from cloud.domain.order import OrderState
from cloud.errors import CloudError, Invalid
from cloud.settings import CloudSettings, load_settings
from schemas.commands import Action

if TYPE_CHECKING:
    from cloud.bootstrap import State  # imported when a command needs it: it brings the database and the web server

SWITCH_S: Final = 0.001
"""How long a busy thread may keep the interpreter: an event comes back from its disk a dozen times, and each time waits
for whoever has it. Five milliseconds, Python's own, would make 60 of a task that takes 4."""

_FAILED: Final = 1
_BAD_SETTINGS: Final = 2

app = typer.Typer(
    help="Tocsin's cloud: keeps what nodes say and brings hazards to the people responsible.\n\n"
    "A first run: `estate load estate.yaml`, `member link MEMBER`, then `run`, and open the link.\n\n"
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
node = typer.Typer(help="Nodes: what each is told to be, and what is asked of it.", no_args_is_help=True)
node_config = typer.Typer(help="A node's configuration, version by version.", no_args_is_help=True)
node.add_typer(node_config, name="config")
app.add_typer(node, name="node")

Config = Annotated[Path | None, typer.Option("--config", "-c", help="A TOML file of settings.")]
Data = Annotated[Path | None, typer.Option("--data", help="Where everything is kept. [default: tocsin-data]")]


@app.command()
def run(
    config: Config = None,
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="Where the board is served. [default: 8000]")] = None,
    broker_port: Annotated[int | None, typer.Option(help="The MQTT broker's port. [default: 1883]")] = None,
) -> None:
    """Serve the board, the interface and ingest until Ctrl-C.

    Without a broker it starts all the same, says so, and goes on trying; /readyz tells. The store is checked and brought
    up to date first.
    """
    from cloud.adapters.logging import set_up
    from cloud.bootstrap import build_cloud

    with _plain_errors():
        settings = _settings(config, data, web={"port": port}, broker={"port": broker_port})
        set_up(settings.logs.format, settings.logs.level)
        sys.setswitchinterval(SWITCH_S)
        cloud = build_cloud(settings)
        _calm_the_collector()
        typer.echo(f"Tocsin's board is at {cloud.url} - stop with Ctrl-C.")
        # The server handles signals while it serves and raises them again afterwards; then it is our turn to stop.
        signal.signal(signal.SIGTERM, _interrupted)
        cloud.start(serve=False)
        try:
            cloud.serve_until_stopped()
        except KeyboardInterrupt:
            pass
        finally:
            failed = cloud.failed
            cloud.stop()
        if failed:
            typer.echo(f"Stopped because a part of the process ended: {failed}. The log says why.", err=True)
            raise typer.Exit(_FAILED)


@app.command("import-outbox")
def import_outbox(
    file: Annotated[Path, typer.Argument(help="What `tocsin-edge outbox export` wrote.")],
    node: Annotated[str | None, typer.Option(help="Whose it was, ESTATE/NAME, if the file does not say.")] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Store what was read out of the card of a dead node, each batch exactly once. 导入从故障节点存储卡读出的数据.

    Stop the cloud first; nodes keep what they have until it runs again. What it has already stays as it is, so a file may
    be given twice. Alarms in it become dated incidents and call people only if the node says that they still stand.
    """
    from cloud.bootstrap import import_outbox as store

    with _plain_errors():
        settings = _settings(config, data)
        try:
            with file.open(encoding="utf-8") as lines:
                done = store(settings, lines, node)
        except (OSError, UnicodeDecodeError) as error:
            typer.echo(f"{file} cannot be read: {error}", err=True)
            raise typer.Exit(_BAD_SETTINGS) from error
    typer.echo(
        f"{done.node}: {done.stored} batches stored, {done.known} were there already, {done.refused} refused (see the dead"
        f" letters), {done.conflicts} under numbers that meant other batches."
    )


@db.command("upgrade")
def upgrade(config: Config = None, data: Data = None) -> None:
    """Bring the database to the newest shape. `run` does so too; this is for doing it beforehand."""
    from cloud.bootstrap import open_state

    with _plain_errors():
        settings = _settings(config, data)
        open_state(settings).close()
        typer.echo("The database is up to date.")


@estate.command("load")
def load(
    file: Annotated[Path, typer.Argument(help="The estate's YAML file.")], config: Config = None, data: Data = None
) -> None:
    """Load an estate's description, or a changed one. What is wrong in it is listed, and then nothing has changed.

    A running cloud takes it over at once; loading the same again changes nothing.
    """
    from cloud.adapters.estate_file.reading import read_estate
    from cloud.bootstrap import open_state

    with _plain_errors():
        state = open_state(_settings(config, data))
        try:
            loaded = state.load_estate(read_estate(file))
        finally:
            state.close()
        said = "loaded" if loaded.changed else "unchanged"
        typer.echo(f"Estate {loaded.estate}: {said}, version {loaded.version}.")


@member.command("link")
def link(
    member_id: Annotated[str, typer.Argument(metavar="MEMBER", help="The member's id, such as duty-manager.")],
    config: Config = None,
    data: Data = None,
    port: Annotated[int | None, typer.Option(help="The board's port, if it is not in the settings.")] = None,
) -> None:
    """Print a personal link that signs this member in. It is shown once; whoever holds it is the member."""
    from cloud.bootstrap import open_state

    with _plain_errors():
        settings = _settings(config, data, web={"port": port})
        state = open_state(settings)
        try:
            issued = state.sign_in.issue_link(member_id)
        finally:
            state.close()
        typer.echo(f"{settings.web.url}/enter/{issued.token}")


NodeName = Annotated[str, typer.Argument(metavar="NODE", help="ESTATE/NODE, or NODE where there is one estate.")]


@node_config.command("show")
def show(name: NodeName, config: Config = None, data: Data = None) -> None:
    """Print the latest document, as JSON that `set` takes, and on standard error whether the node goes by it."""
    with _plain_errors(), _opened(config, data) as state:
        estate_id, node_id = _address(state, name)
        found = state.nodes.configuration(estate_id, node_id, None)
        latest = f"version {found.latest.version} is the latest" if found.latest else "nothing is known of it yet"
        typer.echo(f"Node {node_id} runs version {found.running}; {latest}: {found.standing}.", err=True)
        if found.document is not None:
            typer.echo(json.dumps(found.document, ensure_ascii=False, indent=2))


@node_config.command("set")
def put(
    name: NodeName,
    file: Annotated[Path, typer.Argument(help="A whole document: JSON, or a node.toml, of which [config] is taken.")],
    reason: Annotated[str, typer.Option(help="Why, for the history.")] = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Issue a document as the next version. A running cloud tells the node within a second."""
    from cloud.adapters.estate_file.node_document import read_node_document

    with _plain_errors(), _opened(config, data) as state:
        estate_id, node_id = _address(state, name)
        issued = state.configure.put(estate_id, node_id, read_node_document(file), None, reason=reason)
        typer.echo(f"Node {node_id}: version {issued.version} is issued.")


@node_config.command("history")
def history(name: NodeName, config: Config = None, data: Data = None) -> None:
    """List the versions, newest first: who issued each, when and why, and what the node answered."""
    with _plain_errors(), _opened(config, data) as state:
        estate_id, node_id = _address(state, name)
        for one in state.nodes.versions(estate_id, node_id, None):
            answer = f"{one.outcome}: {one.detail}" if one.outcome else "no answer yet"
            typer.echo(f"{one.version:6}  {one.at:%Y-%m-%d %H:%M:%S}Z  {one.by}  {one.reason or '-'}  [{answer}]")


@node_config.command("rollback")
def rollback(
    name: NodeName,
    version: Annotated[int, typer.Argument(min=1, help="The version whose content is issued again.")],
    config: Config = None,
    data: Data = None,
) -> None:
    """Issue the content of an earlier version under a higher one."""
    with _plain_errors(), _opened(config, data) as state:
        estate_id, node_id = _address(state, name)
        issued = state.configure.go_back(estate_id, node_id, version, None)
        typer.echo(f"Node {node_id}: version {issued.version} is issued, with the content of version {version}.")


@node.command("command")
def command(
    name: NodeName,
    action: Annotated[str, typer.Argument(help=f"One of {', '.join(get_args(Action))}.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="Such as equipment=b1/smoke-1 seconds=30.")] = None,
    config: Config = None,
    data: Data = None,
) -> None:
    """Ask something of a node, wait for its answer, and say it. A running cloud passes it on; it expires after a minute."""
    with _plain_errors(), _opened(config, data) as state:
        estate_id, node_id = _address(state, name)
        if action not in get_args(Action):
            raise Invalid(
                "The command was not asked.", [f"action: one of {', '.join(get_args(Action))}, not {action!r}"]
            )
        order = state.command(estate_id, node_id, cast("Action", action), _arguments(arguments or []), None)
        typer.echo(f"Asked ({order.id}); waiting for the answer.", err=True)
        while (answer := state.nodes.order(order.id)).state is OrderState.WAITING:
            time.sleep(0.2)
        typer.echo(f"{answer.state}: {answer.detail}" if answer.detail else f"{answer.state}")
        if answer.state is not OrderState.DONE:
            raise typer.Exit(_FAILED)


@contextmanager
def _opened(config: Path | None, data: Path | None) -> Iterator[State]:
    from cloud.bootstrap import open_state

    state = open_state(_settings(config, data))
    try:
        yield state
    finally:
        state.close()


def _address(state: State, name: str) -> tuple[str, str]:
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


def main() -> None:
    """The entry of `python -m cloud`."""
    app(prog_name="tocsin-cloud")


def _settings(config: Path | None, data: Path | None, **sections: dict[str, Any]) -> CloudSettings:
    """What stands on the command line goes before variables and file; what does not, does not."""
    given: dict[str, Any] = {}
    for name, section in sections.items():
        if said := {key: value for key, value in section.items() if value is not None}:
            given[name] = said
    if data is not None:
        given["data"] = data
    return load_settings(config, **given)


def _calm_the_collector() -> None:
    """What was made at the start stays for good, and batches come and go by the thousand without cycles: looking at
    them every 700 allocations cost 7 % of ingest and paused events.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def _interrupted(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What is wrong and what to do, without a traceback."""
    try:
        yield
    except CloudError as error:
        typer.echo(f"{error}", err=True)
        raise typer.Exit(_BAD_SETTINGS) from error


if __name__ == "__main__":
    main()
