"""Who sees what concerns the people of a home: the one function that decides, for every page, list, stream and export."""

from __future__ import annotations

from typing import Final

from cloud.domain.community.party import WELFARE, Member, PartyKind, Role
from cloud.domain.duties.register import Register
from cloud.domain.tasks.task import Task

_OVERSEES: Final = frozenset({Role.OVERSEER, Role.ADMINISTRATOR})


def private(hazard_id: str) -> bool:
    """Whether it is about a home. Nothing of it is ever public."""
    return hazard_id.startswith(WELFARE)


def sees_private(register: Register, member: Member, task: Task | None) -> bool:
    """Whether a member sees a matter of a home, or (`task` None) every one of the estate: those of the parties with a part in
    it, overseers of the street, and who runs the estate. Residents see none, but for their own household's.
    """
    streets = {street.id for street in register.streets(register.estate.place_id)}
    for one in member.memberships:
        household = register.party(one.party_id).kind is PartyKind.HOUSEHOLD
        if task is not None and task.part_of(one.party_id) is not None and (household or one.role is not Role.RESIDENT):
            return True
        if one.party_id == register.fallback.id and one.role is not Role.RESIDENT:
            return True
        if one.party_id in streets and one.role in _OVERSEES:
            return True
    return False
