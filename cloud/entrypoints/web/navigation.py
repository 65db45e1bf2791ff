"""Where one can go from every page: the five places a role needs most in a row, everything else behind one word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cloud.domain.accounts.invitation import INVITES
from cloud.domain.community.party import Role
from cloud.entrypoints.api.access import INSPECTS, MAY, OPERATES, SETS_UP, Area
from cloud.entrypoints.web.language import N_

_EVERYBODY: Final = frozenset(Role)
_RESIDENTS: Final = frozenset({Role.RESIDENT})
_WORKS: Final = _EVERYBODY - _RESIDENTS


@dataclass(frozen=True, slots=True)
class Place:
    """A page that the navigation leads to: its section, its address, its name as the catalogue knows it."""

    section: str
    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Menu:
    """`first` stands in a row on every screen; `more` is unfolded."""

    first: tuple[Place, ...]
    more: tuple[Place, ...]

    def hides(self, section: str) -> bool:
        """Whether the page one is at stands behind the word and not in the row."""
        return any(place.section == section for place in self.more)


_PLACES: Final[tuple[tuple[Place, frozenset[Role]], ...]] = (
    (Place("board", "/", N_("Board")), _WORKS),
    (Place("home", "/", N_("Home")), _RESIDENTS),
    (Place("duty-room", "/duty-room", N_("Duty room")), _WORKS),
    (Place("closed", "/closed", N_("Closed matters")), _WORKS),
    (Place("desk", "/desk", N_("Report for a caller")), _WORKS),
    (Place("buildings", "/buildings", N_("Buildings")), _EVERYBODY),
    (Place("duties", "/duties", N_("Duties")), _WORKS),
    (Place("planned", "/planned", N_("Planned")), _WORKS),
    (Place("patrols", "/patrols", N_("Patrols")), _WORKS),
    (Place("fleet", "/fleet", N_("Fleet")), _WORKS),
    (Place("rules", "/rules", N_("Rules")), OPERATES),
    (Place("topics", "/topics", N_("Consultation")), _EVERYBODY),
    (Place("neighbours", "/neighbours", N_("Neighbours")), _EVERYBODY),
    (Place("credit", "/credit", N_("Credit")), _RESIDENTS),
    (Place("registers", "/registers", N_("Registers")), INSPECTS),
    (Place("members", "/members", N_("Members")), INVITES),
    (Place("dead-letters", "/dead-letters", N_("Undelivered")), OPERATES),
    (Place("personal", "/personal", N_("Personal data")), MAY[Area.PERSONAL][0]),
    (Place("webhooks", "/webhooks", N_("Webhooks")), OPERATES),
    (Place("channels", "/channels", N_("How messages go out")), SETS_UP),
    (Place("guide", "/guide", N_("Set-up")), SETS_UP),
    (Place("reached", "/account/reached", N_("How I am reached")), _EVERYBODY),
)
FIRST: Final[Mapping[Role, tuple[str, ...]]] = {
    Role.RESIDENT: ("home", "buildings", "topics", "neighbours"),
    Role.RESPONDER: ("board", "duty-room", "buildings", "duties", "patrols"),
    Role.MANAGER: ("board", "duty-room", "buildings", "duties", "planned"),
    Role.OVERSEER: ("board", "buildings", "duties", "topics", "registers"),
    Role.OPERATOR: ("board", "buildings", "fleet", "rules", "dead-letters"),
    Role.ADMINISTRATOR: ("board", "buildings", "fleet", "duties", "members"),
}
"""At most five: what fits on a phone in one row, in the order of a day's work."""


def menu(role: Role) -> Menu:
    open_to_it = {place.section: place for place, roles in _PLACES if role in roles}
    first = tuple(open_to_it[section] for section in FIRST[role])
    return Menu(first, tuple(place for place in open_to_it.values() if place not in first))
