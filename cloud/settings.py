"""What the cloud is started with: one frozen document from a TOML file and `TOCSIN_…` variables, refused when weak."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, IPvAnyNetwork, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from cloud.errors import Invalid, Unavailable
from cloud.notify_settings import Notify
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


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Web(_Section):
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


class Broker(_Section):
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
        if self.password_file is None:
            return self.password.get_secret_value() if self.password else None
        try:
            return self.password_file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise Invalid(f"broker.password_file: {error}. Write the password into that file, mode 0600.") from error


class Influx(_Section):
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


class HeartbeatTo(_Section):
    """Who watches the cloud from outside: `url` is called every `every_s` seconds while all is well, and no longer when not.
    Set the watcher's patience to a few times that.
    """

    url: Annotated[str, Field(pattern=r"^https?://[^/]+")]
    every_s: Annotated[float, Field(ge=5, le=3600)] = 60


class Enrolment(_Section):
    """How nodes are enrolled. `broker_host` and `broker_port`: where nodes reach the broker, if not where the cloud does.

    `authority`: the folder of ca.crt and ca.key, made at first use; by default in the data directory.
    """

    broker_host: Annotated[str, Field(min_length=1)] | None = None
    broker_port: Port | None = None
    authority: Path | None = None
    claim_hours: Annotated[float, Field(gt=0, le=24 * 14)] = 24
    certificate_days: Annotated[int, Field(ge=1, le=825)] = 90


class Logs(_Section):
    """`console` for people, `json` for machines."""

    format: Literal["console", "json"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Duties(_Section):
    """`console_answers`: a line on the screen of whoever started the program counts as reaching a member. For trying out only:
    in production a member without a channel of their own is a hole in coverage, and a task for the level above.
    """

    console_answers: bool = False


class Retention(_Section):
    """For how many days what is kept, by class. Personal words (notes, contacts, reporters) that belong to an open incident
    wait for its end; without a figure they are kept until somebody erases them. The defaults are to be confirmed locally: the
    Personal Information Protection Law (art. 19) asks for the shortest time that the purpose needs.

    Of readings the minutes stay (count, min, max, sum, last); an InfluxDB has no minutes. Of access events the card's mark goes
    first, then the event; how many there were a day stays.
    """

    note_days: Annotated[int, Field(ge=1, le=36500)] | None = 1095
    contact_days: Annotated[int, Field(ge=1, le=36500)] | None = None
    reporter_days: Annotated[int, Field(ge=1, le=36500)] | None = 180
    vote_days: Annotated[int, Field(ge=1, le=36500)] | None = 1095
    """Who voted what, from the end of the ballot. An owner may go to court over a decision for a year (Supreme People's Court
    on ownership in condominiums, art. 12; to be confirmed locally); what was counted is kept for ever.
    """
    signature_days: Annotated[int, Field(ge=1, le=36500)] | None = 1095
    """Who signed a petition, from its start. How many did is kept."""
    posting_days: Annotated[int, Field(ge=1, le=36500)] | None = 365
    """The words of offers, needs and small tasks, from when they were over."""
    identified_access_days: Annotated[int, Field(ge=1, le=3653)] = 30
    pseudonymous_access_days: Annotated[int, Field(ge=1, le=3653)] = 180
    dead_letter_days: Annotated[int, Field(ge=1, le=3653)] = 30
    readings_days: Annotated[int, Field(ge=3, le=36500)] = 180
    minutes_days: Annotated[int, Field(ge=3, le=36500)] = 1826
    command_days: Annotated[int, Field(ge=1, le=36500)] | None = 365
    """Commands to nodes, with what came of them. No personal data, but nothing is kept without end."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.minutes_days < self.readings_days:
            raise ValueError("minutes_days: shorter than readings_days, but minutes are what stays of readings")
        if self.pseudonymous_access_days < self.identified_access_days:
            raise ValueError(
                "identified_access_days: longer than pseudonymous_access_days; keep what names a person less long"
            )
        return self


class CardKeys(_Section):
    """The estates' keys for card numbers. `automatic`: made and rotated by itself; otherwise a task reminds after
    `rotation_days`, and a person rotates.
    """

    rotation_days: Annotated[int, Field(ge=1, le=3650)] = 180
    automatic: bool = True


class CloudSettings(BaseSettings):
    """Everything one cloud process is started with."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="TOCSIN_",
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    data: Path = Path("tocsin-data")
    database: Annotated[str, Field(pattern=r"^(sqlite:///|postgresql\+psycopg://)")] | None = None
    language: Literal["zh", "en"] = "en"
    web: Web = Web()
    broker: Broker = Broker()
    enrolment: Enrolment = Enrolment()
    influxdb: Influx | None = None
    heartbeat: HeartbeatTo | None = None
    duties: Duties = Duties()
    retention: Retention = Retention()
    card_keys: CardKeys = CardKeys()
    notify: Notify = Notify()
    logs: Logs = Logs()

    @property
    def database_url(self) -> str:
        """Where the state is kept: what was said, else a file in the data directory."""
        return self.database or f"sqlite:///{self.data / 'state.db'}"

    @property
    def readings_path(self) -> Path:
        return self.data / "readings.db"

    @property
    def photos_path(self) -> Path:
        """Where photos are kept by the digest of their bytes."""
        return self.data / "photos"

    @property
    def imports_path(self) -> Path:
        """Where exports of outboxes wait for the running cloud."""
        return self.data / "imports"

    @property
    def authority_path(self) -> Path:
        return self.enrolment.authority or self.data / "authority"

    @property
    def broker_for_nodes(self) -> tuple[str, int]:
        """Where a node is told to find the broker."""
        return self.enrolment.broker_host or self.broker.host, self.enrolment.broker_port or self.broker.port

    def prepare_data(self) -> None:
        """Makes the data directory, readable to its owner only. Raises Unavailable."""
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Unavailable(
                f"The data directory {self.data} cannot be made ({error.strerror}). "
                "Name a place this user may write to with --data (TOCSIN_DATA)."
            ) from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic-settings'
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment speaks before the file, what is passed in before both."""
        assert isinstance(init_settings, InitSettingsSource)
        given = dict(init_settings.init_kwargs)
        file = given.pop("_file", {})
        return InitSettingsSource(settings_cls, given), env_settings, InitSettingsSource(settings_cls, file)


_EXAMPLES: Mapping[str, str] = {
    "data": 'data = "/var/lib/tocsin"',
    "database": 'database = "postgresql+psycopg://tocsin@db.example/tocsin"',
    "language": 'language = "zh"',
    "web.host": 'host = "127.0.0.1" under [web]',
    "web.port": "port = 8000 under [web]",
    "web.trusted_proxies": 'trusted_proxies = ["127.0.0.1", "10.0.0.0/24"] under [web]',
    "web.public_url": 'public_url = "https://tocsin.example" under [web]',
    "broker.host": 'host = "127.0.0.1" under [broker]',
    "broker.port": "port = 1883 under [broker]",
    "broker.worker": 'worker = "cloud-1" under [broker]',
    "broker.access": 'access = "managed" under [broker]',
    "enrolment.broker_host": 'broker_host = "mqtt.example" under [enrolment]',
    "enrolment.certificate_days": "certificate_days = 90 under [enrolment]",
    "influxdb": '[influxdb] with url = "http://127.0.0.1:8086", org, bucket; the token in TOCSIN_INFLUXDB__TOKEN',
    "notify.channels": "TOCSIN_NOTIFY__CHANNELS__FEISHU=feishu://{address}; see docs/notifications.md",
    "notify.gateways": 'url = "https://sms.example/send" under [notify.gateways.sms]; see docs/notifications.md',
    "notify.limits": "per_member = 3, per_day = 500, per_day_life_safety = 2000 under [notify.limits]",
    "heartbeat": 'url = "https://watcher.example/ping/…" under [heartbeat]',
    "heartbeat.every_s": "every_s = 60 under [heartbeat]",
    "duties": "console_answers = false under [duties]",
    "retention": "note_days = 1095, readings_days = 180 under [retention]",
    "card_keys": "rotation_days = 180 under [card_keys]",
    "logs.level": 'level = "info" under [logs]',
    "logs.format": 'format = "json" under [logs]',
}


def load_settings(file: Path | None = None, **given: Any) -> CloudSettings:
    """Settings from `given`, then `TOCSIN_…` variables, then the TOML file, then defaults.

    Raises Invalid, which names every key that is wrong, what was expected, and an example.
    """
    where = str(file) if file else "settings"
    try:
        sources: dict[str, Any] = {**given, "_file": _read(file) if file else {}}
        return CloudSettings(**sources)
    except ValidationError as error:
        raise Invalid(f"{where} cannot be used.", [_problem(fault) for fault in error.errors()]) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Invalid(f"{file} cannot be read ({error.strerror}). Name another file with --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} is not TOML: {error}.") from error


def _problem(fault: Any) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    within = key.split(".")
    known = (_EXAMPLES.get(".".join(within[:length])) for length in range(len(within), 0, -1))
    example = next((example for example in known if example), None)
    hint = f"; for example {example}" if example else ""
    variable = "TOCSIN_" + key.upper().replace(".", "__")
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{key} (or {variable}): {message}{hint}"
