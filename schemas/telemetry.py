"""A numbered batch of readings: a SenML pack (RFC 8428) in our envelope."""

from __future__ import annotations

from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field, WithJsonSchema

from schemas import senml
from schemas.batch import MAX_RECORDS, Batch

MONO_LABEL: Final = "mono_"
"""Our one extension label (RFC 8428, 12.2: a label that ends in '_' must be understood): monotonic seconds, absolute."""


_UNDERSTOOD: Final = frozenset({MONO_LABEL})
_MONO_BELOW: Final = 1e11  # more than three thousand years up; also keeps out infinity


_RECORD_SCHEMA: Final = {
    "title": "SenML record",
    "description": "RFC 8428, 4.3: base fields hold for this record and those after it. A record has one of v, vb and vs.",
    "type": "object",
    "minProperties": 1,
    "properties": {
        "bn": {"type": "string", "description": "Base name: the equipment, such as b3/lift-7/"},
        "bt": {
            "type": "number",
            "description": "Base time, seconds since 1970; left out while the clock is not trusted",
        },
        "bu": {"type": "string", "description": "Base unit"},
        "bv": {"type": "number", "description": "Base value"},
        "bver": {"type": "integer", "minimum": 1, "description": "Base version, 10 unless said otherwise"},
        "n": {"type": "string", "description": "Name: the point, such as speed"},
        "u": {"type": "string", "description": "Unit symbol (RFC 8428, 12.1)"},
        "v": {"type": "number", "description": "A number"},
        "vb": {"type": "boolean", "description": "A truth value"},
        "vs": {"type": "string", "description": "A text"},
        "t": {"type": "number", "description": "Seconds after the base time"},
        "ut": {"type": "number", "description": "Seconds until the next reading at the latest"},
        MONO_LABEL: {
            "type": "number",
            "minimum": 0,
            "description": "Seconds on the monotonic clock of the batch's boot",
        },
    },
    "patternProperties": {f"^(?!{MONO_LABEL}$).*_$": False},
}


class TelemetryBatch(Batch):
    """`pack` is resolved exactly as RFC 8428 says; a record without wall time (`t` absent) has only its monotonic time."""

    pack: Annotated[
        list[Annotated[dict[str, Any], WithJsonSchema(_RECORD_SCHEMA)]], Field(min_length=1, max_length=MAX_RECORDS)
    ]


class Reading(NamedTuple):
    """One value of a point at one time. A tuple, because making one is what ingest does most.

    `point`: full name (`b3/lift-7/speed`); `time`: seconds since 1970 or None where the node had no wall clock;
    `mono`: monotonic seconds of the batch's boot or None for devices that have no such clock. Never are both None:
    a record that gives neither was measured roughly now (RFC 8428, 4.5.3), which is when it arrived.
    """

    point: str
    time: float | None
    mono: float | None
    value: float | bool | str
    unit: str | None


def readings(batch: TelemetryBatch, now: float) -> list[Reading]:
    """The readings in a batch, in order. `now`: seconds since 1970, for relative times.

    Raises senml.SenmlError that names the record and the rule it breaks. Opaque data (`vd`) and sums (`s`) are legal
    SenML but no reading of ours, and are refused in the same way.
    """
    found: list[Reading] = []
    for record in senml.resolve(batch.pack, now=now, understood=_UNDERSTOOD):
        value = record.value
        if value is None or isinstance(value, bytes):
            raise senml.SenmlError(record.record, f"{record.name!r} carries no number, text or truth value")
        mono = _mono(record) if MONO_LABEL in record.extensions else None
        found.append(
            Reading(record.name, record.time if record.timed or mono is None else None, mono, value, record.unit)
        )
    return found


def _mono(record: senml.ResolvedRecord) -> float:
    mono = record.extensions[MONO_LABEL]
    if type(mono) in (int, float) and 0 <= mono < _MONO_BELOW:
        return float(mono)
    raise senml.SenmlError(record.record, "mono_ is no number of seconds since boot, such as 88122.1")
