"""Who is no responder, and is let in to what concerns one home, since whoever lives there has named them in their own consent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cloud.application.estates.sign_in import Identity
from cloud.application.ports import UnitOfWork, UnitsOfWork
from cloud.domain.community.access import Matter
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.duties.consent import Consent, named_by
from cloud.domain.duties.register import Register
from cloud.domain.incidents.incident import Incident
from cloud.domain.tasks.sight import private
from cloud.domain.tasks.task import Task
from cloud.errors import NotFound
from schemas.hazards import hazard


@dataclass(frozen=True, slots=True)
class FamilyMatter:
    """What is open in a home whose person has named the viewer."""

    incident_id: str
    task_id: str
    hazard: str
    hazard_names: Names
    since: datetime


def as_family(uow: UnitOfWork, member: Member, task: Task) -> Member | None:
    """The member as a responder of that household and of nothing else, where it is about a home whose person has named them;
    None: no consent says so. Who is a responder of the household anyhow needs none.
    """
    register, incident = uow.registers.find(task.estate), uow.incidents.get(task.incident_id)
    if register is None or incident is None or not private(task.hazard):
        return None
    for consent in _naming(uow, register, member):
        if member.role_in(consent.party_id) is Role.RESIDENT and _about(consent, incident, task):
            return replace(member, party_id=consent.party_id, role=Role.RESPONDER, also=())
    return None


def open_for_family(uow: UnitOfWork, register: Register, member: Member) -> Sequence[FamilyMatter]:
    consents = list(_naming(uow, register, member))
    if not consents:
        return ()
    tasks = [task for task in uow.tasks.open(register.estate.id) if private(task.hazard)]
    incidents = uow.incidents.among([task.incident_id for task in tasks])
    return [
        FamilyMatter(task.incident_id, task.id, task.hazard, _names(task.hazard), incidents[task.incident_id].opened_at)
        for task in tasks
        if any(_about(one, incidents[task.incident_id], task) for one in consents)
    ]


class AdmitFamily:
    """Asked where a member's role alone does not let them in."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    def __call__(self, identity: Identity, target: Mapping[str, Any]) -> Identity | None:
        """The same person, bound to the one matter that `target` names and as a responder of its household; None where nobody's
        consent names them. Raises NotFound for every other matter, whether there is one or not.
        """
        named = {key: target[key] for key in ("task_id", "incident_id", "photo_id") if target.get(key)}
        if not named:
            return None
        with self._units.reading() as uow:
            if not any(_named_in(uow, estate, identity.member) for estate in identity.estates):
                return None
            tasks = {task.id: task for task in _meant(uow, named)}
            (task,) = tasks.values() if len(tasks) == 1 else (None,)
            lent = as_family(uow, identity.member, task) if task and task.estate in identity.estates else None
        if task is None or lent is None:
            raise NotFound("There is nothing here that anybody's consent opens to you.", "这里没有对您开放的事项")
        matters = identity.matters or (Matter(task.id, task.incident_id),)
        return replace(identity, member=lent, estates=(task.estate,), matters=matters, family=not identity.matters)


def _naming(uow: UnitOfWork, register: Register, member: Member) -> Iterable[Consent]:
    return (one for one in uow.consents.of(register.estate.id) if named_by(one, register, member))


def _named_in(uow: UnitOfWork, estate: str, member: Member) -> bool:
    register = uow.registers.find(estate)
    return register is not None and any(True for _ in _naming(uow, register, member))


def _about(consent: Consent, incident: Incident, task: Task) -> bool:
    """Whether it is of that home, in which its household has a part, and not from before: who lived there then gave no consent."""
    asked = task.part_of(consent.party_id) is not None
    return asked and incident.equipment_id in consent.doors and incident.opened_at >= consent.given_at


def _meant(uow: UnitOfWork, named: Mapping[str, str]) -> Iterable[Task]:
    """The tasks that an address names: several where it names one thing of each."""
    photo = uow.photos.get(named["photo_id"]) if "photo_id" in named else None
    found = [uow.tasks.get(named["task_id"])] if "task_id" in named else []
    incidents = [*([named["incident_id"]] if "incident_id" in named else []), *([photo.incident_id] if photo else [])]
    found += [uow.tasks.of_incident(one) for one in incidents]
    return [task for task in found if task is not None]


def _names(hazard_id: str) -> Names:
    known = hazard(hazard_id)
    return Names(known.zh, known.en)
