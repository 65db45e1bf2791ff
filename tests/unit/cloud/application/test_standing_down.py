"""An officer cancels what is no matter, a lead lets a helper go (governance.md, Five layers: `cancelled`, `released`)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.adapters.sql import SqlUnitsOfWork, open_engine
from cloud.adapters.sql.tables import metadata
from cloud.application.credit.rating import Rating
from cloud.domain.community.party import Role
from cloud.domain.credit.rates import Measure
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.assignment import AssignmentState
from cloud.domain.tasks.calls import Ground
from cloud.domain.tasks.stand_down_refusals import may_cancel
from cloud.domain.tasks.task import ResolutionReason, TaskState
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.fakes.estate import ESTATE, HOME
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene

DOOR = ("access.forced-open", "b1/door")


@pytest.fixture
def scene(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'state.db'}")
    metadata.create_all(engine)
    yield Scene(SqlUnitsOfWork(engine), neighbourhood())
    engine.dispose()


def part(scene, task_id, party):
    task = scene.queries.task(task_id, scene.identity("manager"))
    return next(one for one in task.assignments if one.party.id == party)


@pytest.mark.parametrize("member", ["manager", "officer", "clerk"])
def test_an_officer_cancels_with_a_reason(scene, member):
    scene.rings(*DOOR)
    task = scene.only_task()
    assert scene.stand_down.cancel(task.id, member, "the door was taken out yesterday").state is TaskState.CANCELLED
    assert scene.board() == []
    (over,) = scene.over()
    assert (over.id, part(scene, task.id, "property").state) == (task.id, AssignmentState.RELEASED)
    assert scene.told()[-1] == ("property", "cancelled")
    line = next(line for line in scene.incident(over).timeline if line.kind == Kind.TASK_CANCELLED)
    assert "取消" in line.text.zh
    assert "cancelled" in line.text.en
    told = len(scene.told())
    scene.passes(days=30)
    assert len(scene.told()) == told


@pytest.mark.parametrize("member", ["guard", "watch", "technician", "foreman", "engineer", "neighbour"])
def test_nobody_else_cancels(scene, member):
    scene.rings(*DOOR)
    task = scene.only_task()
    with pytest.raises((NotAllowed, NotFound)):
        scene.stand_down.cancel(task.id, member, "no")
    assert scene.only_task().state is TaskState.NEW


@pytest.mark.parametrize("role", [Role.OVERSEER, Role.ADMINISTRATOR])
def test_a_firms_overseer_oversees_the_firm_and_calls_off_nobodys_work(role):
    known = neighbourhood().register(1)
    of_the_firm = replace(known.members["foreman"], role=role)
    assert not may_cancel(known, of_the_firm, f"{HOME}/b1")
    assert may_cancel(known, replace(known.members["clerk"], role=role), f"{HOME}/b1")


def test_life_safety_is_never_cancelled(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    with pytest.raises(NotAllowed, match="never cancelled"):
        scene.stand_down.cancel(scene.only_task().id, "manager", "it is nothing")


def test_nothing_is_cancelled_without_a_reason_nor_after_it_is_claimed_to_be_done(scene):
    scene.rings(*DOOR)
    task = scene.only_task()
    with pytest.raises(Invalid, match="called off"):
        scene.stand_down.cancel(task.id, "manager", " ")
    scene.act.acknowledge(task.id, "guard")
    scene.act.resolve(task.id, "guard", ResolutionReason.FIXED)
    with pytest.raises(Conflict):
        scene.stand_down.cancel(task.id, "manager", "no matter")


def test_what_is_raised_after_it_was_cancelled_is_a_matter_of_its_own(scene):
    number = scene.rings(*DOOR)
    first = scene.only_task()
    scene.stand_down.cancel(first.id, "manager", "a drill of the locksmith")
    scene.falls_quiet(*DOOR, number)
    scene.rings(*DOOR)
    second = scene.only_task()
    assert second.id != first.id
    assert second.incident_id != first.incident_id


def test_a_cancelled_task_counts_in_no_rate(scene):
    scene.rings(*DOOR)
    scene.stand_down.cancel(scene.only_task().id, "manager", "a drill of the locksmith")
    scene.passes(days=1)
    rows = {one.party_id: one.rates for one in Rating(scene.units, scene.clock)(ESTATE).parties}
    assert all(not rate.denominator for rate in rows["property"])


def helped(scene):
    scene.rings(*DOOR)
    task = scene.only_task()
    scene.act.acknowledge(task.id, "guard")
    scene.joint.ask_for_help(task.id, "guard", ["locksmith"])
    return task.id


def test_a_lead_lets_a_helper_go_and_it_hears_so(scene):
    task_id = helped(scene)
    scene.act.acknowledge(task_id, "smith")
    shown = scene.incident(scene.only_task())
    assert [party.id for party in shown.releasable] == ["locksmith"]
    scene.stand_down.release(task_id, "guard", "locksmith", "the door has opened")
    assert part(scene, task_id, "locksmith").state is AssignmentState.RELEASED
    assert scene.told()[-1] == ("locksmith", "released")
    line = next(line for line in scene.incident(scene.only_task()).timeline if line.kind == Kind.PARTY_RELEASED)
    assert "locksmith" in line.text.en
    told = len(scene.told())
    scene.passes(hours=1)
    assert ("locksmith", "reminder") not in scene.told()[told:]
    assert Action.RELEASE not in scene.queries.task(task_id, scene.identity("guard")).allowed


def test_the_call_of_a_helper_that_was_let_go_is_over_and_counts_against_nobody(scene):
    task_id = helped(scene)
    scene.stand_down.release(task_id, "guard", "locksmith", "the door has opened")
    with scene.units.reading() as uow:
        (call,) = uow.tasks.get(task_id).calls
    assert (call.released_at, call.open) == (scene.clock.now(), False)
    scene.passes(days=1)
    shown = {one.party_id: one.rates for one in Rating(scene.units, scene.clock)(ESTATE).parties}["property"]
    assert {one.denominator for one in shown if one.measure is Measure.HELP_CAME} == {0}


def test_a_helper_that_was_let_go_is_not_told_to_go_on_when_it_is_back(scene):
    task_id = helped(scene)
    scene.stand_down.release(task_id, "guard", "locksmith", "the door has opened")
    scene.act.resolve(task_id, "guard", ResolutionReason.FIXED)
    told = len(scene.told())
    scene.rings("access.held-open", "b1/door")
    assert ("property", "reopened") in scene.told()[told:]
    assert "locksmith" not in {party for party, _ in scene.told()[told:]}


def test_who_has_declined_what_may_cost_a_life_is_told_that_it_is_back(scene):
    """Late help is help."""
    number = scene.rings("lift.entrapment", "b1/lift-1")
    task_id = scene.only_task().id
    scene.act.acknowledge(task_id, "technician")
    scene.aside.decline(task_id, "guard", "nobody is free")
    scene.falls_quiet("lift.entrapment", "b1/lift-1", number)
    scene.act.resolve(task_id, "technician", ResolutionReason.FIXED)
    told = len(scene.told())
    scene.rings("lift.entrapment", "b1/lift-1")
    assert ("property", "reopened") in scene.told()[told:]


def test_a_helper_that_was_let_go_may_be_asked_again(scene):
    task_id = helped(scene)
    scene.stand_down.release(task_id, "guard", "locksmith", "the door has opened")
    scene.joint.ask_for_help(task_id, "guard", ["locksmith"])
    assert part(scene, task_id, "locksmith").state is AssignmentState.REQUESTED


def test_only_the_lead_releases_and_only_whom_help_was_asked_of(scene):
    task_id = helped(scene)
    scene.act.acknowledge(task_id, "smith")
    with pytest.raises(NotAllowed):
        scene.stand_down.release(task_id, "smith", "locksmith", "no")
    with pytest.raises(Invalid, match="no helper"):
        scene.stand_down.release(task_id, "guard", "police", "no")
    with pytest.raises(Invalid, match="called off"):
        scene.stand_down.release(task_id, "guard", "locksmith", "")


def test_whom_a_whistle_binds_the_lead_does_not_release(scene):
    task_id = helped(scene)
    scene.joint.whistle(task_id, "officer", Ground.EMERGENCY, ["locksmith"])
    assert Action.RELEASE not in scene.queries.task(task_id, scene.identity("guard")).allowed


def test_whom_the_duty_names_the_lead_does_not_release(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    scene.act.acknowledge(task.id, "guard")
    with pytest.raises(Conflict):
        scene.stand_down.release(task.id, "technician", "property", "we are enough")
