"""The cloud's connection to the broker: paho-mqtt in a thread of its own, back again after any loss."""

from __future__ import annotations

import contextlib
import random
import select
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from cloud.adapters.packet_socket import PacketSocket

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike  # paho shows it to type checkers only

KEEPALIVE_S: Final = 20
CONNECT_TIMEOUT_S: Final = 5.0
FIRST_WAIT_S: Final = 0.25
LONGEST_WAIT_S: Final = 15.0
FAREWELL_S: Final = 1.0
LOOK_S: Final = 1.0
QOS: Final = 1

Received = Callable[[str, bytes], None]
"""Called with topic and payload from the connection's thread; while it runs nothing more is read."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """Where the broker is and who we are there. `ca_file` given: TLS, verified against it; `cert_file` and `key_file`
    prove us to a broker that asks for certificates.
    """

    host: str = "127.0.0.1"
    port: int = 1883
    client_id: str = "tocsin-cloud"
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told what, from the connection's thread. `said` hears a sentence at each change, not at each attempt."""

    received: Received
    connected: Callable[[], None]
    lost: Callable[[str], None]


_NOBODY: Final = Listener(lambda _topic, _payload: None, lambda: None, lambda _why: None)


class _Client(Client):
    """paho's client: connects, subscribes, publishes and keeps alive, on a socket that takes the messages out before."""

    received: Received

    def _create_socket(self) -> SocketLike:
        # Not paho's public face, hence the check in _serve and a test that would miss it.
        return cast("SocketLike", PacketSocket(cast("socket.socket", super()._create_socket()), self.received))


class BrokerLink:
    """Keeps a connection to the broker for as long as it runs.

    QoS 1, confirmed to the broker (PUBACK) after `received` returns: while ingest takes its time nothing is confirmed, so
    the broker holds back at its in-flight limit and queues. What it drops beyond its queue is sent again by the nodes,
    which wait for our own acknowledgement; nothing depends on the broker.

    The session is clean: a broker that kept messages for us while we are away would only repeat what nodes repeat.
    """

    def __init__(
        self,
        address: BrokerAddress,
        subscriptions: Sequence[str],
        *,
        will_topic: str | None = None,
    ) -> None:
        self._address = address
        self._subscriptions = [(topic, QOS) for topic in subscriptions]
        self._listener = _NOBODY
        self._log = structlog.get_logger("cloud.mqtt")
        self._stopping = threading.Event()
        self._up = threading.Event()
        self._sentence: str | None = None
        self._trouble = ""
        self._wake_r, self._wake_w = socket.socketpair()
        self._wake_r.setblocking(False)
        self._wake_w.setblocking(False)
        self._client = self._build(will_topic)
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)

    def start(self, listener: Listener) -> None:
        self._listener = listener
        self._client.received = listener.received
        self._thread.start()

    @property
    def dead(self) -> bool:
        """Whether the thread ended although nobody asked it to."""
        return bool(self._thread.ident) and not self._thread.is_alive() and not self._stopping.is_set()

    def stop(self) -> None:
        """Says farewell and ends. What was not acknowledged will come again."""
        self._stopping.set()
        self._wake()
        if self._thread.ident:
            self._thread.join(CONNECT_TIMEOUT_S + FAREWELL_S)
        self._wake_r.close()
        self._wake_w.close()

    @property
    def connected(self) -> bool:
        return self._up.is_set()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """From any thread. False when there is no connection: nothing is kept for later, nodes ask again by resending."""
        if not self._up.is_set():
            return False
        return self._client.publish(topic, payload, QOS, retain).rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def _build(self, will_topic: str | None) -> _Client:
        address = self._address
        client = _Client(CallbackAPIVersion.VERSION2, address.client_id, clean_session=True, reconnect_on_failure=False)
        client.connect_timeout = CONNECT_TIMEOUT_S
        client.max_inflight_messages_set(1000)
        if address.username is not None:
            client.username_pw_set(address.username, address.password)
        if address.ca_file is not None:
            client.tls_set(address.ca_file, address.cert_file, address.key_file)
        if will_topic is not None:
            # An empty retained message takes the hint off the broker.
            client.will_set(will_topic, b"", QOS, retain=True)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_disconnect = self._on_disconnect
        # Its presence makes paho leave the writing to our loop, whichever thread publishes.
        client.on_socket_register_write = lambda _client, _userdata, _sock: self._wake()
        return client

    def _on_connect(
        self, client: Client, _userdata: object, _flags: ConnectFlags, reason: ReasonCode, _props: Properties | None
    ) -> None:
        if reason.is_failure:
            self._trouble = f"the broker at {self._address} refuses us: {reason}"
            return
        client.subscribe(self._subscriptions)

    def _on_subscribe(
        self, _client: Client, _userdata: object, _mid: int, reasons: list[ReasonCode], _props: Properties | None
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._trouble = (
                f"the broker at {self._address} does not let us subscribe; its ACL must allow reading tocsin/#"
            )
            self._say(self._trouble)
            return
        self._up.set()
        self._sentence = None
        self._log.info("broker connected", broker=str(self._address))
        self._listener.connected()

    def _on_disconnect(
        self, _client: Client, _userdata: object, _flags: DisconnectFlags, reason: ReasonCode, _props: Properties | None
    ) -> None:
        self._up.clear()
        self._trouble = self._trouble or f"the connection to the broker at {self._address} was lost: {reason}"

    def _run(self) -> None:
        wait = FIRST_WAIT_S
        while not self._stopping.is_set():
            self._trouble = ""
            try:
                self._client.connect(self._address.host, self._address.port, KEEPALIVE_S)
            except (OSError, ValueError) as error:
                self._trouble = f"no broker answers at {self._address} ({error})"
            else:
                wait = FIRST_WAIT_S if self._serve() else wait
            self._up.clear()
            if self._stopping.is_set():
                return
            self._say(self._trouble or f"the connection to the broker at {self._address} ended")
            self._stopping.wait(wait * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, no secret
            wait = min(wait * 2, LONGEST_WAIT_S)

    def _say(self, sentence: str) -> None:
        if sentence != self._sentence:
            self._sentence = sentence
            self._log.warning("broker not available; trying again until it is", why=sentence)
        self._listener.lost(sentence)

    def _serve(self) -> bool:
        """Reads and writes until the connection ends. Whether it was ever up."""
        was_up = False
        # Not select(): it knows no file beyond the 1024th, and who follows the board has one each.
        ears = select.poll()
        ears.register(self._wake_r, select.POLLIN)
        while (sock := self._client.socket()) is not None:
            assert isinstance(sock, PacketSocket), "paho has made a socket of its own"
            was_up = was_up or self._up.is_set()
            if self._stopping.is_set():
                self._farewell()
                return True
            unsent = self._client.want_write() or sock.unsent > 0
            patience = 0.0 if sock.more() or sock.pending() else LOOK_S
            ears.register(sock, select.POLLIN | (select.POLLOUT if unsent else 0))
            if any(file == self._wake_r.fileno() for file, _ in ears.poll(patience * 1000)):
                with contextlib.suppress(BlockingIOError):
                    self._wake_r.recv(4096)
            if not (self._read(sock) and self._write()):
                break
            if self._client.loop_misc() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                break
        return was_up

    def _read(self, sock: PacketSocket) -> bool:
        """Takes what has arrived. False when the connection ended."""
        try:
            sock.fill()
        except OSError:
            return False
        while sock.pending():
            if self._client.loop_read() != MQTTErrorCode.MQTT_ERR_SUCCESS:
                return False
        return True

    def _write(self) -> bool:
        """Sends what waits. False when the connection ended."""
        if self._client.want_write() and self._client.loop_write() != MQTTErrorCode.MQTT_ERR_SUCCESS:
            return False
        sock = self._client.socket()
        if isinstance(sock, PacketSocket):
            try:
                sock.flush()
            except OSError:
                return False
        return sock is not None

    def _farewell(self) -> None:
        """Sends what waits, then disconnects in order (which publishes no will: the owner has said its own)."""
        self._write()
        self._client.disconnect()
        self._write()

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_w.send(b"\0")
