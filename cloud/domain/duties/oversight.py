"""Who stands one level above a party: who sees to it that it can be reached, takes over what it does not answer, and
decides where it is a party to the dispute or lets its clock run out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.community.party import STREETS, Party, PartyKind, PartyRef
from cloud.domain.duties.reach import callable_members
from cloud.domain.duties.register import PARTY_PREFIX, Register

UNCOVERED: Final = "duty.uncovered"
"""The hazard that nobody can be reached; it concerns a party, which is its equipment (`party/property`)."""

_K = PartyKind
_COMMUNITY: Final = (_K.RESIDENTS_COMMITTEE, _K.PARTY_ORGANISATION, *STREETS)
ABOVE: Final[Mapping[PartyKind, tuple[PartyKind, ...]]] = {
    _K.PROPERTY_MANAGER: _COMMUNITY,
    _K.FIRE_CONTROL_ROOM: (_K.PROPERTY_MANAGER, *_COMMUNITY),
    _K.MICRO_FIRE_STATION: (_K.PROPERTY_MANAGER, *_COMMUNITY),
    _K.LIFT_MAINTAINER: (_K.PROPERTY_MANAGER, *_COMMUNITY),
    _K.FIRE_MAINTAINER: (_K.PROPERTY_MANAGER, *_COMMUNITY),
    _K.PLATFORM_OPERATOR: (_K.PROPERTY_MANAGER, *_COMMUNITY),
    _K.HOUSEHOLD: (_K.GRID_WORKER, *_COMMUNITY),
    _K.GRID_WORKER: _COMMUNITY,
    _K.OWNERS_COMMITTEE: _COMMUNITY,
    _K.VOLUNTEER_TEAM: _COMMUNITY,
    _K.SOCIAL_ORGANISATION: _COMMUNITY,
    _K.PARTY_ORGANISATION: STREETS,
    _K.RESIDENTS_COMMITTEE: STREETS,
    _K.MARKET_REGULATOR: STREETS,
    _K.FIRE_RESCUE: STREETS,
    _K.POLICE: STREETS,
}
"""The one rule of who stands above whom, by kind, nearest level first. Firms answer to the property that hired them, the
property and the bodies of residents to the community - its committee, its Party organisation -, the community and offices
of the state to the street or township. Above those nobody has an account here.
"""


@dataclass(frozen=True, slots=True)
class Appointment:
    """The lead of a matter that is decided by whom it concerns (`party`), whatever the matrix names. `why`: in words, where
    it is not that the one stands above the other.
    """

    lead: Party
    party: Party
    why: Names | None = None

    @property
    def words(self) -> Names:
        above, below = self.lead.names, self.party.names
        plain = Names(f"{above.zh}为{below.zh}的上一级，牵头", f"{above.en} leads, as the level above {below.en}")
        return self.why or plain


def levels_above(register: Register, party: Party, place_id: str) -> Iterator[Party]:
    """Each party above it at that place, the nearest level first; those without people here are passed over."""
    for kind in ABOVE.get(party.kind, ()):
        for above in register.meant(PartyRef("kind", kind.value), place_id):
            if above.id != party.id and callable_members(register, above.id):
                yield above


def one_level_up(register: Register, party: Party, place_id: str, besides: Collection[str] = ()) -> Party:
    """The nearest level above that is not among `besides` (who were called already); where there is none, the fallback
    party, and where that is the party itself, whoever runs the platform: a task without a responsible party cannot exist.
    """
    found = next((above for above in levels_above(register, party, place_id) if above.id not in besides), None)
    if found is not None:
        return found
    if register.fallback.id != party.id:
        return register.fallback
    operators = register.meant(PartyRef("kind", _K.PLATFORM_OPERATOR.value), place_id)
    return next((one for one in operators if callable_members(register, one.id)), register.fallback)


def appointment(register: Register, hazard_id: str, equipment_id: str) -> Appointment | None:
    """Who leads a matter that concerns a party; None where it concerns none and the matrix decides."""
    party = register.parties.get(equipment_id.removeprefix(PARTY_PREFIX))
    if hazard_id != UNCOVERED or party is None or not equipment_id.startswith(PARTY_PREFIX):
        return None
    return Appointment(one_level_up(register, party, register.estate.place_id), party)
