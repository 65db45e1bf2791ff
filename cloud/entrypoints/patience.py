"""How long a connection may take to say what it wants, and how many there may be: who opens hundreds and says a byte now and then
would keep everybody out.

A server of ours may stand at the door itself, with no proxy before it that waits in its place. What is measured is the client's
time alone: a request that has come whole takes as long as we need, and a stream that is followed lasts.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from cloud.entrypoints.crowd import LARGE, Crowd

HEAD_S: Final = 20.0
"""For a request's head, from the connection or from its first byte: a telephone in a lift shaft needs two or three."""
BODY_S: Final = 20.0
BODY_RATE: Final = 500
"""Bytes a second that a body comes with at the least once `BODY_S` are over; a photo on the poorest line has 1500."""

_TIMEOUT: Final = b"HTTP/1.1 408 Request Timeout\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_STILL_COMING: Final = frozenset({h11.IDLE, h11.SEND_BODY})


class PatientProtocol(H11Protocol):
    """uvicorn's own, which by itself waits for ever. From the event loop only."""

    head_s, body_s = HEAD_S, BODY_S

    def __init__(self, *args: Any, crowd: Crowd | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._crowd, self._address = crowd, "unknown"
        self._waiting: asyncio.TimerHandle | None = None
        self._for: object = h11.IDLE
        self._since, self._taken = 0.0, 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's
        super().connection_made(transport)
        self._wait(h11.IDLE)
        if self._crowd is not None:
            self._address = self.client[0] if self.client else "unknown"
            self._crowd.came(self, self._address)

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        if self._crowd is not None:
            self._crowd.left(self, self._address)
        super().connection_lost(exc)

    def shut_out(self) -> None:
        self._rest()
        self.transport.abort()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._crowd is not None and self.conn.their_state is h11.IDLE:
            self._crowd.waits(self, self._address)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._taken += len(data)
        state = self.conn.their_state
        if self._crowd is not None:
            if state not in _STILL_COMING:
                self._crowd.asks(self, self._address)
            elif state is h11.SEND_BODY and self._taken > LARGE:
                self._crowd.grew(self, self._address)
        if state not in _STILL_COMING or self.transport.is_closing():
            self._rest()
        elif self._waiting is None or state is not self._for:
            self._wait(state)

    def _wait(self, state: object) -> None:
        self._rest()
        self._for, self._since, self._taken = state, self.loop.time(), 0
        self._waiting = self.loop.call_later(self.head_s if state is h11.IDLE else self.body_s, self._look)

    def _rest(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _look(self) -> None:
        self._waiting = None
        if self.transport.is_closing():
            return
        due = self._since + self.head_s
        if self._for is h11.SEND_BODY:
            # While we do not read, it is not the client that is slow.
            due = self.loop.time() + 1 if self.flow.read_paused else self._since + self.body_s + self._taken / BODY_RATE
        if due > self.loop.time():
            self._waiting = self.loop.call_at(due, self._look)
            return
        answering: RequestResponseCycle | None = getattr(self, "cycle", None)
        if answering is None or answering.response_complete:
            self.transport.write(_TIMEOUT)
        self.transport.close()
