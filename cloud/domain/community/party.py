"""Who can be responsible: parties, and the members who act for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Literal

from cloud.domain.community.hours import ALWAYS, Hours
from cloud.domain.community.names import Language, Names
from cloud.domain.community.place import ancestry, is_within
from schemas.hazards import hazard


class PartyKind(StrEnum):
    """What sort of organisation or household a party is. `external` has no account and is reached by phone."""

    PROPERTY_MANAGER = "property_manager"
    FIRE_CONTROL_ROOM = "fire_control_room"
    MICRO_FIRE_STATION = "micro_fire_station"
    LIFT_MAINTAINER = "lift_maintainer"
    FIRE_MAINTAINER = "fire_maintainer"
    RESIDENTS_COMMITTEE = "residents_committee"
    OWNERS_COMMITTEE = "owners_committee"
    PARTY_ORGANISATION = "party_organisation"
    GRID_WORKER = "grid_worker"
    STREET_OFFICE = "street_office"
    TOWNSHIP = "township"
    MARKET_REGULATOR = "market_regulator"
    FIRE_RESCUE = "fire_rescue"
    POLICE = "police"
    VOLUNTEER_TEAM = "volunteer_team"
    HOUSEHOLD = "household"
    SOCIAL_ORGANISATION = "social_organisation"
    PLATFORM_OPERATOR = "platform_operator"
    EXTERNAL = "external"


STREETS: Final = (PartyKind.STREET_OFFICE, PartyKind.TOWNSHIP)
"""The lowest level of the state: a street office in town, a township (乡镇) outside it, with the same powers here."""

OVERSEES: Final = frozenset(
    {
        PartyKind.PROPERTY_MANAGER,
        PartyKind.FIRE_CONTROL_ROOM,
        PartyKind.RESIDENTS_COMMITTEE,
        PartyKind.OWNERS_COMMITTEE,
        PartyKind.PARTY_ORGANISATION,
        *STREETS,
    }
)
"""Parties that answer for a whole area. Everybody else works there, and sees what their work is about."""

NEVER_LEAD: Final = frozenset({PartyKind.EXTERNAL, PartyKind.VOLUNTEER_TEAM, PartyKind.HOUSEHOLD})
"""Bodies without an account cannot answer here, and nobody makes volunteers or a household lead, or decide for others. The
one exception is a household's own welfare (`may_lead_in`).
"""

ASSISTS: Final = frozenset({PartyKind.RESIDENTS_COMMITTEE, PartyKind.GRID_WORKER})
"""Who supports or observes: a community is not made to lead what it only assists (BJ art. 17, governance.md)."""

LAY: Final = frozenset({PartyKind.VOLUNTEER_TEAM, PartyKind.HOUSEHOLD})
"""People whom nobody has trained or insured for it."""


def keeps_out(kind: str, hazard_id: str) -> bool:
    """Volunteers never enter where it burns (governance.md)."""
    return kind in LAY and hazard_id.startswith("fire.") and hazard(hazard_id).life_safety


WELFARE: Final = "welfare."
"""What the hazards begin with that are about the people of a home."""


@dataclass(frozen=True, slots=True)
class Party:
    """One party. `serves` are the subtrees of places it works for (many estates, one party); `phone` is what people dial."""

    id: str
    kind: PartyKind
    names: Names
    serves: tuple[str, ...] = ()
    phone: str | None = None
    capabilities: frozenset[str] = frozenset()
    hours: Hours = ALWAYS

    @property
    def may_lead(self) -> bool:
        return self.kind not in NEVER_LEAD

    def may_lead_in(self, hazard_id: str, place_id: str) -> bool:
        """Whether it may lead that there: a household where its own family's welfare is concerned, and nothing else."""
        own = self.kind is PartyKind.HOUSEHOLD and hazard_id.startswith(WELFARE) and self.closeness(place_id) >= 0
        return self.may_lead or own

    def keeps_out(self, hazard_id: str) -> bool:
        """Whether it is never sent in there; being told is another matter."""
        return keeps_out(self.kind, hazard_id)

    @property
    def external(self) -> bool:
        return self.kind is PartyKind.EXTERNAL

    def closeness(self, place_id: str) -> int:
        """How near its service area is drawn round that place: path depth of the area, or -1 when it does not serve it."""
        depths = (sum(1 for _ in ancestry(area)) for area in self.serves if is_within(place_id, area))
        return max(depths, default=-1)


class Role(StrEnum):
    """What a member may do for the party, least first."""

    RESIDENT = "resident"
    RESPONDER = "responder"
    MANAGER = "manager"
    OVERSEER = "overseer"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class Membership:
    """What a member is in one party."""

    party_id: str
    role: Role


@dataclass(frozen=True, slots=True)
class Member:
    """A person who acts for a party, known by role rather than by name; `also`: other parties they act for, each with
    the role they have there. One login serves them all.
    """

    id: str
    party_id: str
    names: Names
    role: Role
    language: Language = "zh"
    also: tuple[Membership, ...] = ()

    @property
    def memberships(self) -> tuple[Membership, ...]:
        return (Membership(self.party_id, self.role), *self.also)

    def role_in(self, party_id: str) -> Role | None:
        return next((one.role for one in self.memberships if one.party_id == party_id), None)

    def as_of(self, party_id: str) -> Member:
        """The same person acting for that party; unchanged when they do not."""
        role = self.role_in(party_id)
        if role is None or party_id == self.party_id:
            return self
        rest = tuple(one for one in self.memberships if one.party_id != party_id)
        return replace(self, party_id=party_id, role=role, also=rest)

    def acting_among(self, parties: Iterable[str]) -> Member:
        """The same person acting for the first of these parties that they belong to; unchanged where there is none."""
        return next((self.as_of(party) for party in parties if self.role_in(party) is not None), self)


@dataclass(frozen=True, slots=True)
class PartyRef:
    """How a duty names a party: by kind (whoever of that kind serves the place), by id, or by the number one dials."""

    by: Literal["kind", "id", "phone"]
    value: str

    def __str__(self) -> str:
        return f"party:{self.value}" if self.by == "id" else self.value

    def matches(self, party: Party) -> bool:
        if self.by == "kind":
            return party.kind == self.value
        return self.value == (party.id if self.by == "id" else party.phone)
