"""What the use cases need from outside: time, a store, a wire. What they need of the equipment: `board_ports`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from schemas.batch import ClockState, Stream, digest, mark
from schemas.delivery import Ack
from schemas.events import Event
from schemas.presence import Numbered
from schemas.topics import Channel


class Clock(Protocol):
    """All time a node knows, and all waiting it does. One that runs N times faster makes the whole agent do so."""

    @property
    def boot(self) -> str:
        """A UUID of the boot that `mono` counts from."""

    def mono(self) -> float:
        """Seconds since that boot. Never jumps. May be called from any thread."""

    def wall(self) -> float:
        """Seconds since 1970, as the system believes. May jump."""

    def synchronised(self) -> bool:
        """Whether the system says that its wall clock follows a reference."""

    async def offset(self) -> float | None:
        """Seconds by which the wall clock still differs from its reference, positive where it is behind (RFC 5905, theta);
        None where nobody here can tell.
        """

    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class RuleMemory:
    """What is kept of one rule: its state as text, the boot it counts in, and the alarm that stands, if one does."""

    rule: str
    boot: str
    state: str
    active: str | None = None
    """The ActiveOccurrence as JSON."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch as it lies in the outbox. `place` orders it among all that ever lay there."""

    place: int
    outbox: str
    stream: Stream
    seq: int
    boot: str
    sealed_mono: float
    records: int
    payload: bytes

    def mark(self) -> int:
        """What tells it from another batch under the same number."""
        return mark(digest(self.payload))


@dataclass(frozen=True, slots=True)
class Entries:
    """What is committed together, or not at all. `packs` are SenML packs, one batch each."""

    boot: str
    mono: float
    wall: float
    clock: ClockState
    events: Sequence[Event] = ()
    packs: Sequence[list[dict[str, Any]]] = ()
    rules: Sequence[RuleMemory] = ()
    forgotten_rules: Sequence[str] = ()
    memory: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Equipment → what its interpreter must remember."""


@dataclass(frozen=True, slots=True)
class Depth:
    """What waits in one stream."""

    batches: int
    records: int
    oldest_mono: float | None
    """When the oldest was sealed; None where there is none, or it was sealed before this boot."""


class Outbox(Protocol):
    """The store between observing and delivering. From a commit on, a power cut loses nothing. Raises OutboxError."""

    @property
    def identity(self) -> str:
        """The UUID of the store that numbers batches; made once."""

    @property
    def salvaged(self) -> str | None:
        """Where a damaged predecessor was put aside at start, and what was saved of it; None where nothing was wrong."""

    @property
    def used_bytes(self) -> int: ...
    @property
    def quota_bytes(self) -> int: ...
    @property
    def made_bytes(self) -> int:
        """Bytes of all batches stored since this run began, whatever became of them."""

    @property
    def alive_at(self) -> tuple[str, float] | None:
        """(boot, monotonic seconds) of the last commit before this run; None for a new store."""

    @property
    def last_trusted(self) -> float | None:
        """When a commit was last made by a clock that was believed, in seconds since 1970; None where none ever was."""

    @property
    def volatile_instead_of(self) -> str | None:
        """The file that could not be opened at start, where the store lies in memory for that reason; else None."""

    async def recover(self) -> None:
        """Go over to the file, wholly or not at all: what lies in memory is kept there under the identity it has, in new
        places behind what the file held. `identity` and `salvaged` are the file's from then on. Raises OutboxError while
        there is no room. Does nothing where the store lies in its file.
        """

    async def depth(self, stream: Stream) -> Depth: ...

    async def numbering(self) -> list[Numbered]:
        """How far it has numbered, and the same of every other outbox of which something lies here, all at one moment."""
        ...

    async def commit(self, entries: Entries) -> list[Sealed]:
        """Give numbers, seal and store. What was acknowledged or sent since is written along."""

    async def hold(self, entries: Entries) -> list[Sealed]:
        """Seal events although the store cannot commit, so that they go out at once. They are numbered under an identity
        of their own, lie in memory, and are written down with the next commit: a power cut before it loses those that
        the cloud has not acknowledged. Only `entries.events` is looked at.
        """

    async def waiting(self, stream: Stream, after: int, limit: int) -> list[Sealed]:
        """Batches not yet acknowledged whose place is beyond `after`, oldest first."""

    def sent(self, batch: Sealed) -> None:
        """The batch has gone out at least once. Remembered with the next commit."""

    def acknowledge(self, ack: Ack) -> None:
        """What the cloud has stored is never handed out again, and deleted with the next commit or `tidy`."""

    async def tidy(self) -> None:
        """Write down acknowledgements and sendings that no commit took along."""

    async def next_connection(self) -> int:
        """The number of the connection about to be made, durably counted from 1."""

    async def answered(self, command: str) -> str | None:
        """How a command was answered, as it was kept; None where it was never seen."""

    async def answer(self, command: str, receipt: str) -> None:
        """Keep durably how a command is answered, in place of what was kept of it. The oldest are forgotten in time."""

    async def rules(self) -> list[RuleMemory]: ...
    async def memory(self) -> dict[str, dict[str, float]]: ...
    async def close(self) -> None: ...


class ConfigurationStore(Protocol):
    """The last good configuration, beside the outbox. Blocking; raises OutboxError where the disk does not take it."""

    def kept(self) -> bytes | None:
        """The document; None where there is none."""

    def prepare(self, document: bytes) -> None:
        """Have it on the disk, but not yet in place: whether there is room is known before anything is changed."""

    def discard(self) -> None:
        """What was prepared is not wanted after all."""

    def interrupted(self) -> bytes | None:
        """What was prepared by a run that ended before it was in force, or because of it; None where there is none."""

    def promote(self) -> None:
        """What was prepared is the last good one from now on, whatever dies meanwhile: the old or the new, never half."""


class CredentialRotation(Protocol):
    """Exchanges this node's credentials for new ones. Raises EdgeError that says why it cannot."""

    async def rotate(self) -> str:
        """What was done, in a sentence."""


@dataclass(frozen=True, slots=True)
class Will:
    """What the broker says for us when the connection is lost."""

    channel: Channel
    payload: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message for this node. `channel` is None for the hint that a cloud worker is there. `retained`: the broker had it
    already, so it says nothing of who is there now.
    """

    channel: Channel | None
    payload: bytes
    retained: bool = False


class Connection(Protocol):
    """One connection to the broker. Raises BrokerError when it is lost."""

    async def publish(self, channel: Channel, payload: bytes) -> None:
        """Publish at QoS 1 under this node's topic; returns when the broker has it."""

    def incoming(self) -> AsyncIterator[Incoming]: ...


class Broker(Protocol):
    """The MQTT broker, seen from one node."""

    def connect(self, will: Will | None) -> AbstractAsyncContextManager[Connection]:
        """Connect and subscribe to everything meant for this node. Raises BrokerError."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """How the machine is."""

    disk_free_bytes: int
    temperature_c: float | None = None
    under_voltage: bool | None = None
    bytes_written: int | None = None
    """By this process, since its start, as the kernel counts what went to the disk."""


class Machine(Protocol):
    def vitals(self) -> Vitals: ...


class Supervisor(Protocol):
    """Whoever started this process and wants to know how it is (systemd)."""

    @property
    def watchdog_s(self) -> float | None:
        """How often it wants a sign of life; None where it wants none."""

    def ready(self) -> None: ...
    def alive(self) -> None: ...
    def stopping(self) -> None: ...
