"""Sensor Measurement Lists: RFC 8428 packs, resolved to absolute records, and refused where the RFC forbids them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class SenmlError(ValueError):
    """A pack that RFC 8428 forbids: which record (0-based), and which rule it breaks."""

    def __init__(self, record: int, reason: str) -> None:
        super().__init__(f"record {record}: {reason}")
        self.record = record
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ResolvedRecord:
    """A record made absolute (RFC 8428, 4.6). `time`: seconds since 1970; `timed`: whether the pack gave one at all."""

    name: str
    time: float
    timed: bool
    value: float | bool | str | bytes | None
    unit: str | None = None
    sum: float | None = None
    update_time: float | None = None
    extensions: Mapping[str, Any] = field(default_factory=dict)


def resolve(pack: Sequence[object], *, now: float, understood: frozenset[str] = frozenset()) -> list[ResolvedRecord]:
    """Resolve a pack. `now`: seconds since 1970, to which times below 2**28 are relative (RFC 8428, 4.5.3).

    `understood`: labels ending in '_' that the caller knows; any other such label refuses the pack (RFC 8428, 12.2).
    Raises SenmlError.
    """
    raise NotImplementedError
