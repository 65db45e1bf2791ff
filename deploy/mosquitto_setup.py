"""`tocsin broker setup`: everything mosquitto needs to let enrolled nodes in and nobody else, in one folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from cloud.adapters.authority import LocalAuthority, open_authority, write_private
from cloud.commands.speaking import AsJson, Config, Data, say_json
from cloud.errors import CloudError, Unavailable
from cloud.settings import CloudSettings, load_settings

app = typer.Typer(
    help="The broker: write what mosquitto needs for TLS and for an access list that the cloud keeps.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

PLUGINS: Final = (
    "/usr/lib/x86_64-linux-gnu/mosquitto_dynamic_security.so",
    "/usr/lib/aarch64-linux-gnu/mosquitto_dynamic_security.so",
    "/usr/lib/arm-linux-gnueabihf/mosquitto_dynamic_security.so",
    "/usr/lib/mosquitto_dynamic_security.so",
)

CLOUD_RIGHTS: Final = (
    ("publishClientSend", "$CONTROL/dynamic-security/v1"),
    ("subscribePattern", "$CONTROL/dynamic-security/v1/response"),
    ("publishClientReceive", "$CONTROL/dynamic-security/v1/response"),
    # All of it: a topic or version that the cloud does not know becomes a dead letter there instead of vanishing here.
    ("subscribePattern", "tocsin/#"),
    *(("publishClientSend", f"tocsin/v1/+/+/{told}") for told in ("ack", "config", "command")),
    ("publishClientSend", "tocsin/v1/+/_cloud/+"),
)


@dataclass(frozen=True, slots=True)
class BrokerSetup:
    """Where the broker's files go, and under which names nodes and the cloud reach it."""

    folder: Path
    hosts: Sequence[str]
    port: int
    worker: str
    plugin: Path
    user: str = "mosquitto"
    listen: str = ""

    def write(self, authority: LocalAuthority, now: datetime) -> None:
        """Certificates are made anew each time; the access list is left alone where there is one."""
        self.folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        certificate, key = authority.certify_server(self.hosts, now)
        write_private(self.folder / "ca.crt", authority.pem, mode=0o644)
        write_private(self.folder / "server.crt", certificate, mode=0o644)
        write_private(self.folder / "server.key", key)
        cloud_certificate, cloud_key = authority.certify_cloud(f"tocsin-{self.worker}", now)
        write_private(self.folder / "cloud.crt", cloud_certificate, mode=0o644)
        write_private(self.folder / "cloud.key", cloud_key)
        revoked = self.folder / "revoked"
        revoked.mkdir(mode=0o755, exist_ok=True)
        if not (revoked / "crl.pem").exists():
            write_private(revoked / "crl.pem", authority.revocation_list({}, now), mode=0o644)
        access = self.folder / "dynamic-security.json"
        if not access.exists():
            write_private(access, json.dumps(self._access(), indent=2))
        write_private(self.folder / "tocsin.conf", self.configuration(), mode=0o644)

    def configuration(self) -> str:
        """mosquitto.conf: one listener, certificates for everyone, nobody without."""
        template = (Path(__file__).parent / "mosquitto" / "tocsin.conf").read_text(encoding="utf-8")
        lines = template.replace("@FOLDER@", str(self.folder)).replace("@PLUGIN@", str(self.plugin))
        return lines.replace("@LISTENER@", f"{self.port} {self.listen}".strip()).replace("@USER@", self.user)

    def _access(self) -> dict[str, Any]:
        acls = [{"acltype": kind, "topic": topic, "allow": True} for kind, topic in CLOUD_RIGHTS]
        return {
            "defaultACLAccess": {
                "publishClientSend": False,
                # What somebody may hear is decided when they subscribe.
                "publishClientReceive": True,
                "subscribe": False,
                "unsubscribe": True,
            },
            "clients": [{"username": f"tocsin-{self.worker}", "roles": [{"rolename": "tocsin-cloud"}]}],
            "groups": [],
            "roles": [{"rolename": "tocsin-cloud", "acls": acls}],
        }

    def settings(self) -> str:
        """The lines of the cloud's TOML file that go with it."""
        host = self.hosts[0]
        return (
            f'[broker]\nhost = "{host}"\nport = {self.port}\naccess = "managed"\nworker = "{self.worker}"\n'
            f'ca_file = "{self.folder / "ca.crt"}"\ncert_file = "{self.folder / "cloud.crt"}"\n'
            f'key_file = "{self.folder / "cloud.key"}"\ncrl_file = "{self.folder / "revoked" / "crl.pem"}"\n'
        )


@app.command("setup")
def setup(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the broker's files go, such as /etc/mosquitto/tocsin.")
    ],
    host: Annotated[list[str], typer.Option(help="Name or address under which nodes reach the broker; repeatable.")],
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where it listens, with TLS.")] = 8883,
    plugin: Annotated[
        Path | None, typer.Option(help="mosquitto_dynamic_security.so, if not where Debian puts it.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Write certificates, mosquitto.conf and the access list, and say what to do with them.

    Run it again to renew the broker's certificate (two years), then `systemctl reload mosquitto`. The authority is made at
    first use; it is kept in the cloud's data folder, and whoever has its key can let anybody in.
    """
    try:
        settings = load_settings(config, **({"data": data} if data is not None else {}))
        _write(settings, folder.resolve(), host, port, plugin, as_json=as_json)
    except CloudError as error:
        typer.echo(f"tocsin: {error}", err=True)
        raise typer.Exit(2) from None


def _write(
    settings: CloudSettings, folder: Path, hosts: list[str], port: int, plugin: Path | None, *, as_json: bool
) -> None:
    now = datetime.now(UTC)
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            f"{folder} cannot be made ({error.strerror}). Name a place this user may write to."
        ) from error
    settings.prepare_data()
    authority = open_authority(settings.authority_path, now=now)
    found = plugin or next((Path(path) for path in PLUGINS if Path(path).exists()), Path(PLUGINS[0]))
    made = BrokerSetup(folder, hosts, port, settings.broker.worker, found)
    made.write(authority, now)
    if as_json:
        files = {"folder": str(folder), "configuration": str(folder / "tocsin.conf"), "settings": made.settings()}
        keys = {"authority": str(settings.authority_path), "fingerprint": authority.fingerprint}
        say_json({**files, **keys, "plugin": str(found), "plugin_found": found.exists()})
        return
    typer.echo(f"The authority is {settings.authority_path}, SHA-256 {authority.fingerprint}.")
    typer.echo(f"Written to {folder}. Next:")
    typer.echo(f"  1. chown -R mosquitto {folder}; the cloud's user must read ca.crt, cloud.crt and cloud.key")
    typer.echo(f"     chown the cloud's user {folder}/revoked: it writes there which certificates are revoked")
    typer.echo(f"  2. ln -s {folder}/tocsin.conf /etc/mosquitto/conf.d/tocsin.conf; systemctl restart mosquitto")
    typer.echo(
        "  3. systemctl enable --now tocsin-broker-reload.path: mosquitto reads that list anew after each change"
    )
    typer.echo("  4. the cloud's settings:\n")
    typer.echo(made.settings())
    if not found.exists():
        typer.echo(
            f"There is no {found} here: install mosquitto 2 where the broker runs, or name it with --plugin.", err=True
        )
