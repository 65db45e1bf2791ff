"""A wrong merge is undone by a person: both tasks live again, both histories stay, and no clock was reset."""

import pytest

from cloud.domain.tasks.assignment import Assignment, AssignmentRole
from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import Conflict, NotAllowed
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene


@pytest.fixture
def scene():
    return Scene(estate=neighbourhood())


def view(scene, task_id):
    return scene.queries.task(task_id, None)


def part(shown, party):
    return next((one for one in shown.assignments if one.party.id == party), None)


def clocks(shown):
    return {clock.kind: (clock.started_at, clock.due_at, clock.met_at) for clock in shown.clocks}


def two_faults(scene):
    """The maintainer leads a door fault of one lift, and twenty minutes later one of the lift beside it."""
    scene.rings("lift.door-fault", "b1/lift-1")
    first = scene.only_task().id
    scene.act.acknowledge(first, "technician")
    scene.clock.advance(minutes=20)
    scene.rings("lift.door-fault", "b1/lift-2")
    second = next(task.id for task in scene.board() if task.id != first)
    return first, second


def alarms(scene, task_id):
    return sorted(one.equipment.id for one in scene.queries.incident(view(scene, task_id).incident_id, None).alerts)


def test_both_tasks_live_again_each_with_its_own_alarms_and_clocks(scene):
    first, second = two_faults(scene)
    scene.act.acknowledge(second, "technician")
    before = clocks(view(scene, first))
    scene.merge(first, "technician", second)
    scene.clock.advance(minutes=30)
    scene.merge.undo(first, "technician", note="they only look alike")
    again, stays = view(scene, first), view(scene, second)
    assert (again.state, again.merged_into, stays.state) == ("acknowledged", None, "acknowledged")
    assert clocks(again) == before
    assert (alarms(scene, first), alarms(scene, second)) == (["b1/lift-1"], ["b1/lift-2"])
    assert sorted(task.id for task in scene.board()) == sorted([first, second])
    assert scene.queries.incident(stays.incident_id, None).merged == ()


def test_it_is_a_new_entry_on_both_timelines_and_nothing_is_taken_away(scene):
    first, second = two_faults(scene)
    scene.merge(first, "technician", second)
    scene.merge.undo(first, "technician")
    went, stays = (scene.kinds(view(scene, one)) for one in (first, second))
    assert [kind for kind in went if "merge" in kind] == ["task.merged", "task.merge-undone"]
    assert [kind for kind in stays if kind in ("task.took-in", "task.gave-back")] == ["task.took-in", "task.gave-back"]


def test_a_clock_that_ran_out_while_it_was_merged_has_run_out(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    first = scene.only_task().id
    scene.rings("lift.door-fault", "b1/lift-2")
    second = next(task.id for task in scene.board() if task.id != first)
    scene.act.acknowledge(second, "technician")
    scene.merge(first, "street-officer", second)
    due = next(clock.due_at for clock in view(scene, first).clocks if clock.kind == "tto")
    scene.clock.advance(hours=2)
    scene.merge.undo(first, "street-officer")
    scene.timers()
    again = view(scene, first)
    assert again.state == "new"
    assert next(clock for clock in again.clocks if clock.kind == "tto").state == "breached"
    assert next(clock.due_at for clock in again.clocks if clock.kind == "tto") == due
    assert "clock.breached" in scene.kinds(again)
    assert "ladder.step-taken" in scene.kinds(again)


def test_who_led_the_other_task_has_not_accepted_this_one(scene):
    scene.rings("fire.co", "b1/co-1")
    first = scene.only_task().id
    scene.rings("fire.co", "b1/co-2")
    second = next(task.id for task in scene.board() if task.id != first)
    scene.merge(first, "street-officer", second)
    scene.act.acknowledge(second, "guard")
    scene.merge.undo(first, "street-officer")
    again = view(scene, first)
    assert (again.state, part(again, "property").state) == ("new", "requested")
    assert view(scene, second).state == "acknowledged"
    assert ("property", "unmerged") in scene.told()
    called = scene.told().count(("property", "call_sheet"))
    scene.passes(minutes=3)
    assert scene.told().count(("property", "call_sheet")) > called, "life safety pages until somebody has accepted"


def test_who_joined_only_through_the_merge_goes_back_with_what_it_answered(scene):
    first, second = two_faults(scene)
    scene.act.acknowledge(second, "technician")
    scene.joint.ask_for_help(first, "technician", ["operator", "grid"])
    scene.merge(first, "technician", second)
    scene.act.acknowledge(second, "engineer")
    scene.merge.undo(first, "technician")
    again, stays = view(scene, first), view(scene, second)
    assert (part(again, "operator").state, part(again, "grid").state) == ("accepted", "requested")
    assert (part(stays, "operator").state, part(stays, "grid").state) == ("released", "released")
    calls = scene.queries.incident(again.incident_id, None).calls
    assert sorted(call.called.id for call in calls) == ["grid", "operator"]


def test_alarms_of_its_matter_that_came_since_go_with_it_and_later_ones_find_it(scene):
    first, second = two_faults(scene)
    scene.merge(first, "technician", second)
    scene.rings("lift.run-timeout", "b1/lift-1")
    assert len(alarms(scene, second)) == 3
    scene.merge.undo(first, "technician")
    assert (len(alarms(scene, first)), len(alarms(scene, second))) == (2, 1)
    scene.rings("lift.out-of-service", "b1/lift-1")
    assert len(alarms(scene, first)) == 3


def test_each_is_quiet_when_its_own_alarms_are(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    first = scene.only_task().id
    scene.act.acknowledge(first, "technician")
    number = scene.rings("lift.door-fault", "b1/lift-2")
    second = next(task.id for task in scene.board() if task.id != first)
    scene.falls_quiet("lift.door-fault", "b1/lift-2", number)
    scene.merge(first, "technician", second)
    assert view(scene, second).quiet_since is None
    scene.merge.undo(first, "technician")
    assert (view(scene, first).quiet_since, view(scene, second).quiet_since) == (None, scene.clock.now())


def test_nobody_works_any_more_on_what_was_merged(scene):
    first, second = two_faults(scene)
    scene.merge(first, "technician", second)
    with scene.units.reading() as uow:
        parts = [part for part in uow.tasks.get(first).assignments if part.works]
    assert {part.state.value for part in parts} == {"released"}, "its lead among them: it works where it went"


def test_the_other_may_be_over_already(scene):
    first, second = two_faults(scene)
    scene.act.acknowledge(second, "technician")
    scene.merge(first, "technician", second)
    scene.act.resolve(second, "technician", ResolutionReason.FIXED)
    scene.merge.undo(first, "technician")
    assert (view(scene, first).state, view(scene, second).state) == ("acknowledged", "resolved")


def test_what_was_merged_further_comes_back_one_step_at_a_time(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.rings("lift.door-fault", "b1/lift-2")
    scene.rings("lift.door-fault", "b2/lift-9")
    one, two, three = sorted(task.id for task in scene.board())
    scene.merge(one, "street-officer", two)
    scene.merge(two, "street-officer", three)
    with pytest.raises(Conflict, match="merged further"):
        scene.merge.undo(one, "street-officer")
    scene.merge.undo(two, "street-officer")
    assert len(alarms(scene, two)) == 2
    scene.merge.undo(one, "street-officer")
    assert [len(alarms(scene, each)) for each in (one, two, three)] == [1, 1, 1]


def test_only_who_worked_on_it_or_the_street_undoes_it_and_only_once(scene):
    first, second = two_faults(scene)
    with pytest.raises(Conflict):
        scene.merge.undo(first, "technician")
    scene.merge(first, "technician", second)
    with pytest.raises(NotAllowed):
        scene.merge.undo(first, "clerk")
    with scene.units.writing() as uow:
        task = uow.tasks.get(first)
        task.assignments.append(Assignment("told", "committee", AssignmentRole.OBSERVER, scene.clock.now()))
        uow.tasks.save(task)
        uow.commit()
    with pytest.raises(NotAllowed, match="who led or supported"):
        scene.merge.undo(first, "clerk")
    scene.merge.undo(first, "technician")
    with pytest.raises(Conflict):
        scene.merge.undo(first, "technician")
