"""When tasks are merged nothing of what was under way is lost, and the earliest deadline wins (governance.md, What happens when)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.domain.tasks.calls import Ground
from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.domain.tasks.task import TaskState
from cloud.domain.tasks.witness import Photo, Stage
from cloud.errors import Conflict, NotAllowed
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene


@pytest.fixture
def scene():
    return Scene(estate=neighbourhood())


def two_of(scene, *alarms, apart=timedelta()):
    scene.rings(*alarms[0])
    first = scene.only_task().id
    scene.clock.advance(seconds=apart.total_seconds())
    scene.rings(*alarms[1])
    return first, next(task.id for task in scene.board() if task.id != first)


def kept(scene, task_id):
    with scene.units.reading() as uow:
        return uow.tasks.get(task_id)


GAS = (("fire.co", "b1/co-1"), ("fire.co", "b1/co-2"))
DOORS = (("lift.door-fault", "b1/lift-1"), ("lift.door-fault", "b1/lift-2"))


def test_a_fire_alarm_goes_into_no_matter_that_is_never_presumed_a_fire(scene):
    smoke, gas = two_of(scene, ("fire.smoke", "b1/smoke-1"), ("fire.co", "b1/co-1"))
    with pytest.raises(Conflict, match="presumed to be a fire"):
        scene.merge(smoke, "street-officer", gas)
    scene.merge(gas, "street-officer", smoke)
    scene.passes(minutes=3)
    assert (kept(scene, smoke).hazard, kept(scene, smoke).presumed_at) == ("fire.presumed", scene.clock.now())


def test_who_worked_on_the_one_never_verifies_the_other_it_went_into(scene):
    first, second = two_of(scene, *GAS)
    scene.act.acknowledge(first, "guard")
    scene.act.start(first, "guard")
    scene.merge(first, "street-officer", second)
    scene.act.acknowledge(second, "manager")
    scene.act.resolve(second, "manager", Why.FIXED)
    with pytest.raises(NotAllowed, match="never verifies it alone"):
        scene.verify.check(second, "guard")
    scene.verify.check(second, "watch")


def test_an_alarm_that_was_lost_track_of_is_so_where_it_went(scene):
    first, second = two_of(scene, *GAS)
    with scene.units.writing() as uow:
        task = uow.tasks.get(first)
        task.track_lost = True
        uow.tasks.save(task)
        uow.commit()
    scene.merge(first, "street-officer", second)
    assert kept(scene, second).track_lost, "somebody has to look after what its node knows no more of"


def test_what_comes_to_a_task_on_hold_ends_its_wait(scene):
    first, second = two_of(scene, *DOORS)
    for task in (first, second):
        scene.act.acknowledge(task, "technician")
    until = scene.clock.now() + timedelta(days=2)
    scene.aside.hold(second, "technician", kept(scene, second).duty.pause_reasons[0], until)
    assert kept(scene, second).state is TaskState.PENDING
    scene.merge(first, "technician", second)
    assert (kept(scene, second).state, kept(scene, second).deferred_until) == (TaskState.ACKNOWLEDGED, None)
    assert kept(scene, second).ttr.paused_at is None


def test_whom_a_whistle_binds_it_binds_where_the_task_went(scene):
    first, second = two_of(scene, *DOORS)
    scene.act.acknowledge(second, "technician")
    scene.joint.ask_for_help(second, "technician", ["grid"])
    scene.joint.whistle(first, "street-officer", Ground.EMERGENCY, ["grid"])
    assert kept(scene, second).part_of("grid").bound_by is None
    scene.merge(first, "street-officer", second)
    assert kept(scene, second).part_of("grid").bound_by == "street"


def test_a_whistle_that_a_lead_asked_for_is_asked_for_where_the_task_went(scene):
    first, second = two_of(scene, *DOORS)
    scene.act.acknowledge(first, "technician")
    scene.joint.ask_for_whistle(first, "technician", Ground.EMERGENCY, ["grid"])
    scene.merge(first, "street-officer", second)
    assert kept(scene, second).wish is not None
    scene.joint.refuse_whistle(second, "street-officer", "the firm can do it alone")
    assert kept(scene, second).wish is None


def test_what_was_photographed_of_the_one_shows_what_it_went_into_and_goes_back_with_it(scene):
    first, second = two_of(scene, *DOORS)
    shown = Photo("before", Stage.BEFORE, scene.clock.now(), "guard")
    with scene.units.writing() as uow:
        task = uow.tasks.get(first)
        task.photos = (shown,)
        uow.tasks.save(task)
        uow.commit()
    scene.merge(first, "street-officer", second)
    assert kept(scene, second).photos == (shown,)
    scene.merge.undo(first, "street-officer")
    assert (kept(scene, first).photos, kept(scene, second).photos) == ((shown,), ())
