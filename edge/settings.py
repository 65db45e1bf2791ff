"""node.toml: who this node is, where its broker, board and outbox are, and what it is told to watch."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from edge.errors import SettingsError
from edge.settings_mistakes import problem_of
from schemas.base import Name
from schemas.node_config import NodeConfig
from schemas.topics import NodeAddress

PinFactoryName = Literal["auto", "lgpio", "pigpio", "mock"]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NodeSection(_Section):
    """Who this node is. Both names stand in its MQTT topics."""

    estate: Name
    name: Name

    @property
    def address(self) -> NodeAddress:
        return NodeAddress(self.estate, self.name)


class TlsSection(_Section):
    """TLS to the broker. `cert_file` and `key_file` prove this node to it; the key never leaves the node."""

    ca_file: Path
    cert_file: Path | None = None
    key_file: Path | None = None

    @model_validator(mode="after")
    def _certificate_with_key(self) -> Self:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file belong together: give both or neither")
        return self


class BrokerSection(_Section):
    """Where messages go. The password stands in a file of its own, readable to the agent only.

    `credentials`: the folder of a node that was enrolled; it says who this node is there, and renews it. `plaintext`: say
    so where a broker beyond this machine is to be reached without TLS, on a closed bench.
    """

    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] = 1883
    username: str | None = None
    password_file: Path | None = None
    tls: TlsSection | None = None
    credentials: Path | None = None
    keepalive_s: Annotated[int, Field(ge=5, le=600)] = 15
    max_backoff_s: Annotated[float, Field(ge=1, le=600)] = 30.0
    plaintext: bool = False

    @model_validator(mode="after")
    def _not_in_the_clear(self) -> Self:
        protected = self.tls is not None or self.credentials is not None
        if not protected and not self.may_be_read:
            raise ValueError(
                f"{self.host} is beyond this machine and needs TLS: enrol this node (tocsin-edge enroll), or give"
                ' tls = { ca_file = "ca.crt" } and the port, usually 8883; on a closed bench only, plaintext = true'
            )
        return self

    @property
    def may_be_read(self) -> bool:
        """Whether nobody minds that others on the way can read it: it does not leave this machine, or somebody said so."""
        return self.plaintext or _is_loopback(self.host)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class Identity(BaseModel):
    """Who this node was enrolled as (`tocsin-edge enroll` writes it). Files are named relative to its own folder."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    estate: Name
    node: Name
    credential: str
    broker_host: str
    broker_port: int
    cloud: str
    issued_at: AwareDatetime
    expires_at: AwareDatetime
    authority_file: str
    certificate_file: str
    key_file: str


CREDENTIALS_FOLDER = "credentials"
IDENTITY_FILE = "identity.json"


class OutboxSection(_Section):
    """Where observations wait until the cloud has stored them. The quota bounds their bytes, a tenth of it for alarms."""

    path: Path
    quota_mb: Annotated[float, Field(ge=1, le=100_000)] = 250
    card_endurance_tb: Annotated[float, Field(gt=0, le=1_000_000)] = 10
    """What the storage bears to be written altogether, as its data sheet says; without one, little is assumed."""
    backlog_batches_per_s: Annotated[float, Field(gt=0, le=10_000)] = 1000


class BoardSection(_Section):
    """The pins. `auto` is lgpio on a Raspberry Pi; `pigpio` speaks to a daemon or a virtual board at host and port."""

    pin_factory: PinFactoryName = "auto"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8888


class PrivacySection(_Section):
    """The estate's key: card numbers leave the node only as hashes keyed with it. Made when the file is missing."""

    card_key_file: Path


class ClockSection(_Section):
    """Whether the wall clock is believed: `auto` asks the kernel; `always` suits containers that cannot see that."""

    trust: Literal["auto", "always", "never"] = "auto"


class StatusSection(_Section):
    """The node's own page, read only. On this machine unless `host` says otherwise; it shows nothing of people."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8089


class NodeSettings(_Section):
    """Everything one node is started with. Paths are absolute; nothing is read from the environment."""

    node: NodeSection
    broker: BrokerSection
    outbox: OutboxSection
    board: BoardSection = BoardSection()
    privacy: PrivacySection | None = None
    clock: ClockSection = ClockSection()
    status: StatusSection | None = None
    config: NodeConfig

    @model_validator(mode="after")
    def _cards_have_a_key(self) -> Self:
        readers = [item.id for item in self.config.equipment if item.kind == "access_gate" and item.reader is not None]
        if readers and self.privacy is None:
            raise ValueError(
                f"{readers[0]} has a card reader, so [privacy] card_key_file is needed to hash card numbers"
            )
        return self


def load_settings(path: Path) -> NodeSettings:
    """Read node.toml. Raises SettingsError that lists everything wrong in it, each with its key and an example."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(
            str(path), ["there is no such file; `tocsin-edge example` prints one to start from"]
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), [f"it cannot be read: {error}"]) from None
    except tomllib.TOMLDecodeError as error:
        hint = 'text stands in quotes, for example host = "192.0.2.10"'
        raise SettingsError(str(path), [f"it is no TOML: {error}; {hint}"]) from None
    return settings_from(document, path)


def settings_from(document: Mapping[str, Any], path: Path) -> NodeSettings:
    """Validate a parsed node.toml. `path` is where it came from: relative paths in it are relative to its folder."""
    document = _enrolled(document, path)
    try:
        settings = NodeSettings.model_validate(document)
    except ValidationError as error:
        problems = [problem_of(dict(item)) for item in error.errors(include_url=False)]
        raise SettingsError(str(path), problems) from None
    return _anchored(settings, path.resolve().parent)


def credentials_folder(document: Mapping[str, Any], path: Path) -> Path:
    """Where this node's credentials are: beside its outbox unless said otherwise, for the agent has to renew them there."""
    here = path.resolve().parent
    broker, outbox = document.get("broker"), document.get("outbox")
    said = broker.get("credentials") if isinstance(broker, dict) else None
    if isinstance(said, str):
        return here / Path(said).expanduser()
    store = outbox.get("path") if isinstance(outbox, dict) else None
    beside = (here / Path(store).expanduser()).parent if isinstance(store, str) else here
    return beside / CREDENTIALS_FOLDER


def _enrolled(document: Mapping[str, Any], path: Path) -> Mapping[str, Any]:
    """What `tocsin-edge enroll` wrote fills in what node.toml leaves out: names, broker, certificates."""
    broker, node = document.get("broker", {}), document.get("node", {})
    if not isinstance(broker, dict) or not isinstance(node, dict) or "tls" in broker:
        return document
    folder = credentials_folder(document, path)
    try:
        identity = Identity.model_validate_json((folder / IDENTITY_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return document
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise SettingsError(
            str(folder / IDENTITY_FILE), [f"it cannot be read ({error}); enrol this node anew"]
        ) from None
    said = (node.get("estate", identity.estate), node.get("name", identity.node))
    if said != (identity.estate, identity.node):
        written, enrolled = "/".join(map(str, said)), f"{identity.estate}/{identity.node}"
        problem = f"node: it says {written} and was enrolled as {enrolled}; correct [node], or enrol it anew"
        raise SettingsError(str(path), [problem])
    filled = {"host": identity.broker_host, "port": identity.broker_port, "credentials": str(folder)}
    return {**document, "node": {"estate": said[0], "name": said[1]}, "broker": {**filled, **broker}}


def example_toml() -> str:
    """The commented example, ready to be saved as node.toml."""
    return (Path(__file__).parent / "node.example.toml").read_text(encoding="utf-8")


def _anchored(settings: NodeSettings, folder: Path) -> NodeSettings:
    def at(path: Path | None) -> Path | None:
        return None if path is None else folder / path.expanduser()

    def moved(section: _Section, **paths: Path | None) -> Any:
        return section.model_copy(update=paths)

    broker = settings.broker
    tls = broker.tls
    if tls is not None:
        tls = moved(tls, ca_file=at(tls.ca_file), cert_file=at(tls.cert_file), key_file=at(tls.key_file))
    paths = {"password_file": at(broker.password_file), "credentials": at(broker.credentials), "tls": tls}
    broker = broker.model_copy(update=paths)
    privacy = settings.privacy
    if privacy is not None:
        privacy = moved(privacy, card_key_file=at(privacy.card_key_file))
    outbox = moved(settings.outbox, path=at(settings.outbox.path))
    return settings.model_copy(update={"broker": broker, "privacy": privacy, "outbox": outbox})
