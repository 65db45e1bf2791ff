"""A person's own consent that somebody looks after them when nothing stirs in their home: theirs to give, change and take
back, and nobody else's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

from cloud.domain.community.contacts import checked_address
from cloud.domain.community.party import Member, Party, PartyKind
from cloud.domain.community.place import PlaceKind, is_within
from cloud.domain.duties.register import Equipment, EquipmentKind, Register
from cloud.errors import CloudError, Invalid

NO_ACTIVITY: Final = "welfare.no-activity"
UNWATCHED: Final = "welfare.unwatched"
"""Nothing is heard of the home's own sensors, so that nobody would notice: its family is told, and no visit is asked for."""

DEFAULT_HOURS: Final = 24
"""A door that was not opened for so long: what Shanghai's scheme for elderly people who live alone goes by (equipment.md)."""
LEAST_HOURS: Final = 4
MOST_HOURS: Final = 72
SHORTEST_DAY: Final = timedelta(hours=6)
"""Of a shorter day a silence would take weeks to fill its hours."""
MOST_AWAY: Final = timedelta(days=366)
MOST_POINTS: Final = 8
MOST_CONTACTS: Final = 5
MOST_FAMILY: Final = 8
MAX_NAME: Final = 60

_HOMELY: Final = frozenset({EquipmentKind.ACCESS_GATE, EquipmentKind.OTHER})
"""A door or a sensor. A smoke detector tells nothing of who is at home, and a lift is nobody's own."""
_DAY: Final = timedelta(days=1)
_ALL_DAY: Final = time(0)


@dataclass(frozen=True, slots=True)
class Called:
    """Whom the person wants to be phoned, in their own words."""

    name: str
    phone: str


@dataclass(frozen=True, slots=True)
class Consent:
    """`key` names it in the ledger and says nothing of whose it is. `points` (`b1/flat-702/contact`) are truth values of which any
    change is activity; `hours` of silence count between `day_from` and `day_until` in the estate's time, equal ones: round
    the clock. `seen_at`: when the person last gave word themself, which is activity too. `family`: who of their household may see
    and answer what is raised, although they are no responders.
    """

    key: str
    estate: str
    member_id: str
    party_id: str
    points: tuple[str, ...]
    given_at: datetime
    seen_at: datetime
    hours: int = DEFAULT_HOURS
    day_from: time = _ALL_DAY
    day_until: time = _ALL_DAY
    away_until: datetime | None = None
    contacts: tuple[Called, ...] = ()
    family: tuple[str, ...] = ()

    @property
    def doors(self) -> frozenset[str]:
        """The equipment of the home that it speaks of."""
        return frozenset(point.rpartition("/")[0] for point in self.points)

    @property
    def equipment(self) -> str:
        """What an alert of it stands at: where its first point is."""
        return self.points[0].rpartition("/")[0]

    @property
    def needed(self) -> timedelta:
        return timedelta(hours=self.hours)

    @property
    def unheard_after(self) -> timedelta:
        """How long nothing may be heard of a point before nobody can be said to watch: a quarter of the silence."""
        return self.needed / 4

    @property
    def horizon(self) -> timedelta:
        """The longest that so many hours of its day can take."""
        days = -(-self.needed // self.day_length)
        return days * _DAY + _DAY

    @property
    def day_length(self) -> timedelta:
        return _length(self.day_from, self.day_until)

    def away(self, now: datetime) -> bool:
        return self.away_until is not None and now < self.away_until

    def begins(self, now: datetime) -> datetime:
        """Before this no silence counts: the person has given word, or has come back."""
        back = [self.away_until] if self.away_until is not None and self.away_until <= now else []
        return max(self.seen_at, *back) if back else self.seen_at

    def seen(self, now: datetime) -> Consent:
        return replace(self, seen_at=now)


def _length(start: time, end: time) -> timedelta:
    minutes = (end.hour * 60 + end.minute) - (start.hour * 60 + start.minute)
    return timedelta(minutes=minutes % (24 * 60)) or _DAY


def counted(consent: Consent, register: Register, start: datetime, end: datetime) -> timedelta:
    """How much of the time between two moments lies in the hours that count."""
    if end <= start or consent.day_length == _DAY:
        return max(end - start, timedelta())
    zone = register.estate.local(start).tzinfo
    day, total = register.estate.local(start).date() - _DAY, timedelta()
    last = register.estate.local(end).date()
    over_night = _DAY if consent.day_until <= consent.day_from else timedelta()
    while day <= last:
        # By instants: the night in which clocks are moved has hours of its own.
        opens = datetime.combine(day, consent.day_from, zone).astimezone(UTC)
        shuts = datetime.combine(day + over_night, consent.day_until, zone).astimezone(UTC)
        total += max(min(end, shuts) - max(start, opens), timedelta())
        day += _DAY
    return total


def homes(register: Register, member: Member) -> list[Party]:
    """The households that a member belongs to and that are drawn inside the estate: nobody's home is the whole of it, nor a whole
    building of several floors.
    """
    found = [register.party(one.party_id) for one in member.memberships]
    outer, shared_by_all = register.estate.place_id, _too_wide(register)
    inside = [one for one in found if one.kind is PartyKind.HOUSEHOLD]
    return [one for one in inside if any(a not in shared_by_all and is_within(a, outer) for a in one.serves)]


def _too_wide(register: Register) -> frozenset[str]:
    """Places that are nobody's home: the estate, and buildings that have units or floors."""
    parts = (one for one in register.places if one.kind in (PlaceKind.UNIT, PlaceKind.FLOOR))
    found = (register.places.nearest(one.id, PlaceKind.BUILDING) for one in parts)
    return frozenset({register.estate.place_id, *(one.id for one in found if one is not None)})


def own_home(register: Register, member: Member) -> dict[str, str]:
    """By equipment, the member's household whose home it is in: a door or sensor with a node that says when it is unheard.

    Where several households share a place nobody can tell whose it is, and it is nobody's: the wrong family would be told.
    """
    mine = {one.id: one for one in homes(register, member)}
    found, wide = {}, _too_wide(register)
    for item in register.equipment.values():
        owner = _owner(register, item, wide) if item.kind in _HOMELY and item.node_id else None
        if owner in mine:
            found[item.id] = str(owner)
    return found


def watched_homes(register: Register, place_id: str) -> bool:
    """Whether anything there could ever tell of a household's welfare: a door or sensor of its own that is watched."""
    wide = _too_wide(register)
    there = (item for item in register.equipment.values() if is_within(item.place_id, place_id))
    return any(_owner(register, item, wide) for item in there if item.kind in _HOMELY and item.node_id)


def shared(register: Register, member: Member) -> bool:
    """Whether the member's home is drawn so that other households lie in the same place."""
    areas = {area for one in homes(register, member) for area in one.serves}
    mine = {one.id for one in homes(register, member)}
    others = [p for p in register.parties.values() if p.kind is PartyKind.HOUSEHOLD and p.id not in mine]
    return any(area in one.serves for one in others for area in areas)


def _owner(register: Register, item: Equipment, wide: frozenset[str]) -> str | None:
    near = {
        one.id: one.closeness(item.place_id)
        for one in register.parties.values()
        if one.kind is PartyKind.HOUSEHOLD and one.closeness(item.place_id) >= 0 and wide.isdisjoint(one.serves)
    }
    closest = [id_ for id_, depth in near.items() if depth == max(near.values())]
    return closest[0] if len(closest) == 1 else None


def holds(consent: Consent, register: Register) -> bool:
    """Whether it can be gone by: its person is still of that household, and its points are still of their home."""
    member = register.members.get(consent.member_id)
    home = own_home(register, member) if member is not None else {}
    return all(home.get(point.rpartition("/")[0]) == consent.party_id for point in consent.points)


def housemates(register: Register, member: Member) -> list[Member]:
    """The others of the member's households, whom their consent may name."""
    found = (one for home in homes(register, member) for one in register.members_of(home.id))
    return list({one.id: one for one in found if one.id != member.id}.values())


def named_by(consent: Consent, register: Register, member: Member) -> bool:
    """Whether it can be gone by, and lets that member see and answer what it raises. Who has left the household is let no more."""
    named = member.id in consent.family and member.role_in(consent.party_id) is not None
    return named and holds(consent, register)


def faults(consent: Consent, now: datetime, known: Iterable[str], family: Iterable[str]) -> list[str]:
    """What is wrong with what was given; `known`: the points it may name, `family`: the members."""
    allowed, found = set(known), []
    strangers = sorted(set(consent.family) - set(family))
    unknown = [point for point in consent.points if point not in allowed]
    if not 0 < len(consent.points) <= MOST_POINTS:
        found.append(f"points: choose 1 to {MOST_POINTS} doors or sensors of your own home")
    if unknown:
        found.append(f"points: {unknown[0]!r} is no door or sensor of your own home that tells yes or no")
    if strangers or len(consent.family) > MOST_FAMILY:
        found.append(
            f"family: at most {MOST_FAMILY} others of your own household"
            + ("" if not strangers else f", not {strangers[0]!r}")
        )
    if not LEAST_HOURS <= consent.hours <= MOST_HOURS:
        found.append(f"hours: {LEAST_HOURS} to {MOST_HOURS}")
    if consent.day_length < SHORTEST_DAY:
        found.append("day_from, day_until: a day of 6 hours at least, or the same time twice for round the clock")
    if consent.away_until is not None and not now < consent.away_until <= now + MOST_AWAY:
        found.append("away_until: a moment within the next year")
    return found


def checked_contacts(given: Sequence[tuple[str, str]]) -> tuple[Called, ...]:
    """In the order given, empty lines left out. Raises Invalid."""
    kept, wrong = [], []
    for number, (name, phone) in enumerate(((n.strip(), p.strip()) for n, p in given), 1):
        if not name and not phone:
            continue
        if not name or len(name) > MAX_NAME or not name.isprintable():
            wrong.append(f"contacts: name no. {number}: write 1 to {MAX_NAME} printable characters")
        try:
            kept.append(Called(name, checked_address("voice", phone)))
        except CloudError:
            wrong.append(f"contacts: telephone no. {number}: write 5 to 21 digits")
    if len(kept) > MOST_CONTACTS:
        wrong.append(f"contacts: at most {MOST_CONTACTS}")
    if wrong:
        raise Invalid("The consent was not taken.", wrong)
    return tuple(kept)
