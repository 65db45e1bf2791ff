"""One node's connection to the MQTT broker, through aiomqtt."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiomqtt

from edge.adapters.cancellation import heeding_cancellation
from edge.application.ports import Incoming, Will
from edge.errors import BrokerError
from edge.settings import BrokerSection, TlsSection
from schemas.topics import QOS, Channel, NodeAddress, NodeTopic, TopicError, node_subscriptions, parse

_IN_FLIGHT = 64
"""Messages at the broker at once. Small: what a broker holds is lost when the broker is, and has to be sent again."""
_ANSWER_S = 10.0
_log = logging.getLogger(__name__)


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

    def __init__(self, broker: BrokerSection, address: NodeAddress, role: str = "agent") -> None:
        """`role` keeps two clients of one node apart: a broker ends the older of two that share a name."""
        self._broker = broker
        self._address = address
        self._identifier = f"tocsin-{address.estate}-{address.node}" + ("" if role == "agent" else f"-{role}")

    @asynccontextmanager
    async def connect(self, will: Will | None) -> AsyncIterator[MqttConnection]:
        where = f"{self._broker.host}:{self._broker.port}"
        client = self._client(will)
        try:
            await client.__aenter__()
        except aiomqtt.MqttError as error:
            raise BrokerError(f"broker {where}: {error}; {_advice(error)}") from error
        try:
            yield await self._subscribed(client)
        finally:
            try:
                await client.__aexit__(None, None, None)
            except aiomqtt.MqttError as error:
                _log.info("the broker did not see us off", extra={"why": str(error)})

    async def _subscribed(self, client: aiomqtt.Client) -> MqttConnection:
        try:
            await client.subscribe([(topic, QOS) for topic in node_subscriptions(self._address)])
        except aiomqtt.MqttError as error:
            raise BrokerError(f"subscribing as {self._address} failed: {error}") from error
        return MqttConnection(client, self._address)

    def _client(self, will: Will | None) -> aiomqtt.Client:
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.username,
            password=_password(self._broker),
            identifier=self._identifier,
            will=None if will is None else self._last_will(will),
            clean_session=True,
            timeout=_ANSWER_S,
            keepalive=self._broker.keepalive_s,
            max_inflight_messages=_IN_FLIGHT,
            # An alarm of a few hundred bytes must not wait for the acknowledgement of the one before (Nagle's algorithm).
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
            tls_context=None if self._broker.tls is None else tls_context(self._broker.tls),
        )
        client.pending_calls_threshold = _IN_FLIGHT
        return client

    def _last_will(self, will: Will) -> aiomqtt.Will:
        return aiomqtt.Will(self._address.topic(will.channel), will.payload, qos=QOS, retain=will.channel.retained)


def tls_context(tls: TlsSection) -> ssl.SSLContext:
    """TLS towards the broker, with this node's own certificate where it has one. Raises BrokerError."""
    try:
        context = ssl.create_default_context(cafile=str(tls.ca_file))
        if tls.cert_file is not None and tls.key_file is not None:
            context.load_cert_chain(tls.cert_file, tls.key_file)
    except (OSError, ssl.SSLError) as error:
        raise BrokerError(
            f"[broker] tls: certificates cannot be loaded: {error}; check ca_file, cert_file, key_file"
        ) from error
    return context


def _password(broker: BrokerSection) -> str | None:
    if broker.password_file is None:
        return None
    try:
        return broker.password_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise BrokerError(f"[broker] password_file cannot be read: {error}") from error


def _incoming(message: aiomqtt.Message) -> Incoming | None:
    try:
        topic = parse(message.topic.value)
    except TopicError as error:
        _log.warning("a message on no topic of ours is left alone", extra={"why": str(error)})
        return None
    return Incoming(topic.channel if isinstance(topic, NodeTopic) else None, bytes(message.payload))


def _advice(error: aiomqtt.MqttError) -> str:
    if isinstance(error, aiomqtt.exceptions.MqttConnectError):
        return "it refuses this node: check username, password_file and its access list"
    return "check host and port, and that the broker runs"
