"""The broker's access list, kept by the cloud: each credential may speak under its own node's topics and no other.

It is mosquitto's dynamic security plugin, driven over MQTT. Measured on mosquitto 2.0.11 with client certificates: a
client that is *disabled* is disconnected and may come back and publish, because the certificate stands in for the
password check; one that is *deleted* is disconnected and may neither publish nor subscribe any more. So we delete.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import Any, Final, Protocol

import structlog

from cloud.application.ports import UnitOfWork, UnitsOfWork
from cloud.domain.fleet.credential import CREDENTIAL_PREFIX, Credential, CredentialState
from cloud.errors import Unavailable
from schemas.topics import FROM_NODE, TO_NODE, Channel, NodeAddress, node_subscriptions

CONTROL: Final = "$CONTROL/dynamic-security/v1"
RESPONSE: Final = f"{CONTROL}/response"
LOOK_S: Final = 0.5

SWEEPS_S: Final = (1.0, 5.0, 30.0)
"""After a revocation its connections are ended again: a node comes back at once, and the broker may not have read the list of
revoked certificates by then - which refuses new connections and leaves those that stand."""

ANSWER_S: Final = 5.0
_AT_ONCE: Final = 20
_PAGE: Final = 200

Command = dict[str, Any]
Publish = Callable[[str, bytes], bool]
"""(topic, payload) → whether there is a connection."""

_DRAINS: Final = (Channel.EVENTS, Channel.TELEMETRY)


def rights(credential: Credential) -> list[Command]:
    """What this credential may do at the broker. A board that was replaced delivers its backlog and hears what is stored."""
    address = NodeAddress(credential.estate, credential.node_id)
    drains = credential.state is CredentialState.DRAINING
    writes = _DRAINS if drains else FROM_NODE
    denied = {address.topic(channel) for channel in TO_NODE if drains and channel is not Channel.ACK}
    reads = [topic for topic in node_subscriptions(address) if topic not in denied]
    return [
        *({"acltype": "publishClientSend", "topic": address.topic(channel), "allow": True} for channel in writes),
        *({"acltype": "subscribeLiteral", "topic": topic, "allow": True} for topic in reads),
    ]


def role_of(credential: Credential) -> str:
    """A role never changes what it allows, so that its name says whether it is the right one."""
    return f"{credential.id}:{credential.state.value}:v1"


def plan(wanted: Iterable[Credential], found: Mapping[str, Sequence[str]]) -> list[Command]:
    """The commands that make the broker's list what it should be. `found`: user → roles, as the broker tells them.

    Users that are named otherwise than credentials are (the cloud itself, an operator's own) are left alone.
    """
    commands: list[Command] = []
    names = set()
    for credential in wanted:
        names.add(credential.id)
        role = role_of(credential)
        roles = [{"rolename": role}]
        had = found.get(credential.id)
        if had is not None and list(had) == [role]:
            continue
        commands.append({"command": "createRole", "rolename": role, "acls": rights(credential)})
        client = {"username": credential.id, "roles": roles}
        if had is None:
            node = f"{credential.estate}/{credential.node_id}"
            commands.append({"command": "createClient", "textname": node, **client})
        else:
            commands.append({"command": "modifyClient", **client})
            commands += [{"command": "deleteRole", "rolename": old} for old in had]
    for name, roles_had in found.items():
        if name.startswith(CREDENTIAL_PREFIX) and name not in names:
            # The client first: it is this that disconnects it.
            commands.append({"command": "deleteClient", "username": name})
            commands += [{"command": "deleteRole", "rolename": role} for role in roles_had]
    return commands


def ended(credential_ids: Iterable[str]) -> list[Command]:
    """The commands that end whatever connection stands under these names: the broker ends those of a user it deletes, and
    deletes none that it does not have.
    """
    return [
        {"command": command, "username": name}
        for name in credential_ids
        for command in ("createClient", "deleteClient")
    ]


class Ticks(Protocol):
    """The part of the clock that sweeps need."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...


class BrokerAccess:
    """Compares what the broker allows with the credentials there are, at every connection and after every change."""

    def __init__(
        self,
        units: UnitsOfWork,
        publish: Publish,
        connected: Callable[[], bool],
        *,
        clock: Ticks,
        sweeps_s: Sequence[float] = (),
    ) -> None:
        """`sweeps_s`: when to end revoked nodes' connections again; pointless where the broker reads no list of them."""
        self._units, self._publish, self._connected = units, publish, connected
        self._clock, self._sweeps_s = clock, sweeps_s
        self._sweeps: list[float] = []
        self._answers: SimpleQueue[bytes] = SimpleQueue()
        self._done: tuple[int, datetime | None] | None = None
        self._number = 0
        self._log = structlog.get_logger("cloud.broker_access")

    def received(self, payload: bytes) -> None:
        """What the broker answers; from the connection's thread."""
        self._answers.put(payload)

    def connected(self) -> None:
        """A new connection: the broker may have lost what it knew."""
        self._done = None

    def step(self) -> float:
        """Makes it so; the seconds until the next look. Raises Unavailable when the broker does not do as it is told."""
        if not self._connected():
            return LOOK_S
        with self._units.reading() as uow:
            revision = uow.enrolments.revision()
            if revision == self._done:
                self._sweep(uow)
                return LOOK_S
            wanted = uow.enrolments.speaking()
        commands = plan(wanted, self._found())
        for start in range(0, len(commands), _AT_ONCE):
            self._tell(commands[start : start + _AT_ONCE])
        if commands:
            self._log.info("the broker's access list was changed", commands=len(commands), credentials=len(wanted))
        self._done = revision
        self._sweeps = [self._clock.monotonic() + delay for delay in self._sweeps_s]
        return LOOK_S

    def _sweep(self, uow: UnitOfWork) -> None:
        """Raises Unavailable; then it is swept again."""
        now = self._clock.monotonic()
        if not self._sweeps or now < self._sweeps[0]:
            return
        commands = ended(one.id for one in uow.enrolments.revoked(self._clock.now()))
        for start in range(0, len(commands), _AT_ONCE):
            self._tell(commands[start : start + _AT_ONCE])
        self._sweeps = [due for due in self._sweeps if due > now]

    def _found(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        while True:
            ask = {"command": "listClients", "verbose": True, "count": _PAGE, "offset": len(found)}
            data = self._ask([ask])[0].get("data", {})
            clients = data.get("clients", [])
            for client in clients:
                found[client["username"]] = [role["rolename"] for role in client.get("roles", [])]
            if not clients or len(found) >= data.get("totalCount", 0):
                return found

    def _tell(self, commands: Sequence[Command]) -> None:
        for command, answer in zip(commands, self._ask(commands), strict=False):
            error = answer.get("error")
            # A role that is there already allows what its name says; one that is gone was to go.
            if error and error not in ("Role already exists", "Role not found", "Client already exists"):
                raise Unavailable(f"The broker refuses {command['command']} in its access list: {error}.")

    def _ask(self, commands: Sequence[Command]) -> list[dict[str, Any]]:
        while not self._answers.empty():
            self._answers.get_nowait()
        self._number += 1
        mark = f"tocsin-{self._number}"
        marked = [{**command, "correlationData": mark} for command in commands]
        self._publish(CONTROL, json.dumps({"commands": marked}).encode())
        answered: list[dict[str, Any]] = []
        while len(answered) < len(commands):
            try:
                answer = json.loads(self._answers.get(timeout=ANSWER_S))
            except Empty:
                raise Unavailable(
                    f"The broker does not answer on {CONTROL}: its access list cannot be kept. Load mosquitto's dynamic "
                    "security plugin and let the cloud's user speak there (`tocsin broker setup` writes both)."
                ) from None
            answered += [one for one in answer.get("responses", []) if one.get("correlationData") == mark]
        return answered
