"""Facts a node reports, in the past tense: alarm transitions, access, reflexes, lifecycle, and what it had to drop."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.base import EpochSeconds, EquipmentId, Mono, PointName, Uuid, WireModel
from schemas.batch import MAX_RECORDS, Batch, Stream
from schemas.card_keys import KeyId
from schemas.hazards import HazardId, Severity

Value = bool | float | str


class NodeFact(WireModel):
    """Every fact says when: `t` in seconds since 1970 where the node's clock is synchronised, `mono` always."""

    t: EpochSeconds | None = None
    mono: Mono


class AlarmRaised(NodeFact):
    """A rule's condition came true and stayed so for its on-delay. `occurrence` is given once and ends with its clear."""

    kind: Literal["alarm.raised"] = "alarm.raised"
    occurrence: Uuid
    rule: str = Field(max_length=128)
    hazard: HazardId
    severity: Severity
    equipment: EquipmentId
    point: PointName | None = None
    value: Value | None = None
    threshold: float | None = None
    mode: Literal["real", "exercise"] = "real"


class AlarmCleared(NodeFact):
    """The condition went and stayed away for the off-delay, or its rule was removed."""

    kind: Literal["alarm.cleared"] = "alarm.cleared"
    occurrence: Uuid
    rule: str = Field(max_length=128)
    hazard: HazardId
    equipment: EquipmentId
    reason: Literal["condition", "rule-removed", "rule-changed"] = "condition"
    value: Value | None = None
    mode: Literal["real", "exercise"] = "real"


class AccessDecided(NodeFact):
    """A card was shown and a decision taken. `credential` is a keyed hash made at the node, never a card number; it is to be
    compared only with hashes made with the same `credential_key` (the name of a card key).
    """

    kind: Literal["access.granted", "access.denied"]
    equipment: EquipmentId
    credential: str | None = Field(default=None, max_length=64)
    credential_key: KeyId | None = None
    reason: Literal["listed", "controller", "rex", "unknown-card", "bad-parity", "controller-denied"]


class ReflexActed(NodeFact):
    """The node acted by itself (siren, beacon, gate release), before and without any network."""

    kind: Literal["reflex.fired", "reflex.released"]
    reflex: str = Field(max_length=96)
    outputs: list[str]
    cause: str = Field(max_length=192)


class EquipmentReported(NodeFact):
    """What a controller says of itself: a fault or event code (GB/T 24476), a change of service mode."""

    kind: Literal["equipment.code", "equipment.service-mode"]
    equipment: EquipmentId
    code: int
    meaning: str = Field(max_length=96)


class NodeLifecycle(NodeFact):
    """The agent started, stopped, took a configuration or found its store damaged."""

    kind: Literal["node.started", "node.stopped", "node.configured", "node.store-salvaged"]
    detail: str = Field(default="", max_length=512)


class SequenceVoided(NodeFact):
    """The node dropped or skipped these sequence numbers and says why, so that no gap stays unexplained."""

    kind: Literal["void"] = "void"
    stream: Stream
    first: Annotated[int, Field(ge=1)]
    last: Annotated[int, Field(ge=1)]
    records: Annotated[int, Field(ge=0)] = 0
    reason: str = Field(max_length=192)

    @model_validator(mode="after")
    def _ascends(self) -> Self:
        if self.first > self.last:
            raise ValueError(f"a void range runs from first to last, not from {self.first} to {self.last}")
        return self


Event = Annotated[
    AlarmRaised | AlarmCleared | AccessDecided | ReflexActed | EquipmentReported | NodeLifecycle | SequenceVoided,
    Field(discriminator="kind"),
]


class EventBatch(Batch):
    """A numbered batch of facts, in the order in which they happened."""

    events: Annotated[list[Event], Field(min_length=1, max_length=MAX_RECORDS)]
