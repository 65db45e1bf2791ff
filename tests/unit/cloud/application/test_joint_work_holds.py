"""Whatever people do to each other's tasks, in whatever order: what must always hold (governance.md, Who is responsible)."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.domain.community.party import PartyKind
from cloud.domain.tasks.actions import Action, allowed_actions
from cloud.domain.tasks.assignment import AssignmentRole, AssignmentState
from cloud.domain.tasks.calls import Ground
from cloud.domain.tasks.due import next_due
from cloud.domain.tasks.joint_refusals import may_whistle
from cloud.domain.tasks.joint_work import helpers
from cloud.domain.tasks.stand_down_refusals import may_cancel, releasable
from cloud.domain.tasks.succession import eligible
from cloud.domain.tasks.task import ResolutionReason, Task, TaskState
from cloud.errors import Conflict, Invalid, NotAllowed
from tests.fakes.estate import ESTATE, HOME
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene

EXAMPLES = int(os.environ.get("TOCSIN_EXAMPLES", "25"))
REGISTER = neighbourhood("committee").register(1)
NEVER = {PartyKind.VOLUNTEER_TEAM, PartyKind.EXTERNAL, PartyKind.HOUSEHOLD}
MEMBERS = ("technician", "guard", "engineer", "officer", "clerk", "volunteer", "smith", "daughter", "constable")
PARTIES = (
    "lift-firm",
    "property",
    "operator",
    "street",
    "committee",
    "volunteers",
    "locksmith",
    "family",
    "police",
    "fire-119",
)

LEFT_OUT = {
    Action.NOTE, Action.CLOSE, Action.REOPEN, Action.HOLD, Action.CONFIRM, Action.TURN_REAL, Action.LOOK, Action.CANNOT_LOOK,
    Action.REFUSED,
}  # fmt: skip
"""What rightly stops or restarts clocks, or changes nothing."""

steps = st.tuples(st.integers(0, 1), st.sampled_from(MEMBERS), st.integers(0, 99), st.integers(0, 99))


def do(scene: Scene, task: Task, other: Task, step: tuple[int, str, int, int]) -> str:
    """One of the things that this member may do now, mostly with a party that fits; or time passes. What was done."""
    _, first, choice, n = step
    if choice % 6 == 0:
        scene.passes(minutes=1 + n % 40)
        return "passes"
    at, now, place = MEMBERS.index(first), scene.clock.now(), f"{HOME}/b1"
    for who in (*MEMBERS[at:], *MEMBERS[:at]):
        member = REGISTER.members[who]
        standing = {
            "whistles": may_whistle(REGISTER, member, place),
            "cancels": n % 8 == 0 and may_cancel(REGISTER, member, place),
        }
        may = allowed_actions(task, member, now, **standing)
        able = [action for action in may if action not in LEFT_OUT]
        if able:
            break
    else:
        return "nothing"
    about = (task, REGISTER, place, now) if n % 2 else (REGISTER, place, now)
    fitting = [party.id for party in (helpers if n % 2 else eligible)(*about)]
    to = PARTIES[n % len(PARTIES)] if n % 5 == 0 else fitting[n % len(fitting)]
    objecting = [part.party_id for part in task.assignments if part.objected_at] or [to]
    on, ground, why = (task.id, who), Ground.EMERGENCY, "so be it"
    deeds = {
        Action.ACKNOWLEDGE: lambda: scene.act.acknowledge(*on),
        Action.START: lambda: scene.act.start(*on),
        Action.CHECK: lambda: scene.verify.check(*on),
        Action.MUTE: lambda: scene.verify.mute(*on),
        Action.RESOLVE: lambda: scene.act.resolve(*on, ResolutionReason.MITIGATED) if n % 4 == 0 else None,
        Action.DECLINE: lambda: scene.aside.decline(*on, why, to if n % 3 == 0 else None),
        Action.TRANSFER: lambda: scene.aside.transfer(*on, to),
        Action.ARRIVE: lambda: scene.joint.arrive(*on),
        Action.FINISH: lambda: scene.joint.finish(*on),
        Action.HELP: lambda: scene.joint.ask_for_help(*on, [to]),
        Action.WISH: lambda: scene.joint.ask_for_whistle(*on, ground, [to]),
        Action.WHISTLE: lambda: scene.joint.whistle(*on, ground, [to]),
        Action.NO_WHISTLE: lambda: scene.joint.refuse_whistle(*on, why),
        Action.JUDGE: lambda: scene.joint.judge(*on, objecting[0], why, consents=n % 2 == 0),
        Action.ARBITRATE: lambda: scene.joint.arbitrate(*on, to, why),
        Action.RELEASE: lambda: scene.stand_down.release(*on, releasable(task)[0], why),
        Action.CANCEL: lambda: scene.stand_down.cancel(*on, why),
        Action.MERGE: lambda: scene.merge(*on, other.id) if n % 8 == 0 else None,
        Action.UNMERGE: lambda: scene.merge.undo(*on),
    }
    action = able[choice % len(able)]
    try:
        deeds[action]()
    except (Conflict, Invalid, NotAllowed):
        return f"{action} refused"
    return str(action)


def tasks(scene: Scene) -> dict[str, Task]:
    with scene.units.reading() as uow:
        every = [*uow.tasks.open(ESTATE), *uow.tasks.closed(ESTATE)]
        return {task.id: task for task in every}


def check_responsibility(task: Task) -> None:
    leads = [a for a in task.assignments if a.role is AssignmentRole.LEAD and a.joined]
    assert len(leads) <= 1, "one party leads"
    done = [a for a in task.assignments if a.role is AssignmentRole.LEAD and a.state is AssignmentState.DONE]
    assert task.responsible_id == (leads or done)[0].party_id if leads or done else task.named_lead_id
    assert REGISTER.party(task.responsible_id).kind not in NEVER
    assert all(REGISTER.party(a.party_id).kind not in NEVER for a in task.assignments if a.role is AssignmentRole.LEAD)
    assert max(Counter(a.party_id for a in task.assignments).values()) == 1, "a party has one part"
    if task.undone:
        assert bool(leads) is (task.state is not TaskState.NEW), f"{task.state} with {len(leads)} leads"
    if task.life_safety and task.state is TaskState.NEW:
        assert task.ladder.due_at is not None, "where life is at stake somebody is always about to be called"
    if task.state is TaskState.RESOLVED:
        assert next_due(task) is not None, "a claim silences nothing"


def check_custody(task: Task, scene: Scene, away: timedelta) -> None:
    """`away`: how long it was merged before it came back."""
    now = scene.clock.now()
    held = sum(((one.until or now) - one.since for one in task.custody), timedelta())
    assert held == (task.closed_at or now) - task.opened_at - away
    current = [one.party_id for one in task.custody if one.until is None]
    assert current == ([task.responsible_id] if task.open else [])
    gaps = [b.since - a.until for a, b in zip(task.custody, task.custody[1:], strict=False) if a.until]
    assert sum(gaps, timedelta()) <= away, "no other gap"


def check_clocks(before: Task, after: Task) -> None:
    if after.reopened_count > before.reopened_count:
        return  # its sensor has contradicted what was claimed: it begins again
    assert after.tto.due_at <= before.tto.due_at, "no limit starts anew"
    assert after.ttr.due_at <= before.ttr.due_at
    assert before.tto.met_at in (None, after.tto.met_at), "what was met was met"


PAIRS = (
    ("lift.door-fault", "lift.door-fault"),
    ("lift.entrapment", "lift.entrapment"),
    ("lift.door-fault", "lift.entrapment"),
)


def play(hazards: tuple[str, str], course: list[tuple[int, str, int, int]]) -> list[str]:
    scene, done = Scene(estate=neighbourhood("committee")), []
    for hazard, lift in zip(hazards, ("b1/lift-1", "b1/lift-2"), strict=True):
        scene.rings(hazard, lift)
    before = tasks(scene)
    ids, away = sorted(before), dict.fromkeys(before, timedelta())
    for step in course:
        done.append(do(scene, before[ids[step[0]]], before[ids[1 - step[0]]], step))
        after = tasks(scene)
        for id_, task in after.items():
            if before[id_].state is TaskState.MERGED is not task.state:
                away[id_] += scene.clock.now() - (before[id_].closed_at or scene.clock.now())
            check_responsibility(task)
            check_custody(task, scene, away[id_])
            check_clocks(before[id_], task)
        before = after
    return done


@given(st.sampled_from(PAIRS), st.lists(steps, min_size=8, max_size=20))
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_there_is_always_one_who_answers_no_volunteer_leads_no_clock_starts_anew_and_custody_adds_up(hazards, course):
    play(hazards, course)


def test_the_courses_that_are_tried_come_to_everything_that_people_do():
    chance = Random(18)
    courses = [
        [
            (chance.randint(0, 1), chance.choice(MEMBERS), chance.randint(0, 99), chance.randint(0, 99))
            for _ in range(30)
        ]
        for _ in range(12)
    ]
    done = {deed for number, course in enumerate(courses) for deed in play(PAIRS[number % 3], course)}
    rare = {"refuse-whistle"}
    assert {str(action) for action in Action if action not in LEFT_OUT} - rare <= done
