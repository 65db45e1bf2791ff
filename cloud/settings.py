"""What the cloud is started with: one frozen document from a TOML file and `TOCSIN_…` variables, refused when weak."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from cloud.account_settings import AccountSettings, RateLimits
from cloud.connection_settings import Broker, HeartbeatTo, Influx, Port, Section, Web
from cloud.errors import Invalid, Unavailable
from cloud.notify_settings import Notify
from cloud.retention_settings import Retention

RESTORING = ".restoring"
"""Of the data directory: where a restore keeps what it has not put in its place yet. As long as it is there nothing else opens it."""


class Enrolment(Section):
    """How nodes are enrolled. `broker_host` and `broker_port`: where nodes reach the broker, if not where the cloud does.

    `authority`: the folder of ca.crt and ca.key, made at first use; by default in the data directory.
    """

    broker_host: Annotated[str, Field(min_length=1)] | None = None
    broker_port: Port | None = None
    authority: Path | None = None
    claim_hours: Annotated[float, Field(gt=0, le=24 * 14)] = 24
    certificate_days: Annotated[int, Field(ge=1, le=825)] = 90


class Logs(Section):
    """`console` for people, `json` for machines."""

    format: Literal["console", "json"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Duties(Section):
    """`console_answers`: a line on the screen of whoever started the program counts as reaching a member. For trying out only:
    in production a member without a channel of their own is a hole in coverage, and a task for the level above.
    """

    console_answers: bool = False


class CardKeys(Section):
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
    accounts: AccountSettings = AccountSettings()
    limits: RateLimits = RateLimits()
    notify: Notify = Notify()
    logs: Logs = Logs()
    file: Path | None = None
    """Where all this was read from. Set by the program itself."""

    demonstration: bool = False
    """Of a simulated estate to look round in: every page says that nothing on it is real. Set by the program itself."""

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
    def setup_code_path(self) -> Path:
        """Where the code of the first run stands, for who started the program to read."""
        return self.data / "setup-code"

    @property
    def broker_for_nodes(self) -> tuple[str, int]:
        """Where a node is told to find the broker."""
        return self.enrolment.broker_host or self.broker.host, self.enrolment.broker_port or self.broker.port

    @property
    def demonstration_path(self) -> Path:
        """The folder of the demonstration, while there is one."""
        return self.data / "demonstration"

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
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
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
    "accounts.oidc": 'issuer = "https://login.example", client_id = "tocsin" under [accounts.oidc]',
    "accounts.second_factor_for": 'second_factor_for = ["administrator", "manager"] under [accounts]',
    "accounts.second_factor_grace_days": "second_factor_grace_days = 7 under [accounts]",
    "accounts": "session_hours = 12, idle_hours = 4 under [accounts]",
    "limits": "requests_per_address_per_minute = 600, tries_per_account = 10 under [limits]",
    "card_keys": "rotation_days = 180 under [card_keys]",
    "demonstration": "demonstration = false",
    "logs.level": 'level = "info" under [logs]',
    "logs.format": 'format = "json" under [logs]',
}


def load_settings(file: Path | None = None, **given: Any) -> CloudSettings:
    """Settings from `given`, then `TOCSIN_…` variables, then the TOML file, then defaults.

    Raises Invalid, which names every key that is wrong, what was expected, and an example.
    """
    where = str(file) if file else "settings"
    try:
        sources: dict[str, Any] = {**given, "_file": _read(file) if file else {}, "file": file}
        return CloudSettings(**sources)
    except ValidationError as error:
        raise Invalid(f"{where} cannot be used.", [_problem(fault) for fault in error.errors()]) from error


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Invalid(f"{file} cannot be read ({error.strerror}). Name another file with --config.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{file} is not TOML in UTF-8: {error}.") from error


def _problem(fault: Any) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    within = key.split(".")
    known = (_EXAMPLES.get(".".join(within[:length])) for length in range(len(within), 0, -1))
    example = next((example for example in known if example), None)
    hint = f"; for example {example}" if example else ""
    variable = "TOCSIN_" + key.upper().replace(".", "__")
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{key} (or {variable}): {message}{hint}"
