"""The short way for packs as nodes write them: column by column from records to samples, at a fraction of the whole RFC's cost."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, repeat
from math import isfinite
from typing import Any, Final

from cloud.application.timeseries import SECOND, RawSample, Value
from schemas.senml import ABSOLUTE_FROM
from schemas.telemetry import MONO_LABEL

Pack = Sequence[dict[str, Any]]

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:./_-]{0,159}")
_NAMING: Final = frozenset({"bn"})
_BASES: Final = _NAMING | {"bt", "bu"}
_VALUES: Final = frozenset({"v", "vb", "vs"})
_EACH: Final = frozenset({"n", "u", "t", MONO_LABEL}) | _VALUES
_EXACT: Final = 2**53
_FAR_S: Final = 1e11
_NUMBERS: Final = {float}
_TEXT: Final = {str}
_ABSENT: Final = {type(None)}
_MOST_REMEMBERED: Final = 50_000


class NotPlain(Exception):  # noqa: N818 - no error: the long way is taken, which also knows what is wrong
    """This pack is not as nodes write them."""


class PlainPacks:
    """Reads packs in which the first record may carry base time and unit, any a base name, and every record one value and
    nothing unheard-of. Gives what `schemas.telemetry.readings` and `reading_time.samples` give together, for times of whole
    microseconds exactly; a property test holds it to that. Used from one thread.
    """

    def __init__(self) -> None:
        self._labels: set[tuple[str, ...]] = set()
        self._first_labels: set[tuple[str, ...]] = set()
        self._names: dict[str, dict[str, str]] = {}

    def samples(self, pack: Pack, *, offset: int | None, horizon: int) -> list[RawSample]:
        """`offset`: None where the node's clock is synchronised, else microseconds to add to monotonic time.

        `horizon`: microseconds since 1970 after which a time is not believed. Raises NotPlain.
        """
        self._check_labels(pack)
        first = pack[0]
        names = self._names_in(pack)
        values = [_value(record) for record in pack]
        _check_units(pack)
        if offset is None:
            times = _wall_times(pack, first.get("bt", 0.0))
            _monotonic(pack, needed=False)
            if max(times) > horizon:
                raise NotPlain
            return list(zip(names, times, values, repeat(0)))
        if type(first.get("bt", 0.0)) is not float or any("t" in record for record in pack):
            raise NotPlain
        moments = [offset + int(mono * SECOND + 0.5) for mono in _monotonic(pack, needed=True)]
        if max(moments) > horizon:
            raise NotPlain
        return list(zip(names, moments, values, repeat(1)))

    def _check_labels(self, pack: Pack) -> None:
        if not self._labels.issuperset(map(tuple, pack[1:])) or tuple(pack[0]) not in self._first_labels:
            if len(self._labels) + len(self._first_labels) > _MOST_REMEMBERED:
                raise NotPlain
            for record in pack[1:]:
                self._labels.add(_judged(record, _EACH | _NAMING))
            self._first_labels.add(_judged(pack[0], _EACH | _BASES))

    def _names_in(self, pack: Pack) -> list[str]:
        """A node puts several pieces of equipment into one pack: each begins with its base name."""
        heads = [at for at, record in enumerate(pack) if at and "bn" in record]
        if not heads:
            return self._named(pack[0].get("bn", ""), pack)
        runs = [pack[start:end] for start, end in pairwise((0, *heads, len(pack)))]
        return [name for run in runs for name in self._named(run[0].get("bn", ""), run)]

    def _named(self, prefix: object, pack: Pack) -> list[str]:
        if type(prefix) is not str:
            raise NotPlain
        known = self._names.get(prefix)
        if known is None:
            if len(self._names) > _MOST_REMEMBERED:
                self._names.clear()
            known = self._names[prefix] = {}
        try:
            return [known[record.get("n", "")] for record in pack]
        except (KeyError, TypeError):
            pass
        for record in pack:
            name = record.get("n", "")
            if type(name) is not str or not _NAME.fullmatch(prefix + name) or len(known) > _MOST_REMEMBERED:
                raise NotPlain
            known[name] = prefix + name
        return [known[record.get("n", "")] for record in pack]


def _judged(record: dict[str, Any], known: frozenset[str]) -> tuple[str, ...]:
    labels = tuple(record)
    if not known.issuperset(labels) or len(_VALUES.intersection(labels)) != 1:
        raise NotPlain
    return labels


def _value(record: dict[str, Any]) -> Value:
    value = record.get("v")
    if type(value) is float and isfinite(value):
        return value
    if type(value) is int and -_EXACT < value < _EXACT:
        return float(value)
    if type(value := record.get("vb")) is bool or type(value := record.get("vs")) is str:
        return value
    raise NotPlain


def _check_units(pack: Pack) -> None:
    if type(pack[0].get("bu", "")) is not str or {type(record.get("u", "")) for record in pack} != _TEXT:
        raise NotPlain


def _wall_times(pack: Pack, base: object) -> list[int]:
    times = [record.get("t", 0.0) for record in pack]
    # Nodes write a whole second as their base.
    if type(base) is int and -_EXACT < base < _EXACT:
        base = float(base)
    if type(base) is not float or set(map(type, times)) != _NUMBERS:
        raise NotPlain
    if base:
        times = [time + base for time in times]
    if not (min(times) >= ABSOLUTE_FROM and max(times) < _FAR_S):
        raise NotPlain
    # Doubles near 1.8e9 are 0.24 µs apart, so a sum of microseconds is off by less than the half that rounding mends.
    return [int(time * SECOND + 0.5) for time in times]


def _monotonic(pack: Pack, *, needed: bool) -> list[float]:
    monos: list[Any] = [record.get(MONO_LABEL) for record in pack]
    kinds = set(map(type, monos))
    if kinds == _ABSENT and not needed:
        return []
    if kinds != _NUMBERS or not (min(monos) >= 0.0 and max(monos) < _FAR_S):
        raise NotPlain
    return monos
