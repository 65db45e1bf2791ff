"""Joint work: a lead asks others for help, a street or township whistles for them; each answers for its own part."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.domain.community.party import Member, Party
from cloud.domain.duties.availability import at_work, best_first
from cloud.domain.duties.register import Register
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.asking import NewId, call_in, limit
from cloud.domain.tasks.assignment import Assignment, AssignmentRole, AssignmentState
from cloud.domain.tasks.calls import Call, CallKind, Ground, Wish
from cloud.domain.tasks.stepping_aside import Outcome, let_go
from cloud.domain.tasks.task import Task
from cloud.domain.tasks.transitions import arrived, finished, permit
from cloud.errors import Invalid

UPHELD: Final = "objection_upheld"
MOST_AT_ONCE: Final = 20

_MAY_BE_ASKED: Final = frozenset(
    {
        AssignmentState.DECLINED,
        AssignmentState.EXPIRED,
        AssignmentState.RELEASED,
        AssignmentState.TRANSFERRED,
        AssignmentState.DONE,
    }
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A party that is to join in, and for which capability it was found where it was not named."""

    party: Party
    capability: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls and by what right."""

    kind: CallKind
    party_id: str
    member_id: str
    ground: Ground | None = None
    wish_of: str | None = None


def may_help(task: Task, party: Party) -> bool:
    """Bodies without an account are dialled, not asked; and volunteers never enter where it burns (governance.md)."""
    return not party.external and not party.keeps_out(task.hazard)


def helpers(task: Task, register: Register, place_id: str, now: datetime) -> list[Party]:
    """The parties that may be called to join in there: those at work now, the closest first, then those out of their
    hours.
    """
    free = [p for p in register.parties.values() if may_help(task, p) and _free(task, p)]
    return best_first(register, sorted(free, key=lambda p: (-p.closeness(place_id), p.id)), place_id, now)


def _free(task: Task, party: Party) -> bool:
    part = task.part_of(party.id)
    return part is None or (part is not task.lead and (not part.works or part.state in _MAY_BE_ASKED))


def find(
    task: Task, register: Register, place_id: str, now: datetime, *, parties: Iterable[str], capabilities: Iterable[str],
    bound: bool = False,
) -> list[Wanted]:  # fmt: skip
    """The parties meant by name, and for each capability the closest one that has it and is at work now. `bound`: parties
    that take part already may be meant too, to bind them to it. Raises Invalid, which names each that cannot be called.
    """
    names, sought = list(dict.fromkeys(parties)), list(dict.fromkeys(capabilities))
    free = helpers(task, register, place_id, now)
    found, problems = [], []
    for name in names:
        party = register.parties.get(name)
        in_it = party is not None and bound and _supports(task, party)
        if party is not None and (party in free or in_it):
            found.append(Wanted(party))
        else:
            problems.append(f"parties: {name!r} {_why_not(task, party, place_id)}")
    for capability in sought:
        taken = {wanted.party.id for wanted in found}
        able = able_to(register, free, capability, place_id, now)
        party = next((p for p in able if p.id not in taken and not _refused(task, p)), None)
        if party is None:
            problems.append(f"capabilities: nobody who serves the place, is at work now and is free has {capability!r}")
        else:
            found.append(Wanted(party, capability))
    if not 0 < len(names) + len(sought) <= MOST_AT_ONCE:
        problems.append(f"parties: name 1 to {MOST_AT_ONCE} parties or capabilities in all")
    if problems:
        raise Invalid("Nobody was called.", problems)
    return found


def able_to(register: Register, parties: Iterable[Party], capability: str, place_id: str, now: datetime) -> list[Party]:
    """Those of them that have the capability and are at work now, in their order."""
    return [p for p in parties if capability in p.capabilities and at_work(register, p, place_id, now)]


def _supports(task: Task, party: Party) -> bool:
    part = task.part_of(party.id)
    return part is not None and part.role is AssignmentRole.SUPPORT and may_help(task, party)


def _refused(task: Task, party: Party) -> bool:
    part = task.part_of(party.id)
    return part is not None and part.state in (AssignmentState.DECLINED, AssignmentState.EXPIRED)


def _why_not(task: Task, party: Party | None, place_id: str) -> str:
    if party is not None and party.external:
        return "has no account here: phone it, and note what it said"
    if party is None or party.closeness(place_id) < 0:
        return "is no party that serves the place; choose one of the incident's `helpers`"
    if not may_help(task, party):
        return "is never sent in where it burns; ask it for nothing here"
    if _free(task, party):
        return "has nobody here who could answer; choose one of the incident's `helpers`"
    return "takes part already; see its state, or add a note"


def ask_for_help(
    task: Task, member: Member, wanted: Iterable[Wanted], now: datetime, new_id: NewId
) -> list[Assignment]:
    """The lead asks these parties to support; each may accept or decline."""
    permit(Action.HELP, task, member, now)
    task.shows_work(member.party_id, now)
    caller = Caller(CallKind.HELP, member.party_id, member.id)
    return [_call(task, one, caller, now, new_id) for one in wanted]


def ask_for_whistle(
    task: Task, member: Member, ground: Ground, *, parties: Iterable[str], capabilities: Iterable[str], now: datetime
) -> None:
    """The lead asks the street or township to whistle."""
    permit(Action.WISH, task, member, now)
    task.wish = Wish(member.party_id, member.id, now, ground, tuple(parties), tuple(capabilities))
    task.shows_work(member.party_id, now)


def whistle(
    task: Task, member: Member, ground: Ground, wanted: Iterable[Wanted], *, now: datetime, new_id: NewId,
    permitted: bool,
) -> list[Assignment]:  # fmt: skip
    """The street or township calls these parties; they may not simply decline. It answers what the lead asked it for, if
    that did.
    """
    permit(Action.WHISTLE, task, member, now, whistles=permitted)
    call_in(task, member.party_id, now, new_id)
    wish_of, task.wish = (task.wish.party_id if task.wish else None), None
    caller = Caller(CallKind.WHISTLE, member.party_id, member.id, ground, wish_of)
    return [_call(task, one, caller, now, new_id) for one in wanted]


def refuse_whistle(task: Task, member: Member, now: datetime, *, permitted: bool) -> Wish:
    """The street or township does not whistle. What the lead had asked for."""
    permit(Action.NO_WHISTLE, task, member, now, whistles=permitted)
    assert task.wish is not None
    wish, task.wish = task.wish, None
    return wish


def _call(task: Task, wanted: Wanted, by: Caller, now: datetime, new_id: NewId) -> Assignment:
    part = task.part_of(wanted.party.id)
    if part is None:
        part = Assignment(new_id(), wanted.party.id, AssignmentRole.SUPPORT, now)
        task.assignments.append(part)
        limit(part, task.duty, now)
    elif not part.works or part.state in _MAY_BE_ASKED:
        part.role = AssignmentRole.SUPPORT
        part.ask_again(now)
        limit(part, task.duty, now)
    task.calls.append(
        Call(
            new_id(), by.kind, by.party_id, by.member_id, wanted.party.id, now, by.ground, by.wish_of, wanted.capability,
            part.accept_by, part.arrive_by, part.finish_by, part.assumed_at, part.arrived_at,
        )
    )  # fmt: skip
    if by.kind is CallKind.WHISTLE:
        part.bound_by = by.party_id
    return part


def next_able(task: Task, call: Call, register: Register, place_id: str, now: datetime) -> Wanted | None:
    """Who is asked in the place of a party that was found by its capability and does not come."""
    if call.capability is None:
        return None
    able = able_to(register, helpers(task, register, place_id, now), call.capability, place_id, now)
    party = next((p for p in able if not _refused(task, p)), None)
    return Wanted(party, call.capability) if party else None


def ask_instead(task: Task, call: Call, wanted: Wanted, now: datetime, new_id: NewId) -> Assignment:
    """The call goes on to another party with that capability, by the same right and with the same force."""
    caller = Caller(call.kind, call.caller_id, call.member_id, call.ground, call.wish_of)
    return _call(task, wanted, caller, now, new_id)


def arrive(task: Task, member: Member, now: datetime) -> Assignment:
    """A supporting party is on site, whoever leads and whether or not it has answered."""
    permit(Action.ARRIVE, task, member, now)
    part = task.part_of(member.party_id)
    assert part is not None
    arrived(task, part, member, now)
    task.workers |= {member.id}
    task.shows_work(member.party_id, now)
    return part


def finish(task: Task, member: Member, now: datetime) -> Assignment:
    """A supporting party has done its part; whether the matter is resolved is the lead's to say."""
    permit(Action.FINISH, task, member, now)
    part = task.part_of(member.party_id)
    assert part is not None
    finished(task, part, now)
    task.workers |= {member.id}
    task.shows_work(member.party_id, now)
    return part


def judge(task: Task, member: Member, party_id: str, now: datetime, *, consents: bool) -> Outcome:
    """Whoever bound a party judges what it objected: it is let off, or stays bound."""
    permit(Action.JUDGE, task, member, now)
    part = task.part_of(party_id)
    if part is None or part.objected_at is None or part.bound_by != member.party_id:
        raise Invalid(
            "Nothing was judged.", [f"party: {party_id!r} has objected to nothing that your party bound it to"]
        )
    if consents:
        for call in task.open_calls(party_id):
            call.upheld_at = now
        return let_go(task, part, UPHELD, now)
    part.objected_at = None
    for call in task.open_calls(party_id):
        call.insisted += 1
    return Outcome.OBJECTED
