"""What one viewer sees: `domain.tasks.sight` asked about tasks, incidents, alerts, equipment and entries of the ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol, TypeVar

from cloud.application.ports import UnitOfWork
from cloud.application.sought import EVERYTHING as EVERYTHING_SOUGHT
from cloud.application.sought import Sought
from cloud.domain.community.party import WELFARE, Member
from cloud.domain.duties.register import Equipment, Register
from cloud.domain.incidents.alert import Alert
from cloud.domain.records.ledger import Entry
from cloud.domain.records.personal import PersonalClass
from cloud.domain.tasks.sight import EVERYWHERE, Concern, Outlook, concern_at, concerns_equipment, outlook, private
from cloud.domain.tasks.task import Task

T = TypeVar("T")

WITHHELD: Final = "withheld"
"""What stands in an entry that is not shown: its place in the chain is no secret, what it says is."""

_OF_PEOPLE: Final = ("member.", "contact.", "personal.", "roster.", "shift.", "webhook.", "notification.")
"""How kinds of entries begin that are about how one party works, and no matter of the estate's."""


class Viewer(Protocol):
    """Who asks: an `Identity`."""

    @property
    def member(self) -> Member: ...


_EVERYTHING: Final = Outlook((EVERYWHERE,), frozenset(), homes=True)
"""The program's own."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm, as far as it decides who sees it."""

    hazard: str
    place_id: str
    incident_id: str | None


class Sight:
    """Of one viewer in one unit of work; `viewer` None is the program itself."""

    def __init__(self, uow: UnitOfWork, register: Register, viewer: Viewer | None) -> None:
        self._uow, self._register = uow, register
        self.outlook = outlook(register, viewer.member) if viewer else _EVERYTHING
        self._at_work: frozenset[str] | None = None

    @property
    def everything(self) -> bool:
        return self.outlook.everything

    def task(self, task: Task) -> bool:
        return self.matter(task.incident_id)

    def open(self) -> Sequence[Task]:
        return self._uow.tasks.open(self._register.estate.id, self.outlook)

    def closed(
        self, limit: int, before: tuple[datetime, str] | None, sought: Sought = EVERYTHING_SOUGHT
    ) -> Sequence[Task]:
        """Those that are over, last closed first."""
        estate = self._register.estate.id
        return self._uow.tasks.closed(estate, limit=limit, before=before, seen_by=self.outlook, sought=sought)

    def matter(self, incident_id: str) -> bool:
        return incident_id in self.matters((incident_id,))

    def matters(self, incident_ids: Collection[str]) -> Collection[str]:
        """Which of these incidents the viewer sees."""
        if self.everything:
            return incident_ids
        found = self._uow.tasks.concerns(incident_ids)
        return {id_ for id_, concern in found.items() if self.outlook.sees(concern)}

    def alerts(self, alerts: Iterable[Alert]) -> list[Alert]:
        return self.raised(alerts, lambda one: Raised(one.fingerprint.hazard, one.place_id, one.incident_id))

    def raised(self, found: Iterable[T], what: Callable[[T], Raised]) -> list[T]:
        """Those of matters that the viewer sees, and of what was made no matter what their duties would concern."""
        told = [(one, what(one)) for one in found]
        if self.everything:
            return [one for one, _ in told]
        plain = [self.outlook.sees(Concern(about.hazard, about.place_id)) for _, about in told]
        asked = {
            about.incident_id for (_, about), seen in zip(told, plain, strict=True) if about.incident_id and not seen
        }
        matters = self.matters(asked)
        return [
            one
            for (one, about), seen in zip(told, plain, strict=True)
            if seen or (about.incident_id in matters if about.incident_id else self._would_see(about))
        ]

    def _would_see(self, about: Raised) -> bool:
        return self.outlook.sees(concern_at(self._register, about.hazard, about.place_id))

    def equipment(self, item: Equipment) -> bool:
        """Whether the viewer's duties have to do with it, or an open matter at it does that they see."""
        return concerns_equipment(self._register, self.outlook, item) or item.id in self._worked_on()

    def points(self, points: Iterable[str]) -> list[str]:
        """Those of equipment with which the viewer's duties have to do; of what no register knows, for who oversees its place."""
        register, seen, found = self._register, dict[str, bool](), []
        for point in points:
            name = point.rpartition("/")[0]
            if name not in seen:
                item, place = register.equipment.get(name), register.whereabouts(name, None)
                seen[name] = self.equipment(item) if item else self.outlook.oversees(place)
            if seen[name]:
                found.append(point)
        return found

    def shown(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """Without those that are not for the viewer."""
        hidden = self._hidden(entries)
        return [entry for entry in entries if entry.seq not in hidden] if hidden else entries

    def veiled(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """All of them, those that are not for the viewer with nothing but their place in the chain."""
        hidden = self._hidden(entries)
        return [_veil(entry) if entry.seq in hidden else entry for entry in entries]

    def _hidden(self, entries: Sequence[Entry]) -> set[int]:
        if self.everything:
            return set()
        found = concerns_among(self._uow, self._register, entries)
        return {entry.seq for entry in entries if not self.outlook.sees(found.get(entry.seq))}

    def _worked_on(self) -> frozenset[str]:
        if self._at_work is None:
            incidents = self._uow.incidents.among([task.incident_id for task in self.open()])
            self._at_work = frozenset(one.equipment_id for one in incidents.values())
        return self._at_work


def concerns_among(uow: UnitOfWork, register: Register, entries: Sequence[Entry]) -> Mapping[int, Concern]:
    """By sequence, whom entries concern; those that are left out are everybody's who has to do with the estate."""
    matters = uow.tasks.concerns({entry.incident_id for entry in entries if entry.incident_id})
    found = {}
    for entry in entries:
        concern = matters.get(entry.incident_id) if entry.incident_id else _of_no_matter(register, entry)
        if _about_a_home(entry):
            concern = replace(concern or Concern(WELFARE, register.estate.place_id), hazard=WELFARE)
        if concern is not None:
            found[entry.seq] = concern
    return found


def _of_no_matter(register: Register, entry: Entry) -> Concern | None:
    """Whom it concerns although it belongs to no incident: a hazard of which none was made, or a party's own affairs."""
    named, equipment = entry.data.get("hazard"), entry.data.get("equipment")
    if isinstance(named, str) and isinstance(equipment, str):
        return concern_at(register, named, register.whereabouts(equipment, None))
    if entry.kind.startswith(_OF_PEOPLE):
        sort, _, actor = entry.actor.partition(":")
        people = {actor} if sort == "member" else set()
        people |= {one for one in (entry.subject, entry.data.get("member")) if isinstance(one, str)}
        members = (member for one in people if (member := register.members.get(one)) is not None)
        parties = {one.party_id for member in members for one in member.memberships}
        own = entry.data.get("party")
        return Concern("", register.estate.place_id, frozenset(parties | ({own} if isinstance(own, str) else set())))
    return None


def _about_a_home(entry: Entry) -> bool:
    """By its hazard, or because somebody's consent was read or erased: that there was one is nobody's business."""
    sorts = str(entry.data.get("class", "")).split("+")
    return private(str(entry.data.get("hazard", ""))) or PersonalClass.CONSENT in sorts


def _veil(entry: Entry) -> Entry:
    return replace(
        entry, kind=WITHHELD, actor=WITHHELD, incident_id=None, subject=None, causation_id=None, data={}
    )  # fmt: skip
