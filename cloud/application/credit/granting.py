"""Points granted and taken back within the unit of work of what brought it about, so that a crash neither loses nor doubles one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from cloud.application.ports import Ids, UnitOfWork
from cloud.domain.credit.account import CreditEntry, DayUsed, EntryKind, ReversalReason, grant, reverse
from cloud.domain.credit.act import Act
from cloud.domain.credit.shapley import MAX_PLAYERS
from cloud.domain.credit.table import CreditTable
from cloud.domain.credit.together import JointWorth
from cloud.domain.duties.register import Register
from cloud.domain.records.ledger import Draft, Kind


class Granting:
    """What it returns is to be appended to the ledger by whoever asked. `default`: gives the table of an estate that has
    published none of its own.
    """

    def __init__(self, ids: Ids, default: Callable[[], CreditTable]) -> None:
        self._ids, self._default = ids, default

    def table(self, uow: UnitOfWork, estate: str) -> CreditTable:
        """The table in force, published already or not."""
        return uow.credit_tables.latest(estate) or self._default()

    def publish(
        self, uow: UnitOfWork, estate: str, table: CreditTable | None, now: datetime, *, actor: str = "system"
    ) -> list[Draft]:
        """Puts a table (None: the default one) in force as the next version. Nothing, when it says so already."""
        known, wanted = uow.credit_tables.latest(estate), table or self._default()
        version = known.version if known is not None else 0
        if known is not None and replace(wanted, version=version) == known:
            return []
        published = replace(wanted, version=version + 1)
        uow.credit_tables.publish(estate, published, now)
        facts: dict[str, Any] = {
            "version": published.version,
            "daily_cap": published.daily_cap,
            "points": {row.act.value: row.points for row in published.rows},
            "together": {"+".join(rule.capabilities): rule.points for rule in published.together},
        }
        return [Draft(Kind.CREDIT_TABLE_PUBLISHED, now, actor, None, estate, None, facts)]

    def grant(self, uow: UnitOfWork, act: Act, register: Register, now: datetime) -> list[Draft]:
        """Credits an act. The same act again changes nothing."""
        estate = register.estate.id
        uow.credit.lock(estate)
        if act.mode != "real" or any(known.act_id == act.id for known in uow.credit.of_acts(estate, act.id)):
            return []
        drafts = [] if uow.credit_tables.latest(estate) else self.publish(uow, estate, None, now)
        table = self.table(uow, estate)
        doers = frozenset().union(*(step.needed for step in act.steps), act.synergy.players if act.synergy else ())
        used = DayUsed.of(uow.credit.of_day(estate, doers, register.estate.local(act.at).date()))
        entries = grant(act, table, register, used, now=now, new_id=lambda: self._ids.new(now))
        uow.credit.add(entries)
        joint = [_joint(act, one, table, now) for one in act.joint_worths(table)]
        return drafts + joint + [_granted(entry) for entry in entries]

    def take_back(
        self, uow: UnitOfWork, estate: str, acts: str, *, reason: ReversalReason, by: str, now: datetime
    ) -> list[Draft]:
        """Reverses what the acts whose id begins so were granted and that stands still. `by`: `member:<id>` or `system`."""
        uow.credit.lock(estate)
        return self.reverse(uow, uow.credit.of_acts(estate, acts), reason, by, now)

    def reverse(
        self, uow: UnitOfWork, entries: Sequence[CreditEntry], reason: ReversalReason, by: str, now: datetime
    ) -> list[Draft]:
        """Reverses each of these grants that is not reversed yet."""
        gone = {entry.reverses for entry in entries}
        standing = [entry for entry in entries if entry.kind is EntryKind.GRANTED and entry.id not in gone]
        made = [reverse(entry, reason, by, now=now, new_id=lambda: self._ids.new(now)) for entry in standing]
        uow.credit.add(made)
        return [_reversed(entry, by) for entry in made]


def _joint(act: Act, found: JointWorth, table: CreditTable, now: datetime) -> Draft:
    """Anybody can repeat the division by it: who brought what, and what the table says that it is worth."""
    refused = found.synergy is None
    facts: dict[str, Any] = {
        "act_id": act.id,
        "capabilities": " + ".join(found.rule.capabilities),
        "points": 0 if refused else found.rule.points,
        "brought": {one: sorted(act.skills[one]) for one in found.rule.capabilities},
        "people": len(found.people),
        "most": MAX_PLAYERS,
        "table_version": table.version,
    }
    kind = Kind.CREDIT_TOGETHER_REFUSED if refused else Kind.CREDIT_TOGETHER
    return Draft(kind, now, "system", act.incident_id, act.id, act.id, facts)


def _granted(entry: CreditEntry) -> Draft:
    facts: dict[str, Any] = {
        "member": entry.member_id,
        "act": entry.act.value,
        "act_id": entry.act_id,
        "points": entry.points,
        "earned": entry.earned,
        "day": entry.day.isoformat(),
        "table_version": entry.table_version,
        "confirmed_by": list(entry.confirmed_by),
        **({"withheld": entry.withheld.value} if entry.withheld else {}),
    }
    return Draft(Kind.CREDIT_GRANTED, entry.at, "system", entry.incident_id, entry.id, entry.act_id, facts)


def _reversed(entry: CreditEntry, by: str) -> Draft:
    facts: dict[str, Any] = {
        "member": entry.member_id,
        "act": entry.act.value,
        "act_id": entry.act_id,
        "points": entry.points,
        "day": entry.day.isoformat(),
        "reverses": entry.reverses,
        "reason": entry.reason.value if entry.reason else None,
    }
    return Draft(Kind.CREDIT_REVERSED, entry.at, by, entry.incident_id, entry.id, entry.reverses, facts)
