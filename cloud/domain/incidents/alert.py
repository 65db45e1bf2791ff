"""Machine truth: one alert per hazard and piece of equipment, firing while any of its occurrences is active."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

from schemas.hazards import Severity

Mode = Literal["real", "exercise"]


REPORTED: Final = "report:"
"""What the occurrence of a report by people begins with; a node's are UUIDs."""


COUNTED: Final = "false-alarms:"
"""What the occurrence begins with that the cloud counted together from what people found."""


def is_report(occurrence_id: str) -> bool:
    return occurrence_id.startswith(REPORTED)


def unsensed(occurrence_id: str) -> bool:
    """Whether no sensor says so, and so none can say that it is over: people do, or the cloud from what they found."""
    return occurrence_id.startswith((REPORTED, COUNTED))


class AlertState(StrEnum):
    FIRING = "firing"
    RESOLVED = "resolved"


class Ended(StrEnum):
    """Why an occurrence is over: its clear came, or the node no longer knows of it."""

    CLEARED = "cleared"
    LOST_TRACK = "lost_track"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What makes two alarms the same alert. At most one alert per fingerprint fires at a time."""

    estate: str
    hazard: str
    equipment: str
    mode: Mode = "real"

    def __str__(self) -> str:
        return f"{self.estate}|{self.hazard}|{self.equipment}|{self.mode}"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One raise at a node and its clear, in whichever order they come. `raised_at` None is a tombstone:
    the clear was here first. `node_id`: who raised it; several nodes may raise one alert, and each answers for its own.
    """

    id: str
    severity: Severity = Severity.NOTICE
    raised_at: datetime | None = None
    ended_at: datetime | None = None
    ended: Ended | None = None
    boot: str | None = None
    node_id: str | None = None

    @property
    def active(self) -> bool:
        return self.raised_at is not None and self.ended_at is None


@dataclass
class Alert:
    """One alert from its first raise to its last clear. No person edits it. `node_id` is the node that raised it first.

    `raises` counts raises, so that chattering folds to ×N. `suppressed_by` names what hides it on the board; a hidden
    alert is still true, still stored and still part of its incident.
    """

    id: str
    fingerprint: Fingerprint
    node_id: str
    place_id: str
    occurrences: dict[str, Occurrence] = field(default_factory=dict)
    started_at: datetime | None = None
    resolved_at: datetime | None = None
    incident_id: str | None = None
    peak: Severity = Severity.NOTICE
    raises: int = 0
    late: bool = False
    suppressed_by: str | None = None
    point: str | None = None
    value: str | None = None
    threshold: float | None = None

    @property
    def state(self) -> AlertState:
        firing = any(occurrence.active for occurrence in self.occurrences.values())
        return AlertState.FIRING if firing else AlertState.RESOLVED

    @property
    def firing(self) -> bool:
        return self.state is AlertState.FIRING

    @property
    def born(self) -> bool:
        """Whether it was ever raised; an alert of tombstones only is kept, but nobody is troubled with it."""
        return self.raises > 0

    @property
    def severity(self) -> Severity:
        """The worst of the active occurrences; once resolved, the worst there was."""
        active = [occurrence.severity for occurrence in self.occurrences.values() if occurrence.active]
        return max(active) if active else self.peak

    def raise_(
        self, occurrence_id: str, severity: Severity, at: datetime, boot: str | None = None, node_id: str | None = None
    ) -> bool:
        """Take a raise of that node (the alert's own unless another is named). False when this occurrence was raised before: a repeat changes nothing."""
        known = self.occurrences.get(occurrence_id)
        if known is not None and known.raised_at is not None:
            return False
        base = known or Occurrence(occurrence_id)
        self.occurrences[occurrence_id] = replace(
            base, severity=severity, raised_at=at, boot=boot, node_id=node_id or self.node_id
        )
        self.peak = max(self.peak, severity)
        self.raises += 1
        self.started_at = min(self.started_at or at, at)
        self.resolved_at = None if self.firing else (self.resolved_at or base.ended_at)
        return True

    def end(self, occurrence_id: str, at: datetime, how: Ended = Ended.CLEARED) -> bool:
        """Take a clear, before or after its raise. False when the occurrence had ended before."""
        known = self.occurrences.get(occurrence_id) or Occurrence(occurrence_id)
        if known.ended_at is not None:
            return False
        was_firing = self.firing
        self.occurrences[occurrence_id] = replace(known, ended_at=at, ended=how)
        if was_firing and not self.firing:
            self.resolved_at = at
        return True

    def lose_track(self, occurrence_id: str) -> None:
        """The node no longer knows of it and a person is asked: it goes on firing until one has looked."""
        self.occurrences[occurrence_id] = replace(self.occurrences[occurrence_id], ended=Ended.LOST_TRACK)

    @property
    def sensed(self) -> bool:
        """Whether a sensor says so now, rather than people alone."""
        return any(occurrence.active and not unsensed(occurrence.id) for occurrence in self.occurrences.values())

    @property
    def hearsay(self) -> bool:
        """Whether no sensor ever said so."""
        return self.born and all(unsensed(one.id) for one in self.occurrences.values() if one.raised_at is not None)

    @property
    def known_to_fire(self) -> bool:
        """Whether it fires for all that anybody knows: an occurrence that its node lost track of is no longer such."""
        return any(occurrence.active and occurrence.ended is None for occurrence in self.occurrences.values())

    def fires_for(self, node_id: str) -> bool:
        """Whether an occurrence of that node lasts."""
        return any(o.active and (o.node_id or self.node_id) == node_id for o in self.occurrences.values())

    @property
    def track_lost(self) -> bool:
        return any(occurrence.ended is Ended.LOST_TRACK for occurrence in self.occurrences.values())

    def lost_among(self, named: frozenset[str], before: datetime, node_id: str | None = None) -> list[str]:
        """Active occurrences of a node (the alert's own unless another is named) raised before that moment, which its
        birth does not name: nobody knows of them any more. Of another node's its birth says nothing.
        """
        speaker = node_id or self.node_id
        return [
            occurrence.id
            for occurrence in self.occurrences.values()
            if occurrence.active
            and occurrence.ended is None
            and occurrence.id not in named
            and (occurrence.node_id or self.node_id) == speaker
            and (occurrence.raised_at or before) <= before
        ]
