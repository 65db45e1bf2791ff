"""What goes on where an alarm is raised: an exercise that it belongs to, or maintenance that explains it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from cloud.application.incidents.sightings import Clearing, Sighting
from cloud.application.ports import UnitOfWork
from cloud.domain.duties.register import Register
from cloud.domain.incidents.alert import Alert, Fingerprint, Mode, is_report
from cloud.domain.incidents.holding_back import holder
from cloud.domain.incidents.maintenance import Window


def other_mode(fingerprint: Fingerprint) -> Fingerprint:
    mode: Mode = "real" if fingerprint.mode == "exercise" else "exercise"
    return replace(fingerprint, mode=mode)


class Circumstances:
    """Within one unit of work."""

    def __init__(self, uow: UnitOfWork, register: Register, now: datetime) -> None:
        self._uow, self._register, self._now = uow, register, now

    def in_exercise(self, sighting: Sighting) -> bool:
        """Whether an exercise under way named this very point and hazard. What people report, what fires in earnest already and
        what was raised before it began, however late it comes, is real, whatever is exercised.
        """
        known = sighting.fingerprint
        if known.mode == "exercise" or is_report(sighting.occurrence):
            return False
        running = self._uow.exercises.running(known.estate, self._now)
        at = min(sighting.at, self._now)
        if not any(one.covers(known.hazard, known.equipment, at) for one in running):
            return False
        # Neither what fires already nor what is over already, its clear having come first.
        return not self._uow.alerts.concerning(known, sighting.occurrence)

    def as_known(self, clearing: Clearing) -> Clearing:
        """The clearing of what the cloud may have taken for the other mode than its node says."""
        found = self._uow.alerts.concerning(clearing.fingerprint, clearing.occurrence)
        if any(clearing.occurrence in alert.occurrences for alert in found):
            return clearing
        other = other_mode(clearing.fingerprint)
        there = self._uow.alerts.concerning(other, clearing.occurrence)
        moved = any(clearing.occurrence in alert.occurrences for alert in there)
        return replace(clearing, fingerprint=other) if moved else clearing

    def known_otherwise(self, sighting: Sighting) -> bool:
        """Whether this very occurrence is known in the other mode: a repeat of it changes nothing."""
        there = self._uow.alerts.concerning(other_mode(sighting.fingerprint), sighting.occurrence)
        return any(sighting.occurrence in alert.occurrences for alert in there)

    def holding_back(self, alert: Alert, occurrence: str) -> Window | None:
        """The maintenance window that holds this alarm back. Never a report, nor what is a task already."""
        known = alert.fingerprint
        if known.mode == "exercise" or is_report(occurrence) or alert.incident_id is not None:
            return None
        running = self._running(known.estate)
        if not running:
            return None
        # How long they have followed one another those say that are over.
        begun = self._uow.windows.of(known.estate, before=(self._now, ""))
        windows = {one.id: one for one in (*running, *begun)}
        return holder(self._register, windows.values(), alert, self._now)

    def at_work(self, alert: Alert) -> Window | None:
        """The window over where it is, life safety or not: somebody is on site there."""
        known = alert.fingerprint
        covering = (
            one
            for one in self._running(known.estate)
            if one.covers(known.hazard, known.equipment, alert.place_id, self._now)
        )
        return next(covering, None) if known.mode == "real" else None

    def _running(self, estate: str) -> list[Window]:
        return list(self._uow.windows.running(estate, self._now))
