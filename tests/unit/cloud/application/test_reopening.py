"""What is over and comes back: who is asked again, by when, and as what."""

from datetime import timedelta

import pytest

from cloud.domain.tasks.assignment import AssignmentState
from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.errors import NotAllowed
from tests.fakes.estate import cleared, raised

HELD = ("access.held-open", "b1/door")


def only_stored(scene):
    with scene.units.reading() as uow:
        return uow.tasks.get(scene.only_task().id)


def finished(scene, hazard, equipment, *, by, checked_by):
    """A hazard is raised, worked on, cleared, and closed by a second person; the task's id."""
    number = scene.rings(hazard, equipment)
    task_id = scene.only_task().id
    scene.act.acknowledge(task_id, by)
    scene.act.start(task_id, by)
    scene.falls_quiet(hazard, equipment, number)
    scene.act.resolve(task_id, by, Why.FIXED)
    scene.passes(minutes=5)
    scene.act.close(task_id, checked_by)
    return task_id


def test_a_person_who_reopens_has_everybody_told(scene):
    task_id = finished(scene, *HELD, by="guard", checked_by="manager")
    before = len(scene.told())
    scene.act.reopen(task_id, "manager")
    assert scene.told()[before:] == [("property", "reopened")]


def test_what_a_person_reopened_is_not_cleared_by_the_clock(scene):
    number = scene.rings(*HELD)
    scene.falls_quiet(*HELD, number)
    scene.passes(minutes=2)
    scene.act.reopen(scene.only_task().id, "manager")
    scene.passes(hours=1)
    assert scene.only_task().state == "new"


def test_a_quiet_sensor_that_was_contradicted_is_not_enough_to_close(scene):
    task_id = finished(scene, *HELD, by="guard", checked_by="guard")
    scene.act.reopen(task_id, "manager")
    scene.act.acknowledge(task_id, "guard")
    scene.act.resolve(task_id, "guard", Why.FIXED)
    scene.passes(hours=1)
    with pytest.raises(NotAllowed, match="never verifies it alone"):
        scene.act.close(task_id, "guard")
    assert scene.act.close(task_id, "manager").state == "closed"


def test_a_sensor_that_fires_again_is_a_witness_again(scene):
    number = scene.rings(*HELD)
    scene.falls_quiet(*HELD, number)
    scene.passes(minutes=2)
    scene.act.reopen(scene.only_task().id, "manager")
    number = scene.rings(*HELD)
    scene.falls_quiet(*HELD, number)
    scene.passes(minutes=2)
    assert scene.only_task().resolution_reason == "self_cleared"


def test_parts_that_are_asked_again_have_fresh_limits(scene):
    finished(scene, "lift.entrapment", "b1/lift-1", by="technician", checked_by="manager")
    scene.rings("lift.entrapment", "b1/lift-1")
    now, task = scene.clock.now(), only_stored(scene)
    lead = task.part_of("lift-firm")
    assert lead.state is AssignmentState.REQUESTED
    assert (lead.accept_by, lead.arrive_by, lead.finish_by) == (
        now + timedelta(minutes=3),
        now + timedelta(minutes=30),
        now + timedelta(hours=2),
    )
    assert task.part_of("property").finish_by == now + timedelta(hours=2)


def test_a_door_fault_after_a_rescue_rings_no_entrapment(scene):
    rescued = finished(scene, "lift.entrapment", "b1/lift-1", by="technician", checked_by="manager")
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task()
    assert (task.id != rescued, task.hazard, task.life_safety) == (True, "lift.door-fault", False)


def test_a_door_fault_during_a_rescue_belongs_to_it(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.rings("lift.door-fault", "b1/lift-1")
    assert (scene.only_task().hazard, scene.only_task().alerts) == ("lift.entrapment", 2)


def test_life_safety_whose_clear_came_first_reopens_what_was_closed(scene):
    task_id = finished(scene, "fire.smoke", "b1/smoke-1", by="watch", checked_by="manager")
    scene.send(cleared("fire.smoke", "b1/smoke-1", 99))
    scene.send(raised("fire.smoke", "b1/smoke-1", 99))
    task = scene.only_task()
    assert (task.id, task.state, task.quiet_since) == (task_id, "new", scene.clock.now())
    assert scene.told()[-1][1] == "reopened"
