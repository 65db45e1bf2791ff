"""tocsin-edge: run one node, check its configuration, find out what is wrong with it."""

from __future__ import annotations

import asyncio
import json
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from edge.commands.cards import card_key_app, credential
from edge.commands.node_toml import DEFAULT, FAILED, AsJson, Config, load
from edge.commands.outbox import outbox_app
from edge.errors import EdgeError, SettingsError
from edge.process import become_node
from edge.settings import NodeSettings, credentials_folder, example_toml
from schemas.node_config import NodeConfig

app = typer.Typer(
    help="The agent of one Tocsin node: pins, detectors and lifts become readings and alarms.\n\n"
    "Begin with `tocsin-edge example > node.toml`, then `check`, `doctor` and `run`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(outbox_app, name="outbox")
app.add_typer(card_key_app, name="card-key")
_MARKS = {"ok": "  ok  ", "warning": " warn ", "failed": " FAIL ", "skipped": "  --  "}


@app.command()
def run(
    config: Config = DEFAULT,
    log_level: Annotated[str, typer.Option(help="debug, info, warning or error.")] = "info",
) -> None:
    """Run the node until Ctrl-C or SIGTERM. Log lines go to standard error, as JSON."""
    become_node(config, log_level)


@app.command()
def check(config: Config = DEFAULT, *, as_json: AsJson = False) -> None:
    """Read node.toml, list everything that is wrong in it, and show what it means."""
    from edge.adapters.kept_configuration import KeptConfiguration
    from edge.application.configure import chosen
    from edge.domain.fail_safe import fail_safe_statement

    settings = load(config)
    kept = KeptConfiguration(settings.outbox.path)
    node, unusable = chosen(settings.config, kept, reads_cards=settings.privacy is not None)
    if as_json:
        typer.echo(json.dumps(_document(settings, node, unusable), ensure_ascii=False))
        return
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


def _document(settings: NodeSettings, node: NodeConfig, unusable: str | None) -> dict[str, Any]:
    from edge.domain.fail_safe import fail_safe_statement

    outputs = [
        {"purpose": one.purpose, "id": one.id, "pin": one.pin, "fail_safe": fail_safe_statement(one)}
        for one in node.outputs
    ]
    return {
        "node": str(settings.node.address),
        "broker": f"{settings.broker.host}:{settings.broker.port}",
        "version": node.version,
        "from_cloud": node is not settings.config,
        "unusable": unusable,
        "equipment": [{"kind": one.kind, "id": one.id} for one in node.equipment],
        "rules": len(node.effective_rules()),
        "reflexes": len(node.reflexes),
        "outputs": outputs,
    }


@app.command()
def doctor(config: Config = DEFAULT, *, as_json: AsJson = False) -> None:
    """Look at pins, buses, clock, disk and broker; say what is wrong and what to do. 检查引脚、总线、时钟、磁盘和服务器.

    Exit code 0: fit (warnings allowed). 1: something failed. 2: node.toml cannot be read.
    """
    from edge.adapters.logs import log_to
    from edge.application.diagnose import is_fit
    from edge.bootstrap import examine

    settings = load(config)
    log_to(node=settings.node.name, level="critical")
    found = asyncio.run(examine(settings))
    if as_json:
        typer.echo(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=2))
    for finding in () if as_json else found:
        typer.echo(f"{_MARKS[finding.verdict]} {finding.what}: {finding.en} / {finding.zh}")
        if finding.todo_en:
            typer.echo(f"       what to do: {finding.todo_en} / 处理: {finding.todo_zh}")
    raise typer.Exit(0 if is_fit(found) else FAILED)


@app.command()
def status(config: Config = DEFAULT, *, as_json: AsJson = False) -> None:
    """Ask the running agent how it is: cloud heard, what waits, alarms, outputs. 查看运行中的节点状态.

    Exit code 0: all is well. 1: it does not answer, or the cloud is not heard. Needs [status] in node.toml.
    """
    from edge.adapters.status_asking import ask, told

    settings = load(config)
    try:
        found = ask(settings.status)
    except EdgeError as error:
        typer.echo(f"tocsin-edge: {error}", err=True)
        raise typer.Exit(FAILED) from None
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else told(found))
    raise typer.Exit(FAILED if found["cloud_silent"] or found["trouble"] else 0)


@app.command()
def enroll(
    cloud: Annotated[str, typer.Option(help="The cloud's web address, such as https://tocsin.example.")],
    code: Annotated[str, typer.Option(help="The claim code the operator gave out for this node.")],
    config: Config = DEFAULT,
    *,
    as_json: AsJson = False,
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
        raise typer.Exit(FAILED) from None
    if as_json:
        until = {"expires_at": identity.expires_at.isoformat(), "folder": str(folder)}
        typer.echo(json.dumps({"estate": identity.estate, "node": identity.node, **until}))
        return
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


app.command()(credential)


@app.command()
def example() -> None:
    """Print a commented node.toml to start from."""
    typer.echo(example_toml(), nl=False)


def _as_far_as_written(path: Path) -> dict[str, Any]:
    """A node.toml that may not be whole yet, or not be there at all."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(str(path), [f"it cannot be read: {error}"]) from None


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
