"""How a party steps aside: it puts a task on hold, declines its part, or hands the lead over. None of it resets a clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.community.party import Member, Party, PartyKind
from cloud.domain.duties.register import Register
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.task import Task, TaskState
from cloud.domain.tasks.transitions import NewId, checked, end_hold, enter, hand_on
from cloud.errors import Invalid

LONGEST_HOLD: Final = timedelta(days=90)
CANNOT_COME: Final = "cannot_come"
"""The one tap by which a party declines where life is at stake; everywhere else it cites the duty or rule."""

_NEVER_LEAD: Final = frozenset({PartyKind.EXTERNAL, PartyKind.VOLUNTEER_TEAM, PartyKind.HOUSEHOLD})


def hold(task: Task, member: Member, reason: str, until: datetime, now: datetime) -> None:
    """The lead waits for something that its duty lets it wait for; the clock is paused until then, at the latest."""
    checked(Action.HOLD, task, member, now)
    problems = []
    if reason not in task.duty.pause_reasons:
        problems.append(f"reason: this duty lets one wait for {', '.join(task.duty.pause_reasons)}, not {reason!r}")
    if not now < until <= now + LONGEST_HOLD:
        problems.append(f"until: give a time from now on, at most {LONGEST_HOLD.days} days ahead")
    if problems:
        raise Invalid("The task was not put on hold.", problems)
    enter(task, TaskState.PENDING)
    task.pending_reason, task.deferred_until, task.held_since = reason, until, now
    task.ttr = task.ttr.pause(now)


def decline(task: Task, member: Member, reason: str, now: datetime) -> bool:
    """The member's party gives its part back. Whether another lead is needed now; who was named stays responsible until
    one has accepted.
    """
    part = checked(Action.DECLINE, task, member, now)
    if not reason:
        raise Invalid("The part was not declined.", ["basis: cite the duty or rule by which it is not yours"])
    led = part.joined and part.role is AssignmentRole.LEAD
    for other in task.assignments:
        if other.handing_to == part.party_id:
            other.handing_to = None
            part.role = AssignmentRole.SUPPORT
    part.decline(reason, now)
    if part.role is not AssignmentRole.LEAD or task.lead.joined:
        return False
    if led:
        end_hold(task, now)
        if task.state is not TaskState.NEW:
            enter(task, TaskState.NEW)
        task.active_at = task.reminded_at = None
        task.ladder = task.ladder.resume(task.duty.ladder, now)
    return True


def offer(task: Task, member: Member, party: Party, now: datetime, new_id: NewId) -> Assignment:
    """The lead asks another party to take over, and answers for the task until that one has accepted."""
    part = checked(Action.TRANSFER, task, member, now)
    if party.id == part.party_id:
        raise Invalid("Nothing was handed over.", ["to: name another party than your own"])
    hand_on(task, party.id, now, new_id)
    part.handing_to = party.id
    task.shows_work(now)
    return part


def may_lead(party: Party) -> bool:
    """Bodies without an account cannot answer here, and nobody makes volunteers or a household lead."""
    return party.kind not in _NEVER_LEAD


def eligible(register: Register, place_id: str) -> list[Party]:
    """The parties that may be asked to lead there, the closest first."""
    serving = [p for p in register.parties.values() if may_lead(p) and p.closeness(place_id) >= 0]
    return sorted(serving, key=lambda p: (-p.closeness(place_id), p.id))


def next_in_line(task: Task, register: Register, place_id: str) -> Party | None:
    """Whom the duty names after those who declined: its leads in their order, whoever supports, the fallback party."""
    return next((party for party in _line(task, register, place_id) if _to_ask(task, party)), None)


def _line(task: Task, register: Register, place_id: str) -> Iterator[Party]:
    for ref in (*task.duty.leads, *task.duty.supports):
        yield from register.meant(ref, place_id)
    yield register.fallback


def _to_ask(task: Task, party: Party) -> bool:
    part = task.part_of(party.id)
    return may_lead(party) and (part is None or part.state is not AssignmentState.DECLINED)
