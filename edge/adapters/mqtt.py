"""One node's connection to the MQTT broker, through aiomqtt."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt

from edge.adapters.cancellation import heeding_cancellation
from edge.adapters.credentials import CredentialFolder
from edge.adapters.dated_tls import dated_context
from edge.application.ports import Clock, Incoming, Will
from edge.domain.validity import KnownTime, known_time
from edge.errors import BrokerError, EnrolmentError
from edge.settings import BrokerSection, Identity, TlsSection
from edge.version import RELEASED
from schemas.topics import QOS, Channel, NodeAddress, NodeTopic, TopicError, node_subscriptions, parse

_IN_FLIGHT = 64
"""Messages at the broker at once. Small: what a broker holds is lost when the broker is, and has to be sent again."""
_ANSWER_S = 10.0
_DENIED = 128
_log = logging.getLogger(__name__)


def closed_meanwhile(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An exception handler for the loop. aiomqtt asks it for a socket's writer one turn later; a connection that was lost
    in between has closed that socket, and says so by itself.
    """
    error = context.get("exception")
    closed = isinstance(error, OSError) and error.errno == errno.EBADF
    if closed and "add_writer" in str(context.get("message", "")):
        _log.debug("a socket was closed before it could be written to")
        return
    loop.default_exception_handler(context)


class MqttConnection:
    """A live connection: everything at QoS 1, under this node's own topics."""

    def __init__(self, client: aiomqtt.Client, address: NodeAddress) -> None:
        self._client = client
        self._address = address

    async def publish(self, channel: Channel, payload: bytes) -> None:
        try:
            await heeding_cancellation(
                self._client.publish(self._address.topic(channel), payload, qos=QOS, retain=channel.retained)
            )
        except aiomqtt.MqttError as error:
            raise BrokerError(f"the connection was lost while publishing {channel}: {error}") from error

    async def incoming(self) -> AsyncIterator[Incoming]:
        try:
            async for message in self._client.messages:
                incoming = _incoming(message)
                if incoming is not None:
                    yield incoming
        except aiomqtt.MqttError as error:
            raise BrokerError(f"the connection was lost: {error.__cause__ or error}") from error


class MqttBroker:
    """Connects as one node. Raises BrokerError that says whether the broker is away or refuses us."""

    def __init__(
        self,
        broker: BrokerSection,
        address: NodeAddress,
        clock: Clock,
        *,
        role: str = "agent",
        last_trusted: Callable[[], float | None] = lambda: None,
    ) -> None:
        """`role` keeps two clients of one node apart: a broker ends the older of two that share a name. `last_trusted`:
        when the outbox was last written by a clock that was believed (seconds since 1970).
        """
        self._broker = broker
        self._address = address
        self._clock = clock
        self._last_trusted = last_trusted
        self._credentials = None if broker.credentials is None else CredentialFolder(broker.credentials)
        self._name = f"tocsin-{address.estate}-{address.node}" + ("" if role == "agent" else f"-{role}")

    @asynccontextmanager
    async def connect(self, will: Will | None) -> AsyncIterator[MqttConnection]:
        where = f"{self._broker.host}:{self._broker.port}"
        identity = self._identity()
        client = self._client(will, identity)
        try:
            await client.__aenter__()
        except aiomqtt.MqttError as error:
            raise BrokerError(f"broker {where}: {error}; {self._advice(error, identity)}") from error
        try:
            yield await self._subscribed(client, identity)
        finally:
            try:
                await client.__aexit__(None, None, None)
            except aiomqtt.MqttError as error:
                _log.info("the broker did not see us off", extra={"why": str(error)})

    async def _subscribed(self, client: aiomqtt.Client, identity: Identity | None) -> MqttConnection:
        topics = node_subscriptions(self._address)
        try:
            granted = await client.subscribe([(topic, QOS) for topic in topics])
        except aiomqtt.MqttError as error:
            advice = self._advice(error, identity)
            raise BrokerError(f"subscribing as {self._address} failed: {error}; {advice}") from error
        denied = [topic for topic, answer in zip(topics, granted, strict=False) if _is_denied(answer)]
        if self._address.topic(Channel.ACK) in denied:
            raise BrokerError(
                f"the broker lets {self._address} neither speak nor listen: this node was revoked, or is not enrolled "
                "there (a moment after enrolling that is normal). If it stays so, ask the operator for a claim code"
            )
        if denied:
            _log.warning("the broker does not let this node hear everything", extra={"denied": denied})
        return MqttConnection(client, self._address)

    def _client(self, will: Will | None, identity: Identity | None) -> aiomqtt.Client:
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.username,
            password=_password(self._broker),
            # With its credential in it: two boards of one node (one drains) must not end each other's connection.
            identifier=self._name if identity is None else f"{self._name}-{identity.credential}",
            will=None if will is None else self._last_will(will),
            clean_session=True,
            timeout=_ANSWER_S,
            keepalive=self._broker.keepalive_s,
            max_inflight_messages=_IN_FLIGHT,
            # An alarm of a few hundred bytes must not wait for the acknowledgement of the one before (Nagle's algorithm).
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
            tls_context=None if (tls := self._tls()) is None else dated_context(tls, lambda: self._time(identity)),
        )
        client.pending_calls_threshold = _IN_FLIGHT
        return client

    def _identity(self) -> Identity | None:
        try:
            return None if self._credentials is None else self._credentials.identity
        except EnrolmentError as error:
            raise BrokerError(str(error)) from error

    def _tls(self) -> TlsSection | None:
        """Read anew each time: what the node was enrolled with is renewed while it runs."""
        if self._broker.tls is not None or self._credentials is None:
            return self._broker.tls
        tls = self._credentials.tls
        if tls is None and not self._broker.may_be_read:
            raise BrokerError(
                f"this node has no certificate in {self._broker.credentials}, and nothing is sent to {self._broker.host}"
                " in the clear: enrol it with a claim code (tocsin-edge enroll)"
            )
        return tls

    def _time(self, identity: Identity | None) -> KnownTime:
        return known_time(
            wall=self._clock.wall(),
            synchronised=self._clock.synchronised(),
            released=RELEASED,
            last_trusted=self._last_trusted(),
            issued=None if identity is None else identity.issued_at.timestamp(),
            ends=None if identity is None else identity.expires_at.timestamp(),
        )

    def _advice(self, error: aiomqtt.MqttError, identity: Identity | None) -> str:
        if isinstance(error, aiomqtt.exceptions.MqttConnectError):
            return "it refuses this node: check username, password_file and its access list"
        if identity is not None and self._clock.wall() >= identity.expires_at.timestamp():
            ended = f"{identity.expires_at:%Y-%m-%d}"
            return f"this node's certificate ended on {ended}: ask the operator for a claim code and enrol it anew"
        if isinstance(error.__cause__ or error.__context__, ConnectionRefusedError | TimeoutError):
            return "check host and port, and that the broker runs"
        if self._tls() is not None:
            return "check host and port; if it answers others, this node's certificate may be expired or revoked"
        return "check host and port, and that the broker runs"

    def _last_will(self, will: Will) -> aiomqtt.Will:
        return aiomqtt.Will(self._address.topic(will.channel), will.payload, qos=QOS, retain=will.channel.retained)


def _password(broker: BrokerSection) -> str | None:
    if broker.password_file is None:
        return None
    try:
        return broker.password_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BrokerError(f"[broker] password_file cannot be read: {error}") from error


def _incoming(message: aiomqtt.Message) -> Incoming | None:
    try:
        topic = parse(message.topic.value)
    except TopicError as error:
        _log.warning("a message on no topic of ours is left alone", extra={"why": str(error)})
        return None
    channel = topic.channel if isinstance(topic, NodeTopic) else None
    return Incoming(channel, bytes(message.payload), retained=bool(message.retain))


def _is_denied(answer: object) -> bool:
    """A SUBACK's code, MQTT 3.1.1 section 3.9.3: 128 is a refusal."""
    value = getattr(answer, "value", answer)
    return isinstance(value, int) and value >= _DENIED
