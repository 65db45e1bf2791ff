"""Who did the work never verifies it alone: also not of a second claim, nor once a merge is undone (governance.md, Verification)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.adapters.estate_file import default_duties
from cloud.domain.duties.duty import Need
from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.errors import NotAllowed
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene

LIFT = ("lift.entrapment", "b1/lift-1")


@pytest.fixture
def scene():
    return Scene(estate=neighbourhood())


def test_who_is_on_site_since_before_a_claim_was_contradicted_does_not_verify_the_next_one(scene):
    """The maintainer says twice that it is fixed; the guard, who worked beside it all the time, is no second pair of eyes."""
    number = scene.rings(*LIFT)
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.act.acknowledge(task, "guard")
    scene.joint.arrive(task, "guard")
    scene.act.start(task, "technician")
    scene.act.resolve(task, "technician", Why.FIXED)
    scene.passes(minutes=10)
    assert scene.only_task().state != "resolved", "the sensor goes on firing and contradicts it"
    scene.act.acknowledge(task, "technician")
    scene.act.resolve(task, "technician", Why.FIXED)
    scene.falls_quiet(*LIFT, number)
    scene.clock.advance(minutes=10)
    with pytest.raises(NotAllowed, match="never verifies it alone"):
        scene.verify.check(task, "guard")
    with pytest.raises(NotAllowed, match="never verifies it alone"):
        scene.act.close(task, "guard")


def test_who_worked_on_it_while_it_was_merged_does_not_verify_it_once_that_is_undone(scene):
    """Two alarms of one building were one matter; whoever came to it has come to both."""
    scene.rings("fire.co", "b1/co-1")
    first = scene.only_task().id
    scene.rings("fire.co", "b1/co-2")
    second = next(task.id for task in scene.board() if task.id != first)
    scene.merge(first, "street-officer", second)
    scene.act.acknowledge(second, "grid-officer")
    scene.joint.arrive(second, "grid-officer")
    scene.merge.undo(first, "street-officer")
    for task in (first, second):
        scene.act.acknowledge(task, "guard")
        scene.act.start(task, "guard")
        scene.act.resolve(task, "guard", Why.FIXED)
        with pytest.raises(NotAllowed, match="never verifies it alone"):
            scene.verify.check(task, "grid-officer")
    scene.verify.check(first, "watch")


def test_who_has_left_before_it_began_again_may_verify_what_others_did_since(scene):
    number = scene.rings(*LIFT)
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.act.acknowledge(task, "guard")
    scene.joint.arrive(task, "guard")
    scene.joint.finish(task, "guard")
    scene.act.resolve(task, "technician", Why.FIXED)
    scene.passes(minutes=10)
    scene.act.acknowledge(task, "technician")
    scene.act.resolve(task, "technician", Why.FIXED)
    scene.falls_quiet(*LIFT, number)
    scene.clock.advance(minutes=10)
    scene.act.close(task, "guard")
    assert not scene.board()


@pytest.mark.parametrize("needs", [frozenset({Need.SENSOR}), frozenset()], ids=["the sensor alone", "nothing"])
def test_where_life_is_at_stake_a_second_person_looks_whatever_the_matrix_asks_for(needs):
    rows = tuple(replace(row, needs=needs) for row in default_duties())
    scene = Scene(estate=replace(neighbourhood(), duties=rows))
    number = scene.rings(*LIFT)
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.act.resolve(task, "technician", Why.FIXED)
    scene.falls_quiet(*LIFT, number)
    scene.passes(minutes=10)
    with pytest.raises(NotAllowed, match="never verifies it alone"):
        scene.act.close(task, "technician")
    scene.act.close(task, "guard")
    assert not scene.board()
