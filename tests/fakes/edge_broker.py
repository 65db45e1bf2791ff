"""A broker in memory, with a cloud behind it that acknowledges when it is told to."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import asynccontextmanager

from edge.application.ports import Incoming
from edge.errors import BrokerError
from schemas.delivery import Ack, StreamAck
from schemas.topics import Channel

STREAMS = (Channel.EVENTS, Channel.TELEMETRY)


class FakeConnection:
    def __init__(self, broker: FakeBroker) -> None:
        self._broker = broker
        self._inbox: asyncio.Queue[Incoming | None] = asyncio.Queue()
        self.is_open = True

    async def publish(self, channel: Channel, payload: bytes) -> None:
        await asyncio.sleep(0)
        if not self.is_open:
            raise BrokerError("the line was cut")
        self._broker.received.append((channel, json.loads(payload)))
        if channel in STREAMS and self._broker.cloud_answers:
            self._broker.acknowledge(json.loads(payload), channel)

    async def incoming(self):
        try:
            while (message := await self._inbox.get()) is not None:
                yield message
        except asyncio.CancelledError:
            if self._broker.breaks_when_left:
                raise BrokerError("the broker went in the same moment") from None
            raise
        raise BrokerError("the line was cut")

    def deliver(self, message: Incoming | None) -> None:
        self._inbox.put_nowait(message)


class FakeBroker:
    """`cut`, `refuse`, `hint`, `acknowledge`: what happens to a node's link."""

    def __init__(self) -> None:
        self.received: deque[tuple[Channel, dict]] = deque()
        self.wills: list[dict] = []
        self.cloud_answers = True
        self.credit = 32
        self.is_up = True
        self.breaks_when_left = False
        """Whoever stops listening finds that the connection has broken meanwhile."""
        self.connection: FakeConnection | None = None
        self.attempts = 0

    @asynccontextmanager
    async def connect(self, will):
        self.attempts += 1
        if not self.is_up:
            raise BrokerError("connection refused")
        self.wills.append(json.loads(will.payload))
        self.connection = FakeConnection(self)
        try:
            yield self.connection
        finally:
            self.connection.is_open = False

    def cut(self) -> None:
        """The connection is lost."""
        if self.connection is not None:
            self.connection.is_open = False
            self.connection.deliver(None)

    def tell(self, channel: Channel | None, payload: bytes) -> None:
        assert self.connection is not None
        self.connection.deliver(Incoming(channel, payload))

    def acknowledge(self, batch: dict, channel: Channel) -> None:
        ack = Ack(
            outbox=batch["outbox"],
            credit=self.credit,
            streams=[StreamAck(stream=channel.value, stored=[(batch["seq"], batch["seq"])])],
        )
        self.tell(Channel.ACK, ack.model_dump_json().encode())

    def seqs(self, channel: Channel) -> list[int]:
        return [batch["seq"] for heard, batch in self.received if heard is channel]

    def heard(self, channel: Channel) -> list[dict]:
        return [message for heard, message in self.received if heard is channel]
