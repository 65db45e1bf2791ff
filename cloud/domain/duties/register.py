"""What is known of one estate: its places, parties, members, nodes, equipment and duties, as one unchanging snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from cloud.domain.community.names import Names
from cloud.domain.community.party import STREETS, Member, Party, PartyKind, PartyRef
from cloud.domain.community.place import PlaceKind, PlaceTree, is_within
from cloud.domain.community.public_days import DEFAULT_DAYS, PublicDays
from cloud.domain.community.roster import Roster
from cloud.domain.community.work_calendar import Running, WorkCalendar
from cloud.domain.duties.duty import DutyMatrix

NODE_PREFIX: Final = "node/"
"""Equipment ids under this prefix stand for nodes themselves (`node.silent` of `node/b3-gateway`)."""

PARTY_PREFIX: Final = "party/"
"""Equipment ids under this prefix stand for parties (`duty.uncovered` of `party/property`)."""


PLACE_PREFIX: Final = "place/"
"""Equipment ids under this prefix stand for a place itself, named below its estate: what residents report there."""


class EquipmentKind(StrEnum):
    ACCESS_GATE = "access_gate"
    SMOKE_DETECTOR = "smoke_detector"
    LIFT = "lift"
    NODE = "node"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Equipment:
    """A piece of equipment in the estate's register. `node_id` is the node it is wired to."""

    id: str
    kind: EquipmentKind
    place_id: str
    names: Names
    node_id: str | None = None


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """A node as the register knows it: where it hangs and what people call it."""

    id: str
    place_id: str
    names: Names


ARBITRATION: Final = timedelta(minutes=30)
"""How long an arbiter has, unless its estate says otherwise."""


@dataclass(frozen=True, slots=True)
class Estate:
    """What a property company runs and what a node belongs to. `id` is its name in topics, `place_id` its place.

    `reopen_window`: firing again within it after closing reopens the incident. `fallback_party_id` answers for
    whatever nobody else is named for; it must exist, so that no task is without a responsible party. `days` and the
    working hours are for rosters and for clocks that do not run always. `arbiter_party_id` decides, within
    `arbitrate_within`, who leads when that is in dispute; None: the street office or township that serves the
    estate, else the fallback party.
    """

    id: str
    place_id: str
    names: Names
    fallback_party_id: str
    time_zone: str = "Asia/Shanghai"
    reopen_window: timedelta = timedelta(minutes=30)
    days: PublicDays = DEFAULT_DAYS
    working_from: time = time(9)
    working_until: time = time(18)
    arbiter_party_id: str | None = None
    arbitrate_within: timedelta = ARBITRATION

    def calendar(self, running: Running) -> WorkCalendar | None:
        """The calendar for clocks that run like that; None when they always do."""
        if running is Running.ALWAYS:
            return None
        if running is Running.WORKING_DAYS:
            return WorkCalendar(self.time_zone, self.days)
        return WorkCalendar(self.time_zone, self.days, self.working_from, self.working_until)

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.time_zone))


@dataclass(frozen=True)
class Register:
    """The snapshot of an estate at one `version`. Parties of every estate they serve stand in each."""

    estate: Estate
    version: int
    places: PlaceTree
    parties: Mapping[str, Party]
    members: Mapping[str, Member]
    equipment: Mapping[str, Equipment]
    nodes: Mapping[str, NodeEntry]
    matrix: DutyMatrix
    rosters: tuple[Roster, ...] = ()
    _by_closeness: dict[tuple[PartyRef, str], tuple[Party, ...]] = field(default_factory=dict, compare=False)

    @property
    def fallback(self) -> Party:
        return self.parties[self.estate.fallback_party_id]

    @property
    def arbiter(self) -> Party:
        """Who decides which party leads, when two have declined to."""
        named = self.parties.get(self.estate.arbiter_party_id or "")
        streets = self.streets(self.estate.place_id)
        return named or (streets[0] if streets else self.fallback)

    def streets(self, place_id: str) -> tuple[Party, ...]:
        """The street offices and townships that serve a place."""
        return tuple(party for kind in STREETS for party in self.meant(PartyRef("kind", kind.value), place_id))

    def outside_towns(self, place_id: str) -> bool:
        """Whether the lowest level of the state there is a township. Where a street office serves it, too, it is in town, and
        where neither is known: the shorter limits hold.
        """
        streets = self.streets(place_id)
        return bool(streets) and all(street.kind is PartyKind.TOWNSHIP for street in streets)

    def party(self, party_id: str) -> Party:
        """A party by id. One that has left the register since is still shown in what it took part in, by its id."""
        return self.parties.get(party_id) or Party(party_id, PartyKind.EXTERNAL, Names(party_id, party_id))

    def meant(self, ref: PartyRef, place_id: str) -> tuple[Party, ...]:
        """The parties a duty means at that place, the one whose area is drawn closest first.

        An external body is reached by phone wherever one is; every other party must serve the place.
        """
        key = (ref, place_id)
        found = self._by_closeness.get(key)
        if found is None:
            serving = [
                p for p in self.parties.values() if ref.matches(p) and (p.external or p.closeness(place_id) >= 0)
            ]
            found = tuple(sorted(serving, key=lambda p: (-p.closeness(place_id), p.id)))
            self._by_closeness[key] = found
        return found

    def members_of(self, party_id: str) -> tuple[Member, ...]:
        """Who acts for the party, each as who they are in it."""
        return tuple(m.as_of(party_id) for m in self.members.values() if m.role_in(party_id) is not None)

    def rosters_of(self, party_id: str) -> tuple[Roster, ...]:
        return tuple(roster for roster in self.rosters if roster.party_id == party_id)

    def whereabouts(self, equipment_id: str, node_id: str | None) -> str:
        """The place of a piece of equipment; of an unknown one its node's place; failing that, the estate."""
        known = self.equipment.get(equipment_id)
        if known is not None:
            return known.place_id
        place = self._place(equipment_id)
        if place is not None:
            return place
        node = self.nodes.get(equipment_id.removeprefix(NODE_PREFIX) if node_id is None else node_id)
        return node.place_id if node is not None else self.estate.place_id

    def knows(self, equipment_id: str) -> bool:
        node, party = equipment_id.removeprefix(NODE_PREFIX), self._party_of(equipment_id)
        if self._place(equipment_id) is not None:
            return True
        return equipment_id in self.equipment or (node != equipment_id and node in self.nodes) or party is not None

    def names_of(self, equipment_id: str) -> Names:
        """What people call it; what concerns the whole estate is called as that is, an unknown one by its id."""
        if equipment_id == self.estate.id:
            return self.estate.names
        place = self._place(equipment_id)
        if place is not None:
            return self.places.get(place).names
        known = self.equipment.get(equipment_id) or self.nodes.get(equipment_id.removeprefix(NODE_PREFIX))
        found = known or self._party_of(equipment_id)
        return found.names if found else Names(equipment_id, equipment_id)

    def _party_of(self, equipment_id: str) -> Party | None:
        named = equipment_id.startswith(PARTY_PREFIX)
        return self.parties.get(equipment_id.removeprefix(PARTY_PREFIX)) if named else None

    def _place(self, equipment_id: str) -> str | None:
        below = equipment_id.removeprefix(PLACE_PREFIX)
        if below == equipment_id:
            return None
        place = f"{self.estate.place_id}/{below}" if below else self.estate.place_id
        return place if place in self.places else None

    def building_of(self, place_id: str) -> str:
        """The building a place lies in; where there is none, the place itself."""
        building = self.places.nearest(place_id, PlaceKind.BUILDING)
        return building.id if building else place_id

    def seen_by(self, party: Party) -> bool:
        """Whether a party has to do with this estate at all: its area covers the estate or lies in it."""
        return any(
            is_within(self.estate.place_id, area) or is_within(area, self.estate.place_id) for area in party.serves
        )


def party_equipment(party_id: str) -> str:
    """The equipment id under which a party itself stands."""
    return f"{PARTY_PREFIX}{party_id}"


def node_equipment(node_id: str) -> str:
    """The equipment id under which a node itself stands."""
    return f"{NODE_PREFIX}{node_id}"
