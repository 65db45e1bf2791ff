"""The safety floor and what else must always hold, each pressed where it would give way: by one person who wants to be done, by
nobody who comes, by a file that leaves somebody out (governance.md, The safety floor; Who is responsible; Escalation).
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cloud.application.estates.load_estate import LoadEstate
from cloud.application.tasks.keep_windows import Asked, KeepWindows
from cloud.application.tasks.plan_exercises import PlanExercises
from cloud.domain.community.party import PartyRef
from cloud.domain.duties.duty import Duty, Need
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Repeat, Step
from cloud.domain.incidents.report import Concern
from cloud.domain.tasks.due import next_due
from cloud.domain.tasks.task import OPEN, ResolutionReason, Task, TaskState
from cloud.domain.tasks.witness import Verdict
from cloud.errors import CloudError
from schemas.hazards import hazard
from tests.fakes.estate import ESTATE, HOME
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene

EXAMPLES = int(os.environ.get("TOCSIN_EXAMPLES", "20"))
SOON = timedelta(minutes=10)
SMOKE, TRAPPED, GAS = ("fire.smoke", "b1/smoke-1"), ("lift.entrapment", "b1/lift-1"), ("fire.co", "b1/co-1")
RELEASE = ("access.release-failed", "b1/door")
DANGERS = (SMOKE, TRAPPED, GAS, RELEASE)
REASONS = [one for one in ResolutionReason if one is not ResolutionReason.SELF_CLEARED]


class Alone:
    """One person who tries everything, and nobody else."""

    def __init__(self, scene: Scene, member: str, task: str, other: str, token: str | None) -> None:
        self.scene, self.member, self.id, self.other, self.token = scene, member, task, other, token

    def does(self, what: str, reason: ResolutionReason = ResolutionReason.FALSE_ALARM) -> None:
        s, who = self.scene, (self.id, self.member)
        until = s.clock.now() + timedelta(days=1)
        deeds = {
            "accept": lambda: s.act.acknowledge(*who),
            "start": lambda: s.act.start(*who),
            "arrive": lambda: s.joint.arrive(*who),
            "photo": lambda: s.photographs(*who),
            "claim": lambda: s.act.resolve(*who, reason),
            "check": lambda: s.verify.check(*who),
            "close": lambda: s.act.close(*who),
            "judge": lambda: self.token and s.follow.judge(self.token, Verdict.GOOD),
            "cancel": lambda: s.stand_down.cancel(*who, "enough"),
            "merge": lambda: s.merge(*who, self.other),
            "hold": lambda: s.aside.hold(*who, "waiting-for-parts", until),
            "decline": lambda: s.aside.decline(*who),
            "reopen": lambda: s.act.reopen(*who),
            "finish": lambda: s.joint.finish(*who),
        }
        with suppress(CloudError):
            deeds[what]()


WAYS = (
    "accept",
    "start",
    "arrive",
    "photo",
    "claim",
    "check",
    "close",
    "judge",
    "cancel",
    "merge",
    "hold",
    "decline",
    "reopen",
    "finish",
)
TO_THE_END = (
    "cancel",
    "merge",
    "accept",
    "start",
    "arrive",
    "photo",
    "claim",
    "check",
    "judge",
    "close",
    "merge",
    "close",
)


def whole(scene: Scene, id_: str) -> Task:
    with scene.units.reading() as uow:
        found = uow.tasks.get(id_)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("danger", "member"),
    [(SMOKE, "watch"), (TRAPPED, "technician"), (TRAPPED, "guard"), (GAS, "guard"), (RELEASE, "manager")],
)
@settings(max_examples=max(EXAMPLES // 5, 2))
@given(
    tries=st.lists(st.tuples(st.sampled_from(WAYS), st.sampled_from(REASONS), st.integers(0, 90)), max_size=6),
    last=st.sampled_from(REASONS), needs=st.sampled_from([{Need.SENSOR}, {Need.PHOTOS}, {Need.REPORTER}, set()]), reported=st.booleans(),
)  # fmt: skip
@example(tries=[], last=ResolutionReason.FIXED, needs={Need.SENSOR}, reported=False)
@example(tries=[], last=ResolutionReason.FALSE_ALARM, needs=set(), reported=True)
def test_no_life_safety_alert_is_closed_by_one_person(danger, member, *, tries, last, needs, reported):
    """Whatever they have tried before, whatever the matrix asks and whether or not they reported it themselves: in the end they do
    all that it takes, and then a week goes by.
    """
    known = neighbourhood()
    rows = tuple(replace(row, needs=frozenset(needs)) for row in known.duties)
    scene = Scene(estate=replace(known, duties=rows))
    scene.rings("access.held-open", "b1/door")
    other = scene.only_task().id
    number = scene.rings(*danger)
    task = next(one.id for one in scene.board() if one.hazard == danger[0])
    concern = {SMOKE: Concern.SMOKE, TRAPPED: Concern.TRAPPED}.get(danger)
    made = scene.is_reported(concern, danger[1], member_id=member) if reported and concern else None
    one = Alone(scene, member, task, other, made.token if made else None)
    for what, reason, minutes in tries:
        one.does(what, reason)
        scene.passes(minutes=minutes)
    scene.falls_quiet(*danger, number)
    for what in TO_THE_END:
        one.does(what, last)
        if what == "claim":
            scene.passes(minutes=20)
    scene.passes(days=8)
    found = whole(scene, task)
    assert found.state in OPEN, f"{member} alone: {found.state}, {found.workers}, {found.checks}"


_HAPPENS = st.one_of(
    st.tuples(st.just("rings"), st.sampled_from([*DANGERS, ("lift.entrapment", "b1/lift-2"), ("fire.smoke", "b1/smoke-2"), ("access.held-open", "b1/door"), ("lift.door-fault", "b1/lift-1")])),
    st.tuples(st.just("clears"), st.integers(0, 5)),
    st.tuples(st.just("window"), st.sampled_from(["b1/lift-1", "b1/door", "b1/smoke-1", None])),
    st.tuples(st.just("exercise"), st.sampled_from(["b1/lift-1", "b1/lift-2"])),
    st.tuples(st.just("node"), st.sampled_from(["lives", "dies"])),
    st.tuples(st.just("passes"), st.sampled_from([1, 10, 45, 200, 3000, 13_000])),
)  # fmt: skip


@settings(max_examples=EXAMPLES)
@given(happens=st.lists(_HAPPENS, min_size=3, max_size=12))
@example(happens=[("window", "b1/lift-1"), ("rings", TRAPPED), ("passes", 10)])
@example(happens=[("rings", TRAPPED), ("clears", 0), ("passes", 45), ("passes", 3000)])
@example(happens=[("rings", SMOKE), ("rings", ("access.held-open", "b1/door")), ("rings", RELEASE), ("passes", 45)])
def test_nothing_automatic_hides_life_safety_and_while_nobody_comes_its_ladder_never_ends(happens):
    """Nobody accepts anything. Whatever nodes, windows, exercises of other things and time bring, each danger to life stays a
    task that calls people within minutes.
    """
    scene, ringing, dangers, connection = Scene(estate=neighbourhood()), [], set(), 0
    windows, exercises = (kind(scene.units, scene.clock, scene.ids) for kind in (KeepWindows, PlanExercises))
    manager = scene.identity("manager")
    for what, which in happens:
        now = scene.clock.now()
        with suppress(CloudError):
            if what == "rings":
                ringing.append((*which, scene.rings(*which)))
                dangers |= {which} if hazard(which[0]).life_safety else set()
            elif what == "clears" and ringing:
                scene.falls_quiet(*ringing.pop(which % len(ringing)))
            elif what == "window":
                place = None if which else f"{HOME}/b1"
                windows.open(
                    ESTATE, Asked(now, now + timedelta(hours=9), "repair", (which,) if which else (), place), manager
                )
            elif what == "exercise":
                exercises.plan(ESTATE, [which], now, now + timedelta(hours=2), manager, hazards=["usual"])
            elif what == "node" and which == "lives":
                connection += 1
                scene.is_born(connection)
            elif what == "node" and connection:
                scene.dies(connection)
            elif what == "passes":
                scene.passes(minutes=which)
        _all_still_call(scene, dangers)


def _all_still_call(scene: Scene, dangers: set[tuple[str, str]]) -> None:
    now = scene.clock.now()
    with scene.units.reading() as uow:
        tasks = {one.incident_id: one for one in uow.tasks.open(ESTATE)}
        alerts = [one for one in uow.alerts.firing(ESTATE) if one.fingerprint.mode == "real"]
        matters = uow.incidents.among(list(tasks))
    assert len({one.hazard for one in tasks.values() if one.life_safety}) >= min(1, len(dangers))
    for alert in alerts:
        if hazard(alert.fingerprint.hazard).life_safety:
            assert alert.suppressed_by is None, alert
            assert tasks[alert.incident_id].life_safety, tasks[alert.incident_id]
    for task in (one for one in tasks.values() if one.life_safety):
        due = next_due(task)
        assert task.state is TaskState.NEW, f"{task.hazard} is {task.state}, and nobody came"
        assert matters[task.incident_id].hidden_by is None, task
        assert due is not None, f"{task.hazard}: its ladder ended in silence"
        assert due <= now + SOON, f"{task.hazard}: nothing before {due}, at {now}"
    open_dangers = {matters[one.incident_id].equipment_id for one in tasks.values() if one.life_safety}
    fires = {what for what in dangers if what[0] == "fire.smoke"}
    for what, equipment in dangers - fires:
        assert equipment in open_dangers, f"{what} at {equipment} is over, and nobody came: {sorted(open_dangers)}"


_TARGETS = st.lists(
    st.sampled_from(["property_manager", "fire_rescue", "street_office", "owners_committee"]), min_size=1, max_size=2
)
_STEPS = st.lists(
    st.builds(
        lambda minutes, condition, targets, every, times, sheet: Step(
            timedelta(minutes=minutes), condition, tuple(PartyRef("kind", one) for one in targets),
            call_sheet=sheet, repeat=Repeat(timedelta(minutes=every), times) if every else None,
        ),
        st.integers(0, 300), st.sampled_from(Condition), _TARGETS, st.sampled_from([0, 1, 30, 600]),
        st.sampled_from([None, 1, 5]), st.booleans(),
    ),
    max_size=4,
)  # fmt: skip


@settings(max_examples=EXAMPLES)
@given(
    steps=_STEPS,
    minutes=st.lists(st.integers(1, 400), min_size=1, max_size=5),
    answer=st.sampled_from(["nobody", "declines", "never comes"]),
)
@example(steps=[], minutes=[10, 10], answer="nobody")
@example(steps=[], minutes=[5, 60, 10], answer="never comes")
def test_no_ladder_of_a_danger_to_life_ends_in_silence_whatever_the_matrix_writes(steps, minutes, answer):
    known = neighbourhood()
    rows = [_with_ladder(row, steps) if row.id == "lift-entrapment" else row for row in known.duties]
    scene = Scene(estate=replace(known, duties=tuple(rows)))
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    if answer != "nobody":
        scene.act.acknowledge(task, "technician")
    for span in minutes:
        scene.passes(minutes=span)
        if answer == "declines":
            with suppress(CloudError):
                scene.aside.decline(task, "technician")
        now, found = scene.clock.now(), whole(scene, task)
        if found.state is TaskState.NEW:
            due = next_due(found)
            assert due is not None, f"its ladder ended in silence: {found.duty.ladder}"
            assert found.ladder.due_at is not None, f"nobody is called any more: {found.duty.ladder}"
            assert due <= now + timedelta(minutes=30), f"nothing before {due}, at {now}: {found.duty.ladder}"


def _with_ladder(row: Duty, steps: list[Step]) -> Duty:
    return replace(row, ladder=EscalationPolicy(tuple(steps)))


@settings(max_examples=EXAMPLES)
@given(
    gone=st.sets(st.sampled_from(["lift-firm", "fire-room", "micro-station", "grid", "locksmith", "police", "committee"]), min_size=1, max_size=3),
    deeds=st.lists(st.sampled_from(["accepts", "declines", "helps", "passes"]), max_size=4),
)  # fmt: skip
def test_no_task_is_ever_without_a_responsible_party_whoever_a_file_leaves_out(gone, deeds):
    scene = Scene(estate=neighbourhood())
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    for deed in deeds:
        with suppress(CloudError):
            if deed == "accepts":
                scene.act.acknowledge(task, "technician")
            elif deed == "declines":
                scene.aside.decline(task, "technician", "the contract ended")
            elif deed == "helps":
                scene.joint.ask_for_help(task, "technician", ["locksmith"])
            else:
                scene.passes(minutes=40)
    known = neighbourhood()
    fewer = replace(
        known,
        parties=tuple(one for one in known.parties if one.id not in gone),
        members=tuple(one for one in known.members if one.party_id not in gone),
    )
    with suppress(CloudError):
        LoadEstate(scene.units, scene.clock)(fewer)
    scene.passes(minutes=90)
    with scene.units.reading() as uow:
        register, tasks = uow.registers.find(ESTATE), uow.tasks.open(ESTATE)
    assert register is not None
    for one in tasks:
        assert one.responsible_id in register.parties, f"{one.responsible_id} is gone: {one.hazard}"
        assert all(part.party_id in register.parties for part in one.assignments if part.engaged and part.works), one
