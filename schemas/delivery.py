"""The cloud's acknowledgement: which batches are durable, and how much backlog may come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from schemas.base import Uuid, WireModel
from schemas.batch import Stream

Seq = Annotated[int, Field(ge=1, lt=2**53)]
Mark = Annotated[int, Field(ge=0, lt=2**32)]
MOST_MARKS = 4096


class Stored(NamedTuple):
    """Batches from `first` to `last` are durable. `marks`: one each, None where an older cloud says none."""

    first: int
    last: int
    marks: tuple[int, ...] | None

    def has(self, seq: int, mark: Callable[[], int]) -> bool:
        """Whether this very batch is among them. `mark`: gives its own (`schemas.batch.mark`), asked only if need be."""
        if not self.first <= seq <= self.last:
            return False
        return self.marks is None or self.marks[seq - self.first] == mark()


class StreamAck(WireModel):
    """Batches of one stream that are durable (or refused for good): inclusive ranges of `seq`, lowest first.

    `marks`: for each batch in `stored`, in order, the first 32 bits of its digest. A number alone does not name a batch:
    a copied card seals others under the same one, and neither node may let go of what only the other one delivered.
    `refused` are among those in `stored`: they stand in the dead letters and need not be sent again.
    """

    stream: Stream
    stored: list[tuple[Seq, Seq]]
    marks: Annotated[list[Mark], Field(max_length=MOST_MARKS)] = []
    refused: list[Seq] = []

    @model_validator(mode="after")
    def _a_mark_each(self) -> Self:
        if any(first > last for first, last in self.stored):
            raise ValueError("stored: a range begins with its lower number")
        if self.marks and len(self.marks) != sum(last - first + 1 for first, last in self.stored):
            raise ValueError("marks: there is one for each batch in stored, or none at all")
        return self

    def ranges(self) -> Iterator[Stored]:
        """The ranges, each with its marks."""
        at = 0
        for first, last in self.stored:
            until = at + last - first + 1
            yield Stored(first, last, tuple(self.marks[at:until]) if self.marks else None)
            at = until


class Ack(WireModel):
    """Sent after the commit that made the batches durable, never before."""

    outbox: Uuid
    streams: list[StreamAck]
    credit: Annotated[int, Field(ge=0)] = 32
    """Telemetry batches of backlog that may be in flight until the next acknowledgement. Never limits events."""
