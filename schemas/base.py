"""What every message and document of ours has in common: frozen, finite, and strict where a person types it."""

from __future__ import annotations

from typing import Annotated, Final, LiteralString

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9-]{0,62}$"
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""The name of an estate or node, as it stands in a topic: `b3-gateway`."""

EQUIPMENT_PATTERN: Final = r"^[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*$"
EquipmentId = Annotated[str, StringConstraints(pattern=EQUIPMENT_PATTERN, max_length=96)]
"""A piece of equipment within its estate, place first: `b3/lift-7`."""

PointName = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
"""A point of one piece of equipment: `speed`. The point's full (SenML) name is `b3/lift-7/speed`."""

Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}$")]

Mono = Annotated[float, Field(ge=0)]
"""Seconds on the node's monotonic clock, which counts from the boot named beside it and never jumps."""

EpochSeconds = Annotated[float, Field(ge=0, lt=1e11)]
"""Wall time: seconds since 1970-01-01T00:00:00Z. Far years are let through: wall time is never a reason to refuse."""


def misfit(code: LiteralString, message: LiteralString, **values: str | float) -> PydanticCustomError:
    """What a validator raises where a document does not hold together: `message` with `{value}`s, in English; whoever shows it in
    another language goes by `code` and the values.
    """
    return PydanticCustomError(code, message, values)


class WireModel(BaseModel):
    """A message. Fields that a newer node adds are ignored, so that either side can be upgraded first."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class DocumentModel(BaseModel):
    """A document that people write. A key that nobody knows is an error: it is a spelling mistake or a lost intention."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
