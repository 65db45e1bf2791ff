"""Sensor Measurement Lists: RFC 8428 packs, resolved to absolute records, and refused where the RFC forbids them."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from math import isfinite
from types import MappingProxyType
from typing import Any, Final, NamedTuple

ABSOLUTE_FROM: Final = float(2**28)
"""A time from here on counts from 1970, one below it from now (RFC 8428, 4.5.3)."""

_BASE: Final = frozenset({"bn", "bt", "bu", "bv", "bs", "bver"})
_REGULAR: Final = frozenset({"n", "u", "v", "vb", "vs", "vd", "s", "t", "ut"})
_LABELS: Final = _BASE | _REGULAR
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:./_-]*")
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*")
_NO_EXTENSIONS: Final[Mapping[str, Any]] = MappingProxyType({})
_SHOWN: Final = 64
_VERSION: Final = 10
# RFC 9100, 4 and 6: version 10 with the one feature that allows the unit symbols of RFC 8798, which changes nothing here.
_VERSION_SECONDARY_UNITS: Final = 10 + 2**4


class SenmlError(ValueError):
    """A pack that RFC 8428 forbids: which record (0-based), and which rule it breaks."""

    def __init__(self, record: int, reason: str) -> None:
        super().__init__(f"record {record}: {reason}")
        self.record = record
        self.reason = reason


class ResolvedRecord(NamedTuple):
    """A record made absolute (RFC 8428, 4.6). A tuple, because a frozen dataclass takes three times as long to make.

    `time`: seconds since 1970; `timed`: whether the pack gave one at all; `extensions`: the labels that the
    caller understands beyond the RFC's; `record`: its place in the pack, counting those of base fields only.
    """

    name: str
    time: float
    timed: bool
    value: float | bool | str | bytes | None
    unit: str | None = None
    sum: float | None = None
    update_time: float | None = None
    extensions: Mapping[str, Any] = _NO_EXTENSIONS
    record: int = 0


class _Bases(NamedTuple):
    """The base fields in force. Each holds from the record that gives it until another gives it anew (RFC 8428, 4.1)."""

    name: str = ""
    time: float | None = None
    unit: str | None = None
    value: float = 0.0
    sum: float | None = None


def resolve(pack: Sequence[object], *, now: float, understood: frozenset[str] = frozenset()) -> list[ResolvedRecord]:
    """Resolve a pack, in its own order. `now`: seconds since 1970, to which times below 2**28 are relative (4.5.3).

    `understood`: labels beyond the RFC's that the caller knows, handed on in `extensions`. Any other is ignored - or,
    where it ends in '_', refuses the pack (RFC 8428, 4.4).
    A unit symbol is text and no more: the registry (12.1) grows without a new version, and no reading is lost over one.
    Raises SenmlError.
    """
    if not isinstance(pack, list | tuple) or not pack:
        raise SenmlError(0, f"a pack is an array of one or more records, not {_shown(pack)} (RFC 8428, 3)")
    usual = _REGULAR | understood
    bases = _Bases()
    version: int | None = None
    names: set[str] = set()
    resolved: list[ResolvedRecord] = []
    for index, record in enumerate(pack):
        if not isinstance(record, dict):
            raise SenmlError(index, f"a record is an object, not {_shown(record)} (RFC 8428, 5)")
        if version is None or "bver" in record:
            version = _checked_version(index, record, version)
        if not record.keys() <= usual:
            _check_labels(index, record, understood)
            bases = _rebased(index, record, bases)
            if usual.isdisjoint(record) and not _BASE.isdisjoint(record):
                continue  # Base fields only: they hold for what follows, and measure nothing (RFC 8428, 5.1.7).
        resolved.append(_absolute(index, record, bases, now, names, understood))
    return resolved


def _absolute(  # noqa: PLR0917 - plain arguments are the cheapest, and this runs for every reading
    index: int, record: dict[str, Any], bases: _Bases, now: float, names: set[str], understood: frozenset[str]
) -> ResolvedRecord:
    # The plain case of each field stands here, the rest in a function of its own: ingest resolves every reading.
    name = record.get("n", "")
    name = bases.name + name if type(name) is str else _text(index, "n", name)
    if name not in names:
        names.add(_checked_name(index, name))
    value = record.get("v")
    if (
        type(value) is not float
        or bases.value
        or not isfinite(value)
        or "vb" in record
        or "vs" in record
        or "vd" in record
    ):
        value = _value(index, record, bases.value)
    timed = "t" in record or bases.time is not None
    return ResolvedRecord(
        name,
        _time(index, record.get("t", 0.0), bases.time, now) if timed else now,
        timed,
        value,
        _text(index, "u", record["u"]) if "u" in record else bases.unit,
        _sum(index, record, bases.sum) if "s" in record or bases.sum is not None else None,
        _number(index, "ut", record["ut"]) if "ut" in record else None,
        {label: record[label] for label in understood if label in record} if understood else _NO_EXTENSIONS,
        index,
    )


def _rebased(index: int, record: dict[str, Any], bases: _Bases) -> _Bases:
    if "bn" in record:
        bases = bases._replace(name=_text(index, "bn", record["bn"]))
    if "bt" in record:
        bases = bases._replace(time=_number(index, "bt", record["bt"]))
    if "bu" in record:
        bases = bases._replace(unit=_text(index, "bu", record["bu"]))
    if "bv" in record:
        bases = bases._replace(value=_number(index, "bv", record["bv"]))
    if "bs" in record:
        bases = bases._replace(sum=_number(index, "bs", record["bs"]))
    return bases


def _checked_version(index: int, record: dict[str, Any], in_force: int | None) -> int:
    version = record.get("bver", _VERSION)
    if isinstance(version, bool) or not isinstance(version, int | float) or version != version // 1 or version < 1:
        raise SenmlError(index, f"bver is {_shown(version)}, expected a positive integer (RFC 8428, 4.1)")
    if version > _VERSION and version != _VERSION_SECONDARY_UNITS:
        raise SenmlError(index, f"bver is {_shown(version)}, this side understands up to {_VERSION} (RFC 8428, 4.4)")
    if in_force not in (None, version):
        raise SenmlError(index, f"bver is {_shown(version)} where the pack began with {in_force} (RFC 8428, 4.1)")
    return int(version)


def _check_labels(index: int, record: dict[Any, Any], understood: frozenset[str]) -> None:
    for label in record.keys() - _LABELS - understood:
        if not isinstance(label, str) or label.endswith("_"):
            raise SenmlError(index, f"label {_shown(label)} must be understood and is not (RFC 8428, 4.4)")


def _checked_name(index: int, name: str) -> str:
    if not name:
        raise SenmlError(index, "neither a base name nor a name names it (RFC 8428, 4.5.1)")
    if not _NAME.fullmatch(name):
        raise SenmlError(
            index,
            f"name {_shown(name)} may hold letters, digits and - : . / _ only, and begins with a letter or digit "
            "(RFC 8428, 4.5.1)",
        )
    return name


def _time(index: int, given: object, base: float | None, now: float) -> float:
    time = _number(index, "t", given)
    if base:
        time += base
        if base % 1.0:
            # Doubles near 1.8e9 are 0.24 µs apart: to the microsecond, one moment has one value however it was split.
            time = round(time, 6)
    return time if time >= ABSOLUTE_FROM and isfinite(time) else _number(index, "t with bt", time) + now


def _value(index: int, record: dict[str, Any], base: float) -> float | bool | str | bytes | None:
    given = [label for label in ("v", "vb", "vs", "vd") if label in record]
    if len(given) > 1:
        raise SenmlError(index, f"it has {' and '.join(given)}, a record has one value (RFC 8428, 4.2)")
    if not given:
        if "s" in record:
            return None
        raise SenmlError(index, "it has no value and no sum (RFC 8428, 4.2)")
    label = given[0]
    value = record[label]
    if label == "v":
        return _number(index, "v with bv", _number(index, "v", value) + base)
    if label == "vs":
        return _text(index, "vs", value)
    if label == "vd":
        return _octets(index, value)
    if not isinstance(value, bool):
        raise SenmlError(index, f"vb is {_shown(value)}, expected true or false (RFC 8428, 5)")
    return value


def _sum(index: int, record: dict[str, Any], base: float | None) -> float:
    return _number(index, "s with bs", _number(index, "s", record.get("s", 0.0)) + (base or 0.0))


def _number(index: int, label: str, value: object) -> float:
    if type(value) is float and isfinite(value):
        return value
    if type(value) is int and abs(value) < 2**1023:
        return float(value)
    raise SenmlError(index, f"{label} is {_shown(value)}, expected a finite number (RFC 8428, 5)")


def _text(index: int, label: str, value: object) -> str:
    if isinstance(value, str):
        return value
    raise SenmlError(index, f"{label} is {_shown(value)}, expected text (RFC 8428, 5)")


def _octets(index: int, value: object) -> bytes:
    text = _text(index, "vd", value)
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise SenmlError(index, f"vd is {_shown(text)}, expected base64url without padding (RFC 8428, 5)")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _shown(value: object) -> str:
    """A value as an error shows it: short, whatever a hostile pack holds."""
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…")
    if value is None or isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**63):
        return repr(value)
    return f"of type {type(value).__name__}"
