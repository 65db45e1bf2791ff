"""What the time series tells of a home: when something last stirred there, and up to when anything was heard at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cloud.application.timeseries import MINUTE, Quality, Step, TimeSeriesReader, from_micros, to_micros
from cloud.domain.duties.consent import Consent, counted
from cloud.domain.duties.register import Register
from cloud.domain.fleet.node import Node
from cloud.domain.incidents.silence import missing

_STEP: Final = 5 * MINUTE
_LATELY: Final = timedelta(hours=6)
"""Looked through first: in most homes something has stirred since."""


@dataclass(frozen=True, slots=True)
class Signs:
    """`stirred_at`: the last activity in the stretch that was looked through. `heard_until`: of the point that was heard of
    least lately, when; None: one of them was never heard of. `blind`: a node or point is not heard now, or tells times
    that nobody can trust, so that silence says nothing.
    """

    stirred_at: datetime | None
    heard_until: datetime | None
    blind: bool

    def silent(self, consent: Consent, register: Register, now: datetime) -> timedelta:
        """How much of its hours nothing has stirred, as far as anything was heard: what a node has yet to tell is no
        silence.
        """
        if self.heard_until is None:
            return timedelta()
        since = max(consent.begins(now), self.stirred_at or consent.begins(now))
        return counted(consent, register, since, min(self.heard_until, now))

    def lost(self, consent: Consent, now: datetime) -> bool:
        """Whether nobody could say so if something happened."""
        since = max(consent.begins(now), self.heard_until or consent.begins(now))
        return now - since >= consent.unheard_after


class HomeSigns:
    """Reads both through the port of the time series. Raises ReadingsUnavailable."""

    def __init__(self, readings: TimeSeriesReader) -> None:
        self._readings = readings

    def of(self, consent: Consent, register: Register, nodes: Sequence[Node], now: datetime) -> Signs:
        latest = self._readings.latest(consent.estate, consent.points)
        heard = [min(from_micros(one.time), now) for one in latest.values()]
        doubted = any(one.quality != Quality.TRUSTED for one in latest.values())
        stirred = [at for point in latest if (at := self._stirred(consent, point, now)) is not None]
        return Signs(
            max(stirred, default=None),
            min(heard) if len(heard) == len(consent.points) else None,
            doubted or _unheard(consent, register, nodes, now),
        )

    def _stirred(self, consent: Consent, point: str, now: datetime) -> datetime | None:
        """When the point last changed, not earlier than what could matter: readings also repeat what is unchanged."""
        begins = max(consent.begins(now), now - consent.horizon)
        for start in dict.fromkeys((max(begins, now - _LATELY), begins)):
            steps = self._readings.steps(consent.estate, point, *_span(start, now))
            if (at := _last_change(steps)) is not None:
                return min(from_micros(at), now)
        return None


def _span(start: datetime, now: datetime) -> tuple[int, int, int]:
    first, last = to_micros(start), to_micros(now) + 1
    return first, last, max(1, -(-(last - first) // _STEP))


def _last_change(steps: Sequence[Step]) -> int | None:
    """The end of the last step in which the value changed, or to which it had changed since the one before."""
    width = _STEP
    found = None
    for before, step in zip((None, *steps), steps, strict=False):
        if step.min != step.max or (before is not None and before.last != step.last):
            found = step.time + width
    return found


def _unheard(consent: Consent, register: Register, nodes: Sequence[Node], now: datetime) -> bool:
    """As its node tells, and as is told of its node."""
    gone, known = missing(nodes, now), {node.id: node for node in nodes}
    for point in consent.points:
        item = register.equipment.get(point.rpartition("/")[0])
        node = known.get(item.node_id or "") if item is not None else None
        if node is None or node.heard_at is None or node.id in gone or point in node.health.get("stale_points", {}):
            return True
    return False
