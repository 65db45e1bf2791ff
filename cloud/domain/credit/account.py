"""Accounts of points: entries that are only ever added, and what a day still leaves room for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from cloud.domain.community.neighbour import is_neighbour
from cloud.domain.credit.act import Act
from cloud.domain.credit.shapley import shares_of, whole_points
from cloud.domain.credit.table import ActKind, CreditTable
from cloud.domain.duties.register import Register
from cloud.errors import Conflict

NewId = Callable[[], str]


class EntryKind(StrEnum):
    GRANTED = "granted"
    REVERSED = "reversed"


class Withheld(StrEnum):
    """Why less was paid than the division gave."""

    CONFIRMED_IT = "confirmed_it"
    ORGANISATION = "organisation"
    DAILY_CAP = "daily_cap"


class ReversalReason(StrEnum):
    REOPENED = "reopened"
    NOT_DONE = "not_done"
    MISTAKEN = "mistaken"
    MISUSED = "misused"


@dataclass(frozen=True, slots=True)
class CreditEntry:
    """One line of a member's account; never changed. `points` are what it adds to the balance: negative for a reversal.

    `earned`: the member's part by the division, before anything was withheld. `day`: the estate's day of the act, whose
    cap it counts under; a reversal has the day of what it reverses.
    """

    id: str
    estate: str
    member_id: str
    kind: EntryKind
    act: ActKind
    act_id: str
    points: int
    earned: int
    day: date
    at: datetime
    table_version: int
    confirmed_by: tuple[str, ...]
    withheld: Withheld | None = None
    incident_id: str | None = None
    reverses: str | None = None
    reason: ReversalReason | None = None


def balance(entries: Iterable[CreditEntry]) -> int:
    """A balance is the sum of its entries, and nothing else."""
    return sum(entry.points for entry in entries)


@dataclass
class DayUsed:
    """What members have been paid for one day, net of reversals: what was taken back makes room again."""

    by_act: dict[tuple[str, ActKind], int]

    @classmethod
    def of(cls, entries: Iterable[CreditEntry]) -> DayUsed:
        used = cls({})
        for entry in entries:
            used.count(entry.member_id, entry.act, entry.points)
        return used

    def count(self, member_id: str, act: ActKind, points: int) -> None:
        self.by_act[member_id, act] = self.by_act.get((member_id, act), 0) + points

    def room(self, member_id: str, act: ActKind, table: CreditTable) -> int:
        """The points that this day still allows that member for an act of that kind."""
        row = table.row(act)
        if row is None:
            return 0
        together = sum(points for (id_, _), points in self.by_act.items() if id_ == member_id)
        return max(0, min(row.daily_cap - self.by_act.get((member_id, act), 0), table.daily_cap - together))


def grant(
    act: Act, table: CreditTable, register: Register, used: DayUsed, *, now: datetime, new_id: NewId
) -> list[CreditEntry]:
    """What everybody gets for an act: an entry for each who had a part, also where nothing is paid, with the reason.

    What one may not be paid is paid to nobody: to divide it among the others would reward them for whom it was withheld.
    """
    row = table.row(act.kind)
    if row is None or act.mode != "real":
        return []
    parts: Mapping[str, int] = whole_points(shares_of(act.games(row), *act.synergies(table)), act.id)
    day = register.estate.local(act.at).date()
    entries = []
    for member_id in sorted(parts):
        earned = parts[member_id]
        withheld, paid = _unpayable(act, member_id, register), earned
        if withheld is not None:
            paid = 0
        elif (room := used.room(member_id, act.kind, table)) < earned:
            withheld, paid = Withheld.DAILY_CAP, room
        used.count(member_id, act.kind, paid)
        entries.append(
            CreditEntry(
                id=new_id(),
                estate=register.estate.id,
                member_id=member_id,
                kind=EntryKind.GRANTED,
                act=act.kind,
                act_id=act.id,
                points=paid,
                earned=earned,
                day=day,
                at=now,
                table_version=table.version,
                confirmed_by=tuple(sorted(act.confirmed_by)),
                withheld=withheld,
                incident_id=act.incident_id,
            )
        )
    return entries


def _unpayable(act: Act, member_id: str, register: Register) -> Withheld | None:
    if member_id in act.confirmed_by:
        return Withheld.CONFIRMED_IT
    member = register.members.get(member_id)
    if member is None or not is_neighbour(member, register.party(member.party_id)):
        return Withheld.ORGANISATION
    return None


def reverse(entry: CreditEntry, reason: ReversalReason, by: str, *, now: datetime, new_id: NewId) -> CreditEntry:
    """Takes back exactly what an entry paid, as a new entry. Raises Conflict for what is no grant.

    No cap stops it, since nothing is earned by it; and it never takes more than was paid, so no account falls below zero.
    """
    if entry.kind is not EntryKind.GRANTED:
        raise Conflict(f"Entry {entry.id} is a reversal itself: grant the act anew instead.", "冲正记录不能再次冲正")
    return CreditEntry(
        id=new_id(),
        estate=entry.estate,
        member_id=entry.member_id,
        kind=EntryKind.REVERSED,
        act=entry.act,
        act_id=entry.act_id,
        points=-entry.points,
        earned=-entry.earned,
        day=entry.day,
        at=now,
        table_version=entry.table_version,
        confirmed_by=(by,),
        incident_id=entry.incident_id,
        reverses=entry.id,
        reason=reason,
    )
