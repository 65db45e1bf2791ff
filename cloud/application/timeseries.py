"""What the cloud asks of a store of readings: to keep them durably, to draw them, and to feed another engine.

Times are integer microseconds since 1970 UTC throughout: a reading is handled some hundred thousand times a second, and
a datetime costs ten times an integer. `to_micros` and `from_micros` are the doors.

A series is (estate, point); `point` is the full SenML name inside the estate, such as `b3/lift-7/speed`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple, Protocol

Value = float | bool | str
"""A number (integers come back as floats, exact up to 2**53), a truth value, or text. Numbers are finite."""

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime; exact."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def from_micros(micros: int) -> datetime:
    """The aware UTC datetime of microseconds since 1970; exact."""
    return _EPOCH + timedelta(microseconds=micros)


class Quality(IntEnum):
    """How far a reading's time can be trusted; stored with each reading as 0 to 63."""

    TRUSTED = 0
    UNCERTAIN = 1
    """The node's clock was not synchronised, or the time lies in the future (wire.md, Time)."""


RawSample = tuple[str, int, Value, int]
"""(point, time, value, quality): a Sample before it has a name; ingest makes these, a literal costs a tenth of a Sample."""


class Sample(NamedTuple):
    """One reading as it is read back; itself a RawSample."""

    point: str
    time: int
    value: Value
    quality: int = Quality.TRUSTED


class Origin(NamedTuple):
    """The numbered store at a node that a batch came from; `seq` counts within it."""

    estate: str
    node: str
    outbox: str


class StoredBatch(NamedTuple):
    """A validated batch on its way to being durable.

    `digest` is any digest of the sealed content; equal digests mean an equal batch. `refused` counts
    records that went to the dead letters; a batch of which nothing is left is recorded with no samples, so that its seq
    is explained. `late` says that its age was over the limit at arrival; it only counts.
    """

    origin: Origin
    seq: int
    digest: bytes
    samples: Sequence[RawSample]
    refused: int = 0
    late: bool = False


class Outcome(StrEnum):
    """What became of one batch. All three are durable and to be acknowledged."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    """Same seq, same digest: nothing changed."""
    CONFLICT = "conflict"
    """Same seq, another digest (or one too old to be still known): stored as well; raise node.identity-conflict."""


class SeqRange(NamedTuple):
    """Both ends included."""

    first: int
    last: int


class VoidRange(NamedTuple):
    """Seqs a node said it dropped or skipped, and why; both ends included."""

    first: int
    last: int
    reason: str


@dataclass(frozen=True, slots=True)
class NodeCounts:
    """What an operator sees of one node's telemetry, over all its outboxes. In batches, except `readings` and `refused`."""

    stored: int = 0
    readings: int = 0
    duplicate: int = 0
    conflict: int = 0
    late: int = 0
    refused: int = 0
    void: int = 0
    missing: int = 0
    """Seqs below the highest known one that are neither stored nor void: still on their way, at the node, or lost."""
    lost: int = 0
    """Declared lost and not counted as missing; 0 from a store, which does not know."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a chart, from `time` to the next. Numbers and truth values (as 0 and 1) have min, max and mean; a step
    holding any text has None there.
    """

    time: int
    min: float | None
    max: float | None
    mean: float | None
    last: Value
    count: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the steps of a chart lie: `count` steps of `width` from `start`, all ends half open."""

    start: int
    width: int
    count: int

    @property
    def end(self) -> int:
        return self.start + self.width * self.count

    @classmethod
    def over(cls, start: int, end: int, n: int) -> Grid:
        """At most `n` equal steps that cover [start, end).

        Steps of five minutes and more are whole minutes that begin at whole minutes, widening the range by less than a
        step, so that every engine may answer from rollups by the minute and all answer alike.
        """
        if end <= start or n < 1:
            raise ValueError(
                f"no chart of {n} steps from {start} to {end}: needs end after start and at least one step"
            )
        width = -(-(end - start) // n)
        if width >= 5 * MINUTE:
            start -= start % MINUTE
            width = -(-(end - start) // (n * MINUTE)) * MINUTE
        return cls(start, width, -(-(end - start) // width))


class TimeSeriesReader(Protocol):
    """Reads from any thread. Raises cloud.errors.ReadingsUnavailable when the engine does not answer."""

    def points(self, estate: str) -> list[str]:
        """Names of all points that ever had a reading, sorted."""

    def latest(self, estate: str, points: Iterable[str]) -> dict[str, Sample]:
        """The reading with the greatest time of each point that has any; never moves back in time."""

    def read(self, estate: str, point: str, start: int, end: int, limit: int = 10_000) -> list[Sample]:
        """The first `limit` readings in [start, end) by time; those of one time in the order they were stored."""

    def steps(self, estate: str, point: str, start: int, end: int, n: int) -> list[Step]:
        """The steps of Grid.over(start, end, n) that hold any reading, by time."""


class Deliveries(Protocol):
    """What of each node's telemetry has arrived; seqs begin at 1."""

    def stored_ranges(self, origin: Origin) -> list[SeqRange]:
        """Seqs stored, ascending, adjoining ranges joined."""

    def void_ranges(self, origin: Origin) -> list[VoidRange]:
        """Seqs said to be void, ascending by first."""

    def counts(self, estate: str, node: str) -> NodeCounts: ...


class TelemetryStore(Deliveries, Protocol):
    """Keeps batches durably and knows each by (origin, seq, digest). Used from one thread, its Deliveries too."""

    def record(self, batches: Sequence[StoredBatch], at: int) -> list[Outcome]:
        """Makes all batches durable in one transaction; after it returns they may be acknowledged. `at`: now.

        All or nothing. Raises cloud.errors.ReadingsUnavailable (disk full, locked: acknowledge nothing, try again),
        ReadingsDamaged, or ReadingsRefused, which names the batch that can never be stored; then nothing was stored.
        """

    def void(self, origin: Origin, first: int, last: int, reason: str, at: int) -> None:
        """Durably explains seqs that will never come; saying it again changes nothing."""

    def close(self) -> None: ...


class Upkeep(Protocol):
    """Background work on the store, from a thread of its own: compaction, or feeding another engine."""

    def step(self, now: int) -> float:
        """Does one short piece of work; gives the seconds until the next is due, 0 when there is more to do at once."""

    def close(self) -> None: ...


class Expiry(Protocol):
    """Forgets readings for good, as retention demands."""

    def expire(self, estate: str, before: int, points: Collection[str] | None = None) -> None:
        """Removes readings of the estate (of `points` only, when given) with time < `before`, from `latest` as well."""


@dataclass(frozen=True, slots=True)
class ReadingsKept:
    """How long, in microseconds of the readings' own time: each reading, and of each minute count, min, max, sum and last."""

    readings: int = 180 * DAY
    minutes: int = 1826 * DAY

    def __post_init__(self) -> None:
        if not 3 * DAY <= self.readings <= self.minutes:
            raise ValueError(
                f"readings kept for {self.readings} and minutes for {self.minutes} us: 3 days at least each"
            )


Mark = tuple[str, str, int, type]
"""What tells one reading of an engine from another: estate, point, time, and float, bool or str for the kind of its value."""


class Projection(Protocol):
    """An engine that shows readings and vouches for none: what it loses is projected again.

    All raise cloud.errors.ReadingsUnavailable when trying again may help. An engine that has lost the place where readings
    go (its bucket) makes it anew when it is written to, and until then holds none.
    """

    def write(self, readings: Sequence[tuple[str, RawSample]]) -> None:
        """Writes (estate, sample) pairs in order; writing them again changes nothing.

        Raises ReadingsRefused when it never will take them.
        """

    def count(self, start: int, end: int) -> int:
        """How many readings with a time in [start, end) it answers with, of all estates."""

    def held(self, start: int, end: int) -> set[Mark]:
        """Which readings with a time in [start, end) it answers with, of all estates."""


@dataclass(frozen=True, slots=True)
class ProjectionLag:
    """How far an engine is behind: commits and readings waiting, since when, skipped as refused, and the last trouble."""

    commits: int
    readings: int
    oldest_at: int | None
    refused: int
    trouble: str | None


@dataclass(frozen=True, slots=True)
class ProjectionAudit:
    """What came of comparing the engine with the journal: stretches of time watched, and since the start how often one was
    looked at and was found to lack readings, and how many were written again. `given_up`: readings it lacks now that could
    not be put back.
    """

    windows: int = 0
    checked: int = 0
    missing: int = 0
    rewritten: int = 0
    given_up: int = 0
