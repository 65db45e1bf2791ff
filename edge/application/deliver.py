"""Sealed batches go out: events first, live telemetry next, backlog last - and are let go only when acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterable, Sequence

from edge.application.flights import Flights
from edge.application.ports import Clock, Connection, Outbox, Sealed
from edge.application.waiting import Wakeup
from edge.errors import OutboxError
from schemas.batch import Stream, stamp
from schemas.delivery import Ack
from schemas.topics import Channel

EVENT_WINDOW = 32
LIVE_WINDOW = 32
_AT_ONCE = 16
"""Batches handed to the broker together: enough to fill a slow link, few enough that an event waits for little."""
_TIDY_EVERY_S = 5.0
_CHANNELS = {Stream.EVENTS: Channel.EVENTS, Stream.TELEMETRY: Channel.TELEMETRY}
_log = logging.getLogger(__name__)


class Deliver:
    """Three lanes to the cloud. Nothing gates them but missing acknowledgements (wire.md, The guarantee)."""

    def __init__(self, outbox: Outbox, clock: Clock, *, backlog_batches_per_s: float) -> None:
        self._outbox = outbox
        self._clock = clock
        self._backlog_pace_s = 1.0 / backlog_batches_per_s
        self._credit = 32
        self._connected = False
        self._fresh: deque[Sealed] = deque()
        self._fresh_events: deque[Sealed] = deque()
        self._events = Flights(clock)
        self._live = Flights(clock)
        self._backlog = Flights(clock)
        self._unsettled: set[tuple[str, int]] = set()
        self._settling = Wakeup(clock)
        self._event_news = Wakeup(clock)
        self._live_news = Wakeup(clock)
        self._backlog_news = Wakeup(clock)
        self._events_after = 0
        self._backlog_after = 0

    def look_anew(self) -> None:
        """Everything in the outbox lies in another place now: begin from the first, as on a new connection."""
        for flights in (self._events, self._live, self._backlog):
            flights.clear()
        self._fresh.clear()
        self._fresh_events.clear()
        self._events_after = self._backlog_after = 0
        self._wake()

    async def events_settled(self) -> None:
        """Until every event that was committed while connected is acknowledged, or the connection is lost."""
        while self._unsettled:
            await self._settling.wait(None)

    def sealed(self, batches: Iterable[Sealed]) -> None:
        """Batches have just been committed."""
        for batch in batches:
            if batch.stream is Stream.EVENTS:
                if self._connected:
                    self._unsettled.add((batch.outbox, batch.seq))
                    if len(self._fresh_events) < EVENT_WINDOW:
                        self._fresh_events.append(batch)  # More than that wait in the outbox like any other.
                self._event_news.wake()
            elif self._connected:
                self._fresh.append(batch)
                self._live_news.wake()
        while len(self._fresh) > LIVE_WINDOW:
            # Too many at once to be sent live: they are backlog, and the backlog may already have passed their place.
            self._backlog_after = min(self._backlog_after, self._fresh.popleft().place - 1)
            self._backlog_news.wake()

    def acknowledged(self, ack: Ack) -> None:
        """The cloud has these durably: they are never sent again."""
        self._outbox.acknowledge(ack)
        self._credit = max(ack.credit, 1)
        for stream in ack.streams:
            if stream.refused:
                _log.error(
                    "the cloud refused batches for good", extra={"stream": stream.stream, "seqs": stream.refused}
                )
            for flights in (self._events, self._live, self._backlog):
                flights.land(ack.outbox, stream)
            if stream.stream is Stream.EVENTS:
                covered = stream.stored
                self._unsettled = {
                    (outbox, seq)
                    for outbox, seq in self._unsettled
                    if outbox != ack.outbox or not any(a <= seq <= b for a, b in covered)
                }
        self._settling.wake()
        self._wake()

    def cloud_is_there(self) -> None:
        """A worker announced itself: what it may have missed is sent again now, not after its backoff."""
        for flights in (self._events, self._live, self._backlog):
            flights.hurry()
        self._wake()

    async def run(self, connection: Connection) -> None:
        """Deliver over one connection until it is lost (BrokerError). What was under way then is sent anew on the next."""
        self.look_anew()
        self._connected = True
        try:
            async with asyncio.TaskGroup() as lanes:
                lanes.create_task(self._deliver_events(connection), name="deliver events")
                lanes.create_task(self._deliver_live(connection), name="deliver live telemetry")
                lanes.create_task(self._deliver_backlog(connection), name="deliver backlog")
                lanes.create_task(self._tidy(), name="tidy outbox")
        finally:
            self._connected = False
            self._unsettled.clear()
            self._settling.wake()

    async def _deliver_events(self, connection: Connection) -> None:
        while True:
            await self._send(connection, self._events.overdue(), self._events)
            # What just happened goes before what an outage left: a new alarm waits for no backlog, of events neither.
            room = 2 * EVENT_WINDOW - len(self._events)
            fresh = [self._fresh_events.popleft() for _ in range(min(room, len(self._fresh_events)))]
            await self._send(connection, [batch for batch in fresh if batch.place > self._events_after], self._events)
            after = self._events_after
            found = await self._outbox.waiting(Stream.EVENTS, after, max(EVENT_WINDOW - len(self._events), 0))
            if after != self._events_after:
                continue  # To be looked at anew from an earlier place.
            if found:
                self._events_after = found[-1].place
                await self._send(connection, [batch for batch in found if batch not in self._events], self._events)
            elif not fresh:
                await self._event_news.wait(self._events.until_due())

    async def _deliver_live(self, connection: Connection) -> None:
        while True:
            await self._send(connection, self._live.overdue(), self._live)
            room = LIVE_WINDOW - len(self._live)
            fresh = [self._fresh.popleft() for _ in range(min(room, len(self._fresh)))]
            if fresh:
                await self._send(connection, fresh, self._live)
            else:
                await self._live_news.wait(self._live.until_due())

    async def _deliver_backlog(self, connection: Connection) -> None:
        while True:
            await self._send(connection, self._backlog.overdue(), self._backlog, backlog=True)
            room = min(self._credit - len(self._backlog), _AT_ONCE)
            after = self._backlog_after
            found = await self._outbox.waiting(Stream.TELEMETRY, after, room) if room > 0 else []
            if after != self._backlog_after:
                continue  # To be looked at anew from an earlier place.
            if not found:
                await self._backlog_news.wait(self._backlog.until_due())
                continue
            self._backlog_after = found[-1].place
            live = {batch.place for batch in self._fresh}
            flying = (self._live, self._backlog)
            late = [b for b in found if b.place not in live and not any(b in flights for flights in flying)]
            paced_until = self._clock.mono() + len(late) * self._backlog_pace_s
            await self._send(connection, late, self._backlog, backlog=True)
            await self._clock.sleep(max(paced_until - self._clock.mono(), 0.0))

    async def _send(
        self, connection: Connection, batches: Sequence[Sealed], flights: Flights, *, backlog: bool = False
    ) -> None:
        # All are under way from here on, before anything waits: the backlog must not take one for its own.
        for batch in batches:
            flights.take_off(batch)
            self._outbox.sent(batch)
        for start in range(0, len(batches), _AT_ONCE):
            together = batches[start : start + _AT_ONCE]
            await asyncio.gather(*(self._publish(connection, batch, backlog=backlog) for batch in together))

    async def _publish(self, connection: Connection, batch: Sealed, *, backlog: bool) -> None:
        payload = stamp(batch.payload, sent_mono=self._clock.mono(), sent_boot=self._clock.boot, backlog=backlog)
        await connection.publish(_CHANNELS[batch.stream], payload)

    async def _tidy(self) -> None:
        troubled = False
        while True:
            await self._clock.sleep(_TIDY_EVERY_S)
            try:
                await self._outbox.tidy()
            except OutboxError as error:
                # It is remembered and tried again; a disk that takes nothing is no reason to stop delivering.
                if not troubled:
                    _log.warning("acknowledgements cannot be written down yet", extra={"why": str(error)})
                troubled = True
            else:
                troubled = False

    def _wake(self) -> None:
        for news in (self._event_news, self._live_news, self._backlog_news):
            news.wake()
