"""Keeps the node connected: birth on every connection, a last will, a farewell, and patience in between."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import Literal

from pydantic import ValidationError

from edge.application.alarms import Alarms
from edge.application.answers import Answers
from edge.application.configure import Configure
from edge.application.deliver import Deliver
from edge.application.obey import Obey
from edge.application.ports import Broker, Clock, Connection, Incoming, Outbox, Will
from edge.application.report_health import ReportHealth
from edge.application.timestamps import Timestamps
from edge.application.watch_cloud import WatchCloud
from edge.errors import BrokerError, OutboxError
from schemas.commands import Command
from schemas.delivery import Ack
from schemas.presence import Born, Died
from schemas.topics import Channel

_FIRST_BACKOFF_S = 1.0
_FAREWELL_S = 2.0
_log = logging.getLogger(__name__)


class Link:
    """One node's connection, made again for as long as the agent runs."""

    def __init__(
        self,
        broker: Broker,
        outbox: Outbox,
        clock: Clock,
        timestamps: Timestamps,
        *,
        configure: Configure,
        obey: Obey,
        answers: Answers,
        agent_version: str,
        alarms: Alarms,
        deliver: Deliver,
        watch: WatchCloud,
        health: ReportHealth,
        max_backoff_s: float,
        numbered_from: int = 0,
    ) -> None:
        """`numbered_from`: connections of this boot that an earlier run may have made, whatever the outbox remembers."""
        self._broker = broker
        self._outbox = outbox
        self._clock = clock
        self._timestamps = timestamps
        self._configure = configure
        self._obey = obey
        self._answers = answers
        self._agent_version = agent_version
        self._alarms = alarms
        self._deliver = deliver
        self._watch = watch
        self._health = health
        self._max_backoff_s = max_backoff_s
        self._number = numbered_from
        self._said: str | None = None
        self.connected = False

    async def run(self) -> None:
        """Connect, serve, and when that ends begin again after a pause that grows, with jitter, up to its bound."""
        backoff_s = _FIRST_BACKOFF_S
        while True:
            # A task of its own: where a connection breaks while the node ends, its TaskGroups raise their error and forget
            # the cancellation. Here it is remembered, or the node would wait for ever for a link that goes on connecting.
            reached = await asyncio.create_task(self._once(), name="connection")
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise asyncio.CancelledError
            backoff_s = _FIRST_BACKOFF_S if reached else min(backoff_s * 2, self._max_backoff_s)
            await self._clock.sleep(backoff_s * random.uniform(0.5, 1.0))  # noqa: S311 - spreads nodes, keeps no secret

    async def _once(self) -> bool:
        """One connection, for as long as it lasts. Whether it was made."""
        reached = False
        try:
            await self._number_connection()
            async with self._broker.connect(self._will()) as connection:
                reached = True
                await self._serve(connection)
        except* BrokerError as lost:
            self._say_lost(str(lost.exceptions[0]))
        return reached

    def _say_lost(self, why: str) -> None:
        """Once for each reason, not at each attempt: an outage of a week is one line."""
        if why != self._said:
            self._said = why
            _log.warning(
                "no connection to the broker", extra={"why": why, "what_next": "kept and tried until it is there"}
            )

    async def _number_connection(self) -> None:
        try:
            self._number = max(await self._outbox.next_connection(), self._number + 1)
        except OutboxError as error:
            self._number += 1
            _log.warning("the connection's number cannot be kept", extra={"number": self._number, "why": str(error)})

    async def _serve(self, connection: Connection) -> None:
        try:
            self._answers.take_birth()
            await connection.publish(Channel.PRESENCE, self._birth())
            self.connected = True
            self._said = None
            _log.info("connected", extra={"connection": self._number, "active": len(self._alarms.active)})
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._deliver.run(connection), name="deliver")
                tasks.create_task(self._listen(connection), name="listen")
                tasks.create_task(self._health.run(connection), name="report health")
                tasks.create_task(self._answer(connection), name="answer")
        except asyncio.CancelledError:
            await self._farewell(connection)
            raise
        finally:
            self.connected = False

    async def _listen(self, connection: Connection) -> None:
        async for message in connection.incoming():
            try:
                self._take(message)
            except ValidationError as error:
                _log.warning(
                    "a message for this node cannot be read and is left alone",
                    extra={"channel": message.channel, "why": str(error.errors(include_url=False)[:3])},
                )

    def _take(self, message: Incoming) -> None:
        match message.channel:
            case Channel.ACK:
                self._deliver.acknowledged(Ack.model_validate_json(message.payload))
                self._watch.heard()
            case None:
                self._deliver.cloud_is_there()
                if message.payload and not message.retained:
                    self._watch.heard()
            case Channel.COMMAND:
                self._obey.received(Command.model_validate_json(message.payload))
            case Channel.CONFIG:
                self._configure.offered(message.payload)
            case other:
                _log.info("a message on a channel of ours is left alone", extra={"channel": other})

    async def _answer(self, connection: Connection) -> None:
        """Say what waits to be said: a changed birth first, so that whoever reads a receipt knows what it is about."""
        while True:
            if self._answers.take_birth():
                await connection.publish(Channel.PRESENCE, self._birth())
            while (receipt := self._answers.next()) is not None:
                # A version that could not be read is said as null: a receipt without the field is none at all.
                await connection.publish(Channel.RECEIPT, receipt.model_dump_json(exclude_defaults=True).encode())
                self._answers.said(receipt)
            await self._answers.wait()

    async def _farewell(self, connection: Connection) -> None:
        try:
            async with asyncio.timeout(_FAREWELL_S):
                await connection.publish(Channel.PRESENCE, self._death("stopped"))
        except (BrokerError, TimeoutError) as error:
            _log.warning("no farewell: the broker says our last will instead", extra={"why": str(error)})

    def _will(self) -> Will:
        return Will(Channel.PRESENCE, self._death("lost"))

    def _death(self, reason: Literal["lost", "stopped"]) -> bytes:
        return Died(boot=self._clock.boot, connection=self._number, reason=reason).model_dump_json().encode()

    def _birth(self) -> bytes:
        mono = self._clock.mono()
        born = Born(
            outbox=self._outbox.identity,
            boot=self._clock.boot,
            connection=self._number,
            agent_version=self._agent_version,
            config_version=self._configure.in_force.version,
            config_hash=self._configure.digest,
            clock=self._timestamps.state,
            t=self._timestamps.time_of(mono),
            mono=mono,
            equipment=[item.id for item in self._configure.in_force.equipment],
            active=self._alarms.active,
        )
        return born.model_dump_json(exclude_none=True).encode()
