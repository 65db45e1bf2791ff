"""Quiet is said of an incident only when nothing of it fires that anybody still knows of."""

import pytest

from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.errors import Conflict
from tests.fakes.estate import occurrence


def test_a_detector_that_was_lost_track_of_does_not_vouch_for_another_that_fires(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    other = scene.rings("fire.smoke", "b1/smoke-2")
    scene.clock.advance(minutes=1)
    scene.is_born(1, (other, "fire.smoke", "b1/smoke-2"))
    standing = {"occurrence": occurrence(other), "rule": "r", "hazard": "fire.smoke", "severity": "critical"}
    scene.is_well(active=[{**standing, "equipment": "b1/smoke-2"}])
    task_id = scene.only_task().id
    scene.act.acknowledge(task_id, "watch")
    scene.act.start(task_id, "watch")
    scene.photographs(task_id, "watch")
    scene.act.resolve(task_id, "watch", Why.FALSE_ALARM)
    scene.passes(hours=1)
    with pytest.raises(Conflict, match="quiet"):
        scene.act.close(task_id, "manager")
    scene.falls_quiet("fire.smoke", "b1/smoke-2", other)
    scene.passes(minutes=5)
    assert scene.act.close(task_id, "manager").state == "closed"


def test_a_door_that_its_fire_hides_is_not_said_to_be_shut(scene):
    held = scene.rings("access.held-open", "b1/door")
    scene.rings("access.forced-open", "b1/door")
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.falls_quiet("access.held-open", "b1/door", held)
    scene.passes(minutes=10)
    door = next(task for task in scene.board() if task.hazard == "access.forced-open")
    assert (door.state, door.firing, door.quiet_since) == ("new", 1, None)
    assert "incident.quiet" not in scene.kinds(door)


@pytest.mark.parametrize("why", [Why.FIXED, Why.FALSE_ALARM, Why.NOT_ACTIONABLE])
def test_no_person_edits_an_alert(scene, why):
    """What people claim is about the task; what a sensor says is its own to take back."""
    number = scene.rings("access.forced-open", "b1/door")
    task_id, incident = scene.only_task().id, scene.only_task().incident_id

    def alert():
        (found,) = scene.queries.incident(incident, None).alerts
        return found

    before = alert()
    for deed in (scene.act.acknowledge, scene.act.start):
        deed(task_id, "guard")
    scene.act.resolve(task_id, "guard", why)
    assert alert() == before
    if why is not Why.FIXED:
        assert scene.act.close(task_id, "manager").state == "closed"
        assert alert() == before
    scene.falls_quiet("access.forced-open", "b1/door", number)
    assert alert().state == "resolved"
