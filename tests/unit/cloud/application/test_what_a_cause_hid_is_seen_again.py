"""A cause hides its symptoms for as long as somebody has it in hand: what it hid is asked for again at once when that is over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.application.tasks.keep_windows import Asked, KeepWindows
from cloud.domain.incidents.report import Concern
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.due import next_due
from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.domain.tasks.task import Task
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, NodeOnPaper
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene

DOOR, SMOKE = "b1/door", "b1/smoke-1"


@pytest.fixture
def scene():
    return Scene(estate=neighbourhood("street"))


def stands(scene, hazard: str) -> tuple[Task, str | None]:
    """The open task about it, and the incident that hides it."""
    with scene.units.reading() as uow:
        found = [one for one in uow.tasks.open(ESTATE) if one.hazard == hazard]
        assert found, f"nobody has a task about {hazard}"
        incident = uow.incidents.get(found[-1].incident_id)
    assert incident is not None
    return found[-1], incident.hidden_by


def hidden(scene, hazard: str) -> Task:
    task, under = stands(scene, hazard)
    assert under is not None, f"{hazard} is not hidden"
    assert task.hidden_since is not None
    return task


def asked(scene, hazard: str, within: timedelta = timedelta(hours=1)) -> Task:
    """It is seen, and time will do something about it soon."""
    task, under = stands(scene, hazard)
    assert (under, task.hidden_since) == (None, None), f"{hazard} is still hidden"
    due = next_due(task)
    assert due is not None, f"{hazard} has no moment"
    assert due <= scene.clock.now() + within
    return task


def waits(scene, *, hours: int) -> None:
    for _ in range(2 * hours):
        scene.passes(minutes=30)


def burns(scene) -> int:
    """There is smoke, from now on."""
    return scene.rings("fire.smoke", SMOKE, mono=100.0 + (scene.clock.now() - START).total_seconds())


def sees_through(scene, task_id: str, member: str, why: Why, second: str) -> None:
    """Somebody works on it and says how it ended, another closes it."""
    scene.act.acknowledge(task_id, member)
    scene.act.start(task_id, member)
    scene.act.resolve(task_id, member, why)
    scene.act.close(task_id, second)


def falls_silent(scene, node: str = "b1-node", equipment: str = "b1/lift-1") -> Task:
    """A point behind a node is stale, then the node itself is not heard any more."""
    scene.node = NodeOnPaper(scene.clock.now, node)
    scene.rings("point.stale", equipment)
    scene.is_born(1, (1, "point.stale", equipment))
    scene.passes(minutes=3)
    hidden(scene, "point.stale")
    return stands(scene, "node.silent")[0]


@pytest.mark.parametrize("before", ["nobody answered", "accepted", "the ladder had ended"])
def test_once_the_fire_is_over_the_door_is_asked_for_with_a_moment_at_once(scene, before):
    scene.rings("access.forced-open", DOOR)
    if before == "accepted":
        scene.act.acknowledge(stands(scene, "access.forced-open")[0].id, "guard")
    if before == "the ladder had ended":
        waits(scene, hours=6)
    fire = burns(scene)
    hidden(scene, "access.forced-open")
    waits(scene, hours=5)
    hidden(scene, "access.forced-open")
    scene.falls_quiet("fire.smoke", SMOKE, fire)
    asked(scene, "access.forced-open")
    said = len(scene.told())
    waits(scene, hours=6)
    assert len(scene.told()) > said, "and somebody is called"


def test_a_door_that_came_after_the_fire_is_a_task_once_it_is_over(scene):
    fire = burns(scene)
    scene.rings("access.forced-open", DOOR)
    scene.falls_quiet("fire.smoke", SMOKE, fire)
    asked(scene, "access.forced-open")


def test_a_restart_between_changes_nothing(scene):
    scene.rings("access.forced-open", DOOR)
    fire = burns(scene)
    again = Scene(scene.units, load=False, clock=scene.clock)
    again.ids, again.node, again._number = scene.ids, scene.node, scene._number
    again.falls_quiet("fire.smoke", SMOKE, fire)
    asked(again, "access.forced-open")


@pytest.mark.parametrize("answered", [False, True])
def test_what_went_quiet_while_it_was_hidden_is_not_hidden_by_a_fire_that_is_over(scene, answered):
    door = scene.rings("access.held-open", DOOR)
    if answered:
        scene.act.acknowledge(stands(scene, "access.held-open")[0].id, "guard")
    fire = burns(scene)
    scene.falls_quiet("access.held-open", DOOR, door)
    hidden(scene, "access.held-open")
    scene.falls_quiet("fire.smoke", SMOKE, fire)
    asked(scene, "access.held-open")
    scene.rings("access.held-open", DOOR)
    asked(scene, "access.held-open")


def test_a_door_that_opens_again_long_after_the_fire_is_asked_for(scene):
    door = scene.rings("access.held-open", DOOR)
    fire = burns(scene)
    scene.falls_quiet("access.held-open", DOOR, door)
    scene.passes(minutes=10)
    scene.falls_quiet("fire.smoke", SMOKE, fire)
    scene.passes(minutes=40)
    scene.rings("access.held-open", DOOR)
    asked(scene, "access.held-open")


@pytest.mark.parametrize("first", ["door", "fire"])
def test_a_fire_that_only_people_reported_hides_no_door_once_it_is_closed(scene, first):
    if first == "door":
        scene.rings("access.forced-open", DOOR)
    scene.is_reported(Concern.SMOKE, "b1/f2")
    if first == "fire":
        scene.rings("access.forced-open", DOOR)
    else:
        hidden(scene, "access.forced-open")
    fire = stands(scene, "fire.smoke")[0].id
    sees_through(scene, fire, "guard", Why.FIXED, "manager")
    asked(scene, "access.forced-open")


def test_a_fire_that_its_node_lost_track_of_hides_no_door_once_it_is_closed(scene):
    scene.rings("access.forced-open", DOOR)
    burns(scene)
    scene.clock.advance(minutes=2)
    scene.is_born(1, (1, "access.forced-open", DOOR))
    scene.is_well()
    hidden(scene, "access.forced-open")
    fire = stands(scene, "fire.smoke")[0].id
    scene.passes(minutes=10)
    sees_through(scene, fire, "watch", Why.FIXED, "manager")
    asked(scene, "access.forced-open")


def test_a_node_that_is_given_up_hides_nothing_behind_it_although_it_is_silent_still(scene):
    node = falls_silent(scene)
    sees_through(scene, node.id, "engineer", Why.UNABLE_TO_FIX, "guard")
    asked(scene, "point.stale", timedelta(hours=4))


def test_a_node_whose_task_is_cancelled_hides_nothing_behind_it(scene):
    node = falls_silent(scene)
    scene.stand_down.cancel(node.id, "manager", "the house is empty")
    asked(scene, "point.stale", timedelta(hours=4))


def test_a_door_that_is_reopened_after_its_fire_is_not_hidden_by_it(scene):
    door = scene.rings("access.held-open", DOOR)
    fire = burns(scene)
    task = hidden(scene, "access.held-open")
    scene.falls_quiet("access.held-open", DOOR, door)
    scene.passes(minutes=10)
    scene.passes(minutes=40)
    assert [one.id for one in scene.over()] == [task.id], "its sensor was quiet for long enough"
    scene.falls_quiet("fire.smoke", SMOKE, fire)
    scene.act.reopen(task.id, "manager")
    asked(scene, "access.held-open")


def test_a_node_at_which_work_goes_on_is_no_cause_of_what_has_a_task_itself(scene):
    windows = KeepWindows(scene.units, scene.clock, scene.ids)
    until = scene.clock.now() + timedelta(hours=8)
    windows.open(ESTATE, Asked(scene.clock.now(), until, "repair", ("node/b1-node",), None), scene.identity("manager"))
    scene.rings("point.stale", "b1/lift-1")
    scene.is_born(1, (1, "point.stale", "b1/lift-1"))
    scene.passes(minutes=3)
    scene.rings("point.stuck", "b1/lift-2")
    asked(scene, "point.stale", timedelta(hours=4))
    asked(scene, "point.stuck", timedelta(hours=4))


def test_a_fire_of_an_exercise_hides_nothing(scene):
    scene.rings("access.forced-open", DOOR)
    scene.rings("fire.smoke", SMOKE, mode="exercise")
    asked(scene, "access.forced-open")


def test_what_is_given_up_hides_nothing_that_comes_later(scene):
    node = falls_silent(scene)
    sees_through(scene, node.id, "engineer", Why.NOT_ACTIONABLE, "guard")
    scene.rings("point.stuck", "b1/lift-2")
    asked(scene, "point.stuck", timedelta(hours=4))


@pytest.mark.parametrize("order", ["fire first", "cards first"])
def test_what_no_fire_explains_is_not_hidden_with_the_door_that_it_does(scene, order):
    scene.rings("access.forced-open", DOOR)
    alarms = [("fire.smoke", SMOKE), ("access.denied-burst", DOOR)]
    for alarm in alarms if order == "fire first" else reversed(alarms):
        scene.rings(*alarm)
    asked(scene, "access.forced-open")


def two_doors(scene) -> tuple[str, str]:
    """The door of the other building, led by the same, and the one of this."""
    scene.rings("access.forced-open", "b2/door")
    other = scene.only_task().id
    scene.rings("access.forced-open", DOOR)
    here = next(one.id for one in scene.board() if one.id != other)
    return other, here


@pytest.mark.parametrize("order", ["fire first", "merge first"])
def test_a_door_elsewhere_is_not_hidden_with_the_one_it_was_merged_into(scene, order):
    other, here = two_doors(scene)
    if order == "fire first":
        burns(scene)
    scene.merge(other, "officer", here)
    if order == "merge first":
        burns(scene)
    assert asked(scene, "access.forced-open").id == here


def test_what_was_hidden_when_it_was_merged_is_seen_when_it_is_given_back_after_the_fire(scene):
    other, here = two_doors(scene)
    fire = burns(scene)
    scene.merge(here, "officer", other)
    scene.falls_quiet("fire.smoke", SMOKE, fire)
    scene.merge.undo(here, "officer")
    task = next(one for one in scene.board() if one.id == here)
    assert task.hidden_by is None
    with scene.units.reading() as uow:
        back = uow.tasks.get(here)
    assert back is not None
    assert back.hidden_since is None
    assert next_due(back) is not None


def test_what_was_given_back_during_the_fire_is_hidden_by_it_still_and_seen_after(scene):
    other, here = two_doors(scene)
    fire = burns(scene)
    scene.merge(here, "officer", other)
    scene.merge.undo(here, "officer")
    seen = {one.id: one.hidden_by is not None for one in scene.board()}
    assert (seen[here], seen[other]) == (True, False)
    scene.falls_quiet("fire.smoke", SMOKE, fire)
    assert all(one.hidden_by is None for one in scene.board())


def test_a_cause_that_was_merged_hides_on_from_where_it_went_and_from_where_it_came_when_it_is_given_back(scene):
    silent = falls_silent(scene, "b2-node", "b2/door")
    scene.passes(hours=1)
    scene.node = NodeOnPaper(scene.clock.now)
    scene.is_born(1)
    scene.passes(minutes=3)
    graver = next(one for one in scene.board() if one.hazard == "node.silent" and one.id != silent.id)
    scene.merge(silent.id, "officer", graver.id)
    assert stands(scene, "point.stale")[1] == graver.incident_id
    scene.merge.undo(silent.id, "officer")
    assert stands(scene, "point.stale")[1] == silent.incident_id


def test_a_threat_to_life_at_a_hidden_door_has_its_whole_limit_and_no_more(scene):
    scene.rings("access.held-open", DOOR)
    burns(scene)
    scene.clock.advance(hours=1)
    scene.rings("access.release-failed", DOOR)
    now = scene.clock.now()
    task = asked(scene, "access.release-failed", timedelta(minutes=5))
    scene.passes(seconds=1)
    task, _ = stands(scene, "access.release-failed")
    assert all(one.accept_by is None or one.accept_by <= now + task.duty.tto for one in task.assignments)


def test_a_request_that_was_made_while_it_was_hidden_has_its_whole_limit_once_it_is_seen_and_no_more(scene):
    scene.rings("access.forced-open", DOOR)
    fire = burns(scene)
    task = hidden(scene, "access.forced-open")
    scene.act.acknowledge(task.id, "guard")
    scene.clock.advance(hours=1, minutes=50)
    scene.joint.ask_for_help(task.id, "guard", ["locksmith"])
    scene.falls_quiet("fire.smoke", SMOKE, fire)
    task = asked(scene, "access.forced-open")
    part = task.part_of("locksmith")
    assert part is not None
    assert part.accept_by is not None
    assert part.accept_by <= scene.clock.now() + timedelta(minutes=30)


def test_an_acknowledgement_of_what_is_hidden_decays_only_once_it_is_seen(scene):
    scene.rings("access.forced-open", DOOR)
    scene.act.acknowledge(stands(scene, "access.forced-open")[0].id, "guard")
    fire = burns(scene)
    door = next(one for one in scene.board() if one.hazard == "access.forced-open")
    waits(scene, hours=5)
    assert not {Kind.REMINDED, Kind.DECAYED} & set(scene.kinds(door))
    scene.falls_quiet("fire.smoke", SMOKE, fire)
    assert asked(scene, "access.forced-open").state == "acknowledged"
    waits(scene, hours=5)
    assert {Kind.REMINDED, Kind.DECAYED} <= set(scene.kinds(door))


def test_no_mark_that_a_cause_hides_it_holds_back_what_life_depends_on(scene):
    """However it came to stand there."""
    scene.rings("access.release-failed", DOOR)
    task, _ = stands(scene, "access.release-failed")
    with scene.units.writing() as uow:
        incident = uow.incidents.get(task.incident_id)
        incident.hidden_by = task.incident_id
        uow.incidents.save(incident)
        uow.commit()
    for _ in range(4):
        scene.passes(minutes=1)
    assert stands(scene, "access.release-failed")[0].hidden_since is None
    assert {("fire-room", "escalated"), ("property", "call_sheet")} <= set(scene.told())
