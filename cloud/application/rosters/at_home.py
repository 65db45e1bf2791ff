"""What concerns people at home, in one hand: their own consent, and whom those who answer are to phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cloud.application.asking.personal_looks import PersonalLooks
from cloud.application.estates.family import AdmitFamily
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitsOfWork
from cloud.application.rosters.keep_consent import KeepConsent
from cloud.application.rosters.keeping import register_for
from cloud.application.sight import Sight
from cloud.application.timeseries import TimeSeriesReader
from cloud.domain.community.party import PartyKind
from cloud.domain.duties.consent import Called, holds
from cloud.domain.records.personal import PersonalClass
from cloud.domain.tasks.sight import private
from cloud.errors import NotFound


class AskWhomToPhone:
    """Whom a person wants to be phoned, first to last: for the parties with a part in the task about their home, and each
    look is on the record. Raises NotFound.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units, self._looks = units, PersonalLooks(units, clock)

    def __call__(self, task_id: str, viewer: Identity) -> Sequence[Called]:
        with self._units.reading() as uow:
            task = uow.tasks.get(task_id)
            incident = uow.incidents.get(task.incident_id) if task is not None else None
            if task is None or incident is None or incident.estate not in viewer.estates:
                raise NotFound(f"There is no task {task_id!r} here.", "没有这项任务")
            register = register_for(uow, incident.estate, viewer)
            if not Sight(uow, register, viewer).task(task):
                raise NotFound(f"There is no task {task_id!r} here.", "没有这项任务")
            takes_part = any(task.part_of(one.party_id) is not None for one in viewer.member.memberships)
            if not (private(task.hazard) and task.open and takes_part):
                return ()
            home = [one for one in uow.consents.of(incident.estate) if one.equipment == incident.equipment_id]
            found = [called for one in home if holds(one, register) for called in one.contacts]
        if found:
            self._looks.note(viewer, incident.estate, f"incident:{incident.id}", PersonalClass.CONSENT)
        return found


@dataclass(frozen=True)
class AtHome:
    """The consent, and whom to phone."""

    consent: KeepConsent
    whom_to_phone: AskWhomToPhone
    family: AdmitFamily
    units: UnitsOfWork

    @classmethod
    def on(cls, units: UnitsOfWork, clock: Clock, readings: TimeSeriesReader) -> AtHome:
        return cls(KeepConsent(units, clock, readings), AskWhomToPhone(units, clock), AdmitFamily(units), units)

    def concerns(self, viewer: Identity) -> bool:
        """Whether the viewer has a household in an estate of theirs, or a consent from when they had."""
        mine = {one.party_id for one in viewer.member.memberships}
        with self.units.reading() as uow:
            for estate in viewer.estates:
                register = uow.registers.find(estate)
                parties = register.parties if register is not None else {}
                if any(id_ in parties and parties[id_].kind is PartyKind.HOUSEHOLD for id_ in mine):
                    return True
                if uow.consents.get(estate, viewer.member.id) is not None:
                    return True
        return False
