"""The cloud's acknowledgement: which batches are durable, and how much backlog may come."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.base import Uuid, WireModel
from schemas.batch import Stream

Seq = Annotated[int, Field(ge=1, lt=2**53)]


class StreamAck(WireModel):
    """Batches of one stream that are durable (or refused for good): inclusive ranges of `seq`, lowest first.

    `refused` are among those in `stored`: they stand in the dead letters and need not be sent again.
    """

    stream: Stream
    stored: list[tuple[Seq, Seq]]
    refused: list[Seq] = []


class Ack(WireModel):
    """Sent after the commit that made the batches durable, never before."""

    outbox: Uuid
    streams: list[StreamAck]
    credit: Annotated[int, Field(ge=0)] = 32
    """Telemetry batches of backlog that may be in flight until the next acknowledgement. Never limits events."""
