"""The named officers of a call sheet as read models; numbers of persons only where somebody phones from a duty room."""

from __future__ import annotations

from cloud.application.asking.call_views import OfficerView, PersonView
from cloud.application.asking.depict import Depiction
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import UnitOfWork
from cloud.domain.community.access import Purpose
from cloud.domain.community.party import Member
from cloud.domain.incidents.incident import Incident
from cloud.domain.tasks.officers import officers, on_the_roster, sees_numbers_of_persons, telephone
from cloud.domain.tasks.task import Task


def depicted(depict: Depiction, task: Task, incident: Incident, viewer: Member | None) -> list[OfficerView]:
    """By the parties' own telephones; nobody phones themselves. Empty where it is not a matter to phone about."""
    return [one for one in _all(depict, task, incident, viewer) if one.phone]


def in_duty_room(
    uow: UnitOfWork, depict: Depiction, task: Task, incident: Incident, viewer: Identity
) -> list[OfficerView]:
    """With who is on duty, where a life is at stake and the viewer may see numbers of persons: in a session of theirs, for the
    property or the fire control room.
    """
    register, moment = depict.register, depict.now
    found = _all(depict, task, incident, viewer.member)
    rooms = sees_numbers_of_persons(register, viewer.member, incident.place_id)
    at_stake = task.life_safety and task.mode == "real"
    if viewer.purpose is not Purpose.SESSION or not rooms or not at_stake:
        return [one for one in found if one.phone]
    duty = {one.party.id: on_the_roster(register, register.party(one.party.id), moment) for one in found}
    contacts = uow.contacts.among({member.id for members in duty.values() for member in members})
    shown = []
    for one in found:
        numbers = [(member, telephone(tuple(contacts.get(member.id, ())))) for member in duty[one.party.id]]
        people = tuple(PersonView(member.names, number) for member, number in numbers if number is not None)
        if one.phone or people:
            shown.append(OfficerView(one.party, one.phone, one.last, people))
    return shown


def _all(depict: Depiction, task: Task, incident: Incident, viewer: Member | None) -> list[OfficerView]:
    if not task.life_safety and not task.duty.call_sheet:
        return []
    own = {one.party_id for one in viewer.memberships} if viewer else set()
    made = {one.to_id: one for one in task.dialled}
    return [
        OfficerView(depict.party(party.id), party.phone, depict.dialled(made.get(party.id)))
        for party in officers(depict.register, task, incident.place_id, depict.now)
        if party.id not in own
    ]
