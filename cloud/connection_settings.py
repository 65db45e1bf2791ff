"""Where the board is served, where messages come from, and what other programs the cloud speaks to."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, model_validator

from cloud.errors import Invalid
from schemas.base import Name

Port = Annotated[int, Field(ge=1, le=65535)]


def is_loopback(host: str) -> bool:
    """Whether only this machine can be meant."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def secret_in(given: SecretStr | None, file: Path | None, where: str, what: str) -> str | None:
    """A secret, wherever it stands; `where` names the setting of the file. Raises Invalid."""
    if file is None:
        return given.get_secret_value() if given else None
    try:
        return file.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise Invalid(f"{where}: {file} is no text in UTF-8. Write the {what} into that file, mode 0600.") from error
    except OSError as error:
        raise Invalid(f"{where}: {error}. Write the {what} into that file, mode 0600.") from error


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Web(Section):
    """Where the board is served; port 0 is any that is free. Beyond this machine it belongs behind a proxy that speaks https at `public_url`."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    trusted_proxies: tuple[IPvAnyNetwork, ...] = (ip_network("127.0.0.1"), ip_network("::1"))
    """Whose word on where a request comes from (`X-Forwarded-For`) is taken: the proxies before this service, as addresses or
    networks. Anybody's else is not, or whoever reports could say they are somebody else.
    """
    public_url: Annotated[str, Field(pattern=r"^https?://[^/]+/?$")] | None = None

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if not is_loopback(self.host) and not self.secure:
            raise ValueError(
                'listening beyond this machine needs public_url = "https://…": sessions would travel in the clear'
            )
        return self

    @model_validator(mode="after")
    def _not_everybody(self) -> Self:
        if any(network.prefixlen == 0 for network in self.trusted_proxies):
            raise ValueError("trusted_proxies: name the proxies; to trust everybody is to believe what anybody says")
        return self

    @property
    def secure(self) -> bool:
        """Whether people reach it by https, so that cookies never travel without."""
        return (self.public_url or "").startswith("https://")

    @property
    def url(self) -> str:
        """The address people type."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (self.public_url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def outward_url(self) -> str | None:
        """The address people type, for what travels; None where nobody has set one."""
        return self.url if self.public_url else None


class Broker(Section):
    """Where messages come from. The password stands in a file or in TOCSIN_BROKER__PASSWORD, never in the TOML file.

    `cert_file` and `key_file` prove the cloud to a broker that asks for certificates. `access`: who keeps its access
    list; `managed` is the cloud itself, through mosquitto's dynamic security (`tocsin broker setup` writes all of it).
    `crl_file`: where the list of revoked certificates is written for the broker to read.
    """

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Port = 1883
    worker: Name = "cloud-1"
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    access: Literal["own", "managed"] = "own"
    crl_file: Path | None = None

    @model_validator(mode="after")
    def _safe(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file belong together: give both or neither")
        if self.cert_file is not None and self.ca_file is None:
            raise ValueError('a certificate needs TLS: give ca_file = "ca.crt" too')
        if not is_loopback(self.host) and self.ca_file is None:
            raise ValueError(
                'a broker beyond this machine needs TLS: give ca_file = "ca.crt" and the port, usually 8883'
            )
        if self.password is not None and self.password_file is not None:
            raise ValueError("password and password_file: give one of them")
        if self.username is None and (self.password or self.password_file):
            raise ValueError('a password needs a username, for example username = "cloud"')
        return self

    def secret(self) -> str | None:
        """The password, wherever it stands. Raises Invalid."""
        return secret_in(self.password, self.password_file, "broker.password_file", "password")


class Influx(Section):
    """An InfluxDB 2 that draws the readings; the embedded store still makes them durable first."""

    url: Annotated[str, Field(pattern=r"^https?://")]
    org: Annotated[str, Field(min_length=1)]
    bucket: Annotated[str, Field(min_length=1)]
    token: SecretStr

    @model_validator(mode="after")
    def _strong(self) -> Self:
        if len(self.token.get_secret_value()) < _SHORTEST_TOKEN:
            raise ValueError(f"token: shorter than {_SHORTEST_TOKEN} characters; let InfluxDB make one")
        return self


_SHORTEST_TOKEN = 16


class HeartbeatTo(Section):
    """Who watches the cloud from outside: `url` is called every `every_s` seconds while all is well, and no longer when not.
    Set the watcher's patience to a few times that.
    """

    url: Annotated[str, Field(pattern=r"^https?://[^/]+")]
    every_s: Annotated[float, Field(ge=5, le=3600)] = 60
