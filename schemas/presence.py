"""A node's birth and last will, and the health it reports while it lives."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import EpochSeconds, EquipmentId, Mono, Uuid, WireModel
from schemas.batch import ClockState, Stream
from schemas.card_keys import KeyId
from schemas.hazards import HazardId, Severity


class ActiveOccurrence(WireModel):
    """An alarm that stands at the node now."""

    occurrence: Uuid
    rule: str
    hazard: HazardId
    severity: Severity
    equipment: EquipmentId
    since_t: EpochSeconds | None = None
    since_mono: Mono | None = None
    mode: Literal["real", "exercise"] = "real"


class Born(WireModel):
    """Published (retained) at every connection: what the node is and what stands active there."""

    state: Literal["online"] = "online"
    outbox: Uuid
    boot: Uuid
    connection: Annotated[int, Field(ge=1)]
    agent_version: str = Field(max_length=64)
    config_version: Annotated[int, Field(ge=0)]
    config_hash: str = Field(max_length=64)
    clock: ClockState
    t: EpochSeconds | None = None
    mono: Mono
    equipment: list[EquipmentId]
    active: list[ActiveOccurrence] = []


class Died(WireModel):
    """The last will of one connection, or a farewell (`reason` stopped) when the agent ends in order."""

    state: Literal["offline"] = "offline"
    boot: Uuid
    connection: Annotated[int, Field(ge=1)]
    reason: Literal["lost", "stopped"] = "lost"


Presence = Annotated[Born | Died, Field(discriminator="state")]


class WorkerHint(WireModel):
    """A cloud worker is there: a hint to stop backing off, never a gate. Retained; an empty payload takes it back."""

    state: Literal["online"] = "online"
    t: EpochSeconds | None = None


class StreamDepth(WireModel):
    """What waits in the outbox for one stream: batches and their records not yet acknowledged."""

    batches: int
    records: int
    oldest_age_s: float | None = None


class Numbered(WireModel):
    """How far an outbox has numbered one stream, and what of it still lies at the node.

    Whatever was given a number up to `given` and below `oldest` does not lie there any more: it was acknowledged, is
    explained by a `void`, or is lost.
    """

    outbox: Uuid
    stream: Stream
    given: Annotated[int, Field(ge=0)] | None = None
    """The last number given; None where the node does not know: the store that gave it was damaged, this is the rest of it."""
    oldest: Annotated[int, Field(ge=1)] | None = None
    """The lowest number not acknowledged yet; None where nothing of the stream waits."""


class Health(WireModel):
    """How a node is. Sent at least once a minute; three minutes without one make it silent."""

    boot: Uuid
    t: EpochSeconds | None = None
    mono: Mono
    events: StreamDepth
    telemetry: StreamDepth
    numbering: Annotated[list[Numbered], Field(max_length=64)] = []
    """The node's own outbox, and every other of which something still waits. Taken before `events` and `telemetry`."""
    outage_hours_left: float | None = None
    outbox_bytes: int
    outbox_quota_bytes: int
    disk_free_bytes: int
    bytes_written_per_day: float | None = None
    card_years_left: float | None = None
    """How long the storage bears what is written to it, from its beginning, if the days stay like this one."""
    temperature_c: float | None = None
    under_voltage: bool | None = None
    clock: ClockState
    clock_offset_s: float | None = None
    """Seconds from the node's wall clock to its reference, as the node's system last measured it: positive where the clock
    is behind (RFC 5905). None where nobody at the node can tell."""
    card_key: KeyId | None = None
    """The name of the card key in use, at a node that reads cards."""
    card_key_age_s: Annotated[float, Field(ge=0)] | None = None
    """Since it was made, as far as the node knows; None where its clock is not believed."""
    stale_points: dict[str, float] = {}
    """Full point name → seconds since it was last observed, for those silent for longer than their maximum silence."""
    active: list[ActiveOccurrence] = []
