"""An alarm that keeps coming and going is a matter of its own, and goes on being an alarm."""

import pytest

from cloud.application.incidents.watch_chattering import WatchChattering

DOOR, LIFT = "b1/door", "b1/lift-1"


@pytest.fixture
def watch(scene):
    return WatchChattering(scene.units, scene.clock, scene.ids)


def comes_and_goes(scene, hazard, equipment, times, every_s=30):
    for _ in range(times):
        number = scene.rings(hazard, equipment)
        scene.clock.advance(seconds=every_s)
        scene.falls_quiet(hazard, equipment, number)


def chattering(scene):
    tasks = [task for task in scene.board() if task.hazard == "point.chattering"]
    return [(alert.equipment.id, alert.state) for task in tasks for alert in scene.incident(task).alerts]


def test_the_sixth_raise_in_ten_minutes_is_chatter_and_is_said_once(scene, watch):
    comes_and_goes(scene, "access.forced-open", DOOR, 5)
    assert (watch(), chattering(scene)) == (0, [])
    comes_and_goes(scene, "access.forced-open", DOOR, 1)
    assert (watch(), chattering(scene)) == (1, [(DOOR, "firing")])
    comes_and_goes(scene, "access.forced-open", DOOR, 1)
    assert (watch(), chattering(scene)) == (0, [(DOOR, "firing")])


def test_it_is_over_when_the_window_holds_no_more_than_five(scene, watch):
    comes_and_goes(scene, "access.forced-open", DOOR, 6)
    watch()
    scene.clock.advance(minutes=10)
    assert (watch(), chattering(scene)) == (1, [(DOOR, "resolved")])
    assert watch() == 0


def test_six_raises_over_a_longer_time_or_of_different_alarms_are_none(scene, watch):
    comes_and_goes(scene, "access.forced-open", DOOR, 6, every_s=130)
    comes_and_goes(scene, "lift.door-fault", LIFT, 3)
    comes_and_goes(scene, "lift.run-timeout", LIFT, 3)
    assert (watch(), chattering(scene)) == (0, [])


def test_exercises_never_count(scene, watch):
    for _ in range(7):
        scene.rings("fire.smoke", "b1/smoke-1", mode="exercise")
    assert watch() == 0


def test_life_safety_that_chatters_goes_on_calling(scene, watch):
    comes_and_goes(scene, "fire.smoke", "b1/smoke-1", 6)
    watch()
    scene.rings("fire.smoke", "b1/smoke-1")
    (fire,) = [task for task in scene.board() if task.life_safety]
    assert fire.firing == 1
    assert chattering(scene) == [("b1/smoke-1", "firing")]


def test_its_node_does_not_lose_track_of_what_it_never_knew(scene, watch):
    comes_and_goes(scene, "access.forced-open", DOOR, 6)
    watch()
    scene.clock.advance(seconds=30)
    scene.is_born(1)
    scene.is_well()
    assert chattering(scene) == [(DOOR, "firing")]
