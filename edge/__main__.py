"""tocsin-edge: run one node, check its configuration, find out what is wrong with it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import sys
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from edge.errors import EdgeError, SettingsError
from edge.settings import NodeSettings, credentials_folder, example_toml, load_settings

app = typer.Typer(
    help="The agent of one Tocsin node: pins, detectors and lifts become readings and alarms.\n\n"
    "Begin with `tocsin-edge example > node.toml`, then `check`, `doctor` and `run`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
outbox_app = typer.Typer(help="Look into what waits to be delivered.", no_args_is_help=True)
app.add_typer(outbox_app, name="outbox")
card_key_app = typer.Typer(help="The key that card numbers are hashed with.", no_args_is_help=True)
app.add_typer(card_key_app, name="card-key")
Config = Annotated[Path, typer.Option("--config", "-c", help="The node's node.toml.", show_default=True)]
_DEFAULT = Path("node.toml")
_MARKS = {"ok": "  ok  ", "warning": " warn ", "failed": " FAIL ", "skipped": "  --  "}
_BAD_CONFIG, _FAILED = 2, 1


@app.command()
def run(
    config: Config = _DEFAULT,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Run the node until Ctrl-C or SIGTERM. Log lines go to standard error, as JSON."""
    from edge.adapters.logs import log_to

    settings = _load(config)
    log_to(node=settings.node.name, level=log_level)
    raise typer.Exit(asyncio.run(_run(settings, config)))


@app.command()
def check(config: Config = _DEFAULT) -> None:
    """Read node.toml, list everything that is wrong in it, and show what it means."""
    from edge.adapters.kept_configuration import KeptConfiguration
    from edge.application.configure import chosen
    from edge.domain.fail_safe import fail_safe_statement

    settings = _load(config)
    kept = KeptConfiguration(settings.outbox.path)
    node, unusable = chosen(settings.config, kept, reads_cards=settings.privacy is not None)
    typer.echo(f"{config}: good. Node {settings.node.address}, broker {settings.broker.host}:{settings.broker.port}.")
    if unusable:
        typer.echo(f"  {kept.path}: {unusable}", err=True)
    if node is not settings.config:
        typer.echo(
            f"  in force: version {node.version} from the cloud, not version {settings.config.version} of {config}"
        )
    for item in node.equipment:
        typer.echo(f"  {item.kind:15} {item.id}")
    typer.echo(f"  {len(node.effective_rules())} alarm rules, {len(node.reflexes)} reflexes")
    for output in node.outputs:
        typer.echo(f"  {output.purpose:15} {output.id}, GPIO {output.pin}: {fail_safe_statement(output)}")


@app.command()
def doctor(
    config: Config = _DEFAULT, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Look at pins, buses, clock, disk and broker; say what is wrong and what to do. 检查引脚、总线、时钟、磁盘和服务器.

    Exit code 0: fit (warnings allowed). 1: something failed. 2: node.toml cannot be read.
    """
    from edge.adapters.logs import log_to
    from edge.application.diagnose import is_fit
    from edge.bootstrap import examine

    settings = _load(config)
    log_to(node=settings.node.name, level="critical")
    found = asyncio.run(examine(settings))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=2))
    for finding in () if as_json else found:
        typer.echo(f"{_MARKS[finding.verdict]} {finding.what}: {finding.en} / {finding.zh}")
        if finding.todo_en:
            typer.echo(f"       what to do: {finding.todo_en} / 处理: {finding.todo_zh}")
    raise typer.Exit(0 if is_fit(found) else _FAILED)


@app.command()
def status(
    config: Config = _DEFAULT, as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False
) -> None:
    """Ask the running agent how it is: cloud heard, what waits, alarms, outputs. 查看运行中的节点状态.

    Exit code 0: all is well. 1: it does not answer, or the cloud is not heard. Needs [status] in node.toml.
    """
    from edge.adapters.status_asking import ask, told

    settings = _load(config)
    try:
        found = ask(settings.status)
    except EdgeError as error:
        typer.echo(f"tocsin-edge: {error}", err=True)
        raise typer.Exit(_FAILED) from None
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else told(found))
    raise typer.Exit(_FAILED if found["cloud_silent"] or found["trouble"] else 0)


@outbox_app.command("status")
def outbox_status(config: Config = _DEFAULT) -> None:
    """How much waits in the outbox, and since when. Safe beside a running agent."""
    from edge.adapters.outbox_status import outbox_status_of

    settings = _load(config)
    try:
        typer.echo(outbox_status_of(settings.outbox.path, int(settings.outbox.quota_mb * 1_000_000)))
    except EdgeError as error:
        typer.echo(f"tocsin-edge: {error}", err=True)
        raise typer.Exit(_FAILED) from None


@outbox_app.command("export")
def outbox_export(
    path: Annotated[Path, typer.Option(help="The outbox file, for example on a card pulled out of a dead node.")],
    to: Annotated[Path | None, typer.Option(help="Where the lines go. [default: standard output]")] = None,
    node: Annotated[str | None, typer.Option(help="Whose it was, ESTATE/NAME, if the file does not say.")] = None,
) -> None:
    """Write what a pulled card holds as JSON lines. Needs no agent, no node.toml and no right to write on the card.
    把拔下的存储卡里尚未送达的数据导出为 JSON 行, 不需要代理程序, 也不写卡.

    Then, at the cloud: tocsin cloud import-outbox FILE. What the cloud has already is stored once all the same.
    """
    from edge.adapters.outbox_export import exported

    try:
        with exported(path, node) as (found, lines), _sink(to) as sink:
            for line in lines:
                sink.write(line + "\n")
    except (EdgeError, OSError) as error:
        typer.echo(f"tocsin-edge: {error}", err=True)
        raise typer.Exit(_FAILED) from None
    for sentence in found.sentences():
        typer.echo(sentence, err=True)


@app.command()
def credential(
    site: Annotated[int, typer.Argument(help="Site (facility) code of the card.")],
    number: Annotated[int, typer.Argument(help="Number of the card.")],
    config: Config = _DEFAULT,
) -> None:
    """Print the keyed hash of a card, as `credentials` of a gate lists it. The number itself is written nowhere."""
    from edge.adapters.card_key import card_keys
    from edge.domain.wiegand import Card

    settings = _load(config)
    if settings.privacy is None:
        typer.echo("tocsin-edge: node.toml has no [privacy] card_key_file, so there is no key to hash with", err=True)
        raise typer.Exit(_BAD_CONFIG)
    try:
        typer.echo(card_keys(settings.privacy.card_key_file).listed(Card(site, number)))
    except EdgeError as error:
        typer.echo(f"tocsin-edge: {error}", err=True)
        raise typer.Exit(_FAILED) from None


@card_key_app.command("rotate")
def rotate_card_key(config: Config = _DEFAULT) -> None:
    """Make a new card key and keep the one before it, so that gates go on knowing the cards they list.

    The agent uses it from its next start. Nodes that compare cards share one file: rotate it at one, copy it to the others.
    """
    from edge.adapters.card_key import rotate

    settings = _load(config)
    if settings.privacy is None:
        typer.echo("tocsin-edge: node.toml has no [privacy] card_key_file, so there is no key to rotate", err=True)
        raise typer.Exit(_BAD_CONFIG)
    path = settings.privacy.card_key_file
    try:
        dropped = rotate(path)
    except EdgeError as error:
        typer.echo(f"tocsin-edge: {error}", err=True)
        raise typer.Exit(_FAILED) from None
    typer.echo(
        f"{path}: a new card key. Copy the file to the estate's other nodes with readers and restart their agents."
    )
    typer.echo(
        "Until the next rotation gates also know cards by the key before; list them anew: tocsin-edge credential"
    )
    if dropped:
        typer.echo("The key before that one is forgotten: hashes made with it open nothing any more.")


@app.command()
def enroll(
    cloud: Annotated[str, typer.Option(help="The cloud's web address, such as https://tocsin.example.")],
    code: Annotated[str, typer.Option(help="The claim code the operator gave out for this node.")],
    config: Config = _DEFAULT,
) -> None:
    """Enrol this node: make a key here, have it certified, keep both beside its outbox. 登记本节点.

    The key never leaves the node. If the answer is lost on the way, the same command continues where it was.
    """
    from edge.adapters.enrolment import HttpsEnrolment
    from edge.adapters.outbox_status import identity_of

    try:
        document = _as_far_as_written(config)
        folder = credentials_folder(document, config)
        store = config.resolve().parent / document.get("outbox", {}).get("path", "outbox.db")
        identity = HttpsEnrolment(folder).enrol(cloud, code, identity_of(store))
    except EdgeError as error:
        typer.echo(f"tocsin-edge: {error}", err=True)
        raise typer.Exit(_FAILED) from None
    typer.echo(
        f"Enrolled as node {identity.node} of {identity.estate}, until {identity.expires_at:%Y-%m-%d}; it renews itself."
    )
    typer.echo(f"Key and certificates are in {folder}; the key is readable to this user only. Back up nothing of it.")
    broker = document.get("broker", {})
    told = {"host": identity.broker_host, "port": identity.broker_port}
    by_hand = [
        key
        for key in ("host", "port", "username", "password_file", "tls")
        if broker.get(key, told.get(key)) != told.get(key)
    ]
    if by_hand:
        typer.echo(
            f"In {config}, remove {', '.join(by_hand)} from [broker]: what it was enrolled with takes their place."
        )
    done = "tocsin-edge check and tocsin-edge doctor" if config.exists() else f"tocsin-edge example > {config}, edit it"
    typer.echo(f"Next: {done}, then tocsin-edge run (systemctl restart tocsin-edge).")


@app.command()
def example() -> None:
    """Print a commented node.toml to start from."""
    typer.echo(example_toml(), nl=False)


async def _run(settings: NodeSettings, source: Path) -> int:
    from edge.bootstrap import build_agent

    agent = build_agent(settings, source=source)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, agent.stop)
    said: list[str] = []
    try:
        await agent.run()
    except* EdgeError as failed:
        said = _sentences(failed)
    except* Exception as crashed:
        logging.getLogger(__name__).critical("a task died and takes the node down", exc_info=crashed)
        said = ["it ended on a defect; the log says where. The supervisor starts it again."]
    for line in said:
        typer.echo(f"tocsin-edge: {line}", err=True)
    return _FAILED if said else 0


def _sink(to: Path | None) -> contextlib.AbstractContextManager[TextIO]:
    return contextlib.nullcontext(sys.stdout) if to is None else to.open("w", encoding="utf-8")


def _sentences(group: BaseExceptionGroup[BaseException]) -> list[str]:
    return [
        line
        for error in group.exceptions
        for line in (_sentences(error) if isinstance(error, BaseExceptionGroup) else [str(error)])
    ]


def _as_far_as_written(path: Path) -> dict[str, Any]:
    """A node.toml that may not be whole yet, or not be there at all."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(str(path), [f"it cannot be read: {error}"]) from None


def _load(path: Path) -> NodeSettings:
    try:
        return load_settings(path)
    except SettingsError as error:
        typer.echo(f"{error.where} is not right yet:", err=True)
        for problem in error.problems:
            typer.echo(f"  - {problem}", err=True)
        raise typer.Exit(_BAD_CONFIG) from None


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
