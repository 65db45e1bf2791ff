"""A detector whose alarms people keep finding to be false needs hands itself, and goes on being believed until it has them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, noticed
from cloud.application.incidents.sightings import Sighting
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.duties.register import EquipmentKind, Register
from cloud.domain.incidents.alert import COUNTED, Alert
from cloud.domain.incidents.false_alarms import WITHIN, FalseAlarm, unreliable
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.tasks.task import Task
from schemas.hazards import Severity

FAULT: Final = "fire.detector-fault"
ORIGIN: Final = "false-alarms"


class WatchFalseAlarms:
    """Raises `fire.detector-fault` of a detector with three false alarms in thirty days, each closed by two people, with
    these as its evidence. No sensor speaks of it, so a second person has to look after who says that it was dealt with; it
    lasts until then, and only alarms after that count.

    Nothing is hidden for it: the detector's next alarm is life safety as its first was. Raises Unavailable.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def __call__(self) -> int:
        """How many were raised or ended."""
        with self._units.reading() as uow:
            found = [one for estate in uow.registers.estates() if (one := uow.registers.find(estate.id)) is not None]
            changed = [
                one.estate.id for one in found if any(self._changes(uow, one)) or self._waiting_in_vain(uow, one)
            ]
        return sum(self._tell(estate) for estate in changed)

    def _changes(self, uow: UnitOfWork, register: Register) -> tuple[Mapping[str, tuple[FalseAlarm, ...]], list[Alert]]:
        """The detectors that are to be told of; the alerts that somebody has dealt with."""
        estate, now = register.estate.id, self._clock.now()
        standing = [alert for alert in uow.alerts.firing(estate, hazards={FAULT}) if _raised_here(alert)]
        known = {alert.fingerprint.equipment for alert in standing}
        dealt_with = uow.alerts.last_ended(estate, FAULT, ORIGIN)
        often = unreliable(uow.alerts.false_alarms(estate, now - WITHIN), dealt_with)
        begun = {
            equipment: alarms
            for equipment, alarms in often.items()
            if equipment not in known and _is_detector(register, equipment)
        }
        return begun, [alert for alert in standing if _dealt_with(uow, alert)]

    @staticmethod
    def _waiting_in_vain(uow: UnitOfWork, register: Register) -> list[Task]:
        """Tasks from before that was kept apart: they wait for the quiet of a sensor that never spoke."""
        standing = filter(_raised_here, uow.alerts.firing(register.estate.id, hazards={FAULT}))
        found = []
        for incident_id in {alert.incident_id for alert in standing if alert.incident_id is not None}:
            task, alerts = (
                uow.tasks.of_incident(incident_id),
                uow.alerts.of_incidents([incident_id]).get(incident_id, ()),
            )
            waits = task is not None and task.open and task.sensed and task.quiet_since is None
            if task is not None and waits and not any(alert.sensed for alert in alerts):
                found.append(task)
        return found

    def _tell(self, estate: str) -> int:
        with self._units.writing() as uow:
            register, now = uow.registers.find(estate), self._clock.now()
            if register is None:
                return 0
            uow.ledger.hold(estate)
            for task in self._waiting_in_vain(uow, register):
                task.sensed = False
                uow.tasks.save(task)
            begun, over = self._changes(uow, register)
            consequences = Consequences(uow, register, self._ids, now, "clock")
            told: list[tuple[Sighting, tuple[FalseAlarm, ...]]] = []
            for equipment, alarms in begun.items():
                occurrence = f"{COUNTED}{self._ids.new(now)}"
                sighting = _sighting(estate, alarms[-1].node_id, equipment, occurrence, now=now)
                consequences.raised(sighting)
                told.append((sighting, alarms))
            for alert in over:
                for occurrence in _lasting(alert):
                    sighting = _sighting(estate, alert.node_id, alert.fingerprint.equipment, occurrence, now=now)
                    consequences.cleared(gone(sighting, now, FAULT))
            consequences.settle()
            drafts = [_evidence(uow, sighting, alarms, now) for sighting, alarms in told]
            if drafts:
                uow.ledger.append(estate, drafts)
            uow.commit()
            return len(begun) + len(over)


def _evidence(uow: UnitOfWork, sighting: Sighting, alarms: tuple[FalseAlarm, ...], now: datetime) -> Draft:
    """Which incidents say so, on the timeline of what they led to."""
    alert = uow.alerts.concerning(sighting.fingerprint, sighting.occurrence)[0]
    facts = {
        "hazard": FAULT, "equipment": sighting.fingerprint.equipment, "count": len(alarms), "days": WITHIN.days,
        "incidents": [one.incident_id for one in alarms],
    }  # fmt: skip
    return Draft(Kind.FALSE_ALARMS_COUNTED, now, "clock", alert.incident_id, alert.id, sighting.cause, facts)


def _is_detector(register: Register, equipment: str) -> bool:
    known = register.equipment.get(equipment)
    return known is not None and known.kind is EquipmentKind.SMOKE_DETECTOR


def _lasting(alert: Alert) -> list[str]:
    return [one.id for one in alert.occurrences.values() if one.active and one.id.startswith(COUNTED)]


def _raised_here(alert: Alert) -> bool:
    return bool(_lasting(alert))


def _dealt_with(uow: UnitOfWork, alert: Alert) -> bool:
    """Whether two people say so, for its task is over: no sensor can. What maintenance holds back has no task yet, and waits."""
    if alert.incident_id is None:
        return False
    task = uow.tasks.of_incident(alert.incident_id)
    while task is not None and task.merged_into is not None:
        task = uow.tasks.of_incident(task.merged_into)
    return task is None or not task.open


def _sighting(estate: str, node_id: str, equipment: str, occurrence: str, *, now: datetime) -> Sighting:
    # It cries wolf and detects still: what has failed altogether is graver.
    minor = Severity.MINOR
    return noticed(estate, node_id, FAULT, occurrence=occurrence, at=now, cause=ORIGIN, about=equipment, severity=minor)
