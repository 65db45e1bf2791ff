"""When one detector keeps raising false alarms it goes into `fire.detector-fault` (governance.md, What happens when)."""

from __future__ import annotations

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.incidents.watch_false_alarms import WatchFalseAlarms
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.errors import NotAllowed
from tests.fakes.clocks import START
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

DETECTOR = "b1/smoke-1"


@pytest.fixture
def scene(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Scene(SqlUnitsOfWork(engine))
    engine.dispose()


@pytest.fixture
def watch(scene):
    return WatchFalseAlarms(scene.units, scene.clock, scene.ids)


def an_alarm(scene, why=Why.FALSE_ALARM, equipment=DETECTOR):
    """It is raised, seen to by two people, and closed for that reason."""
    mono = 100.0 + (scene.clock.now() - START).total_seconds()
    number = scene.rings("fire.smoke", equipment, mono=mono)
    task = next(one for one in scene.board() if one.life_safety)
    scene.act.acknowledge(task.id, "watch")
    scene.act.start(task.id, "watch")
    scene.photographs(task.id, "watch", raw=f"{number}".encode())
    scene.act.resolve(task.id, "watch", why)
    scene.falls_quiet("fire.smoke", equipment, number)
    scene.clock.advance(minutes=10)
    scene.act.close(task.id, "manager")
    scene.clock.advance(days=2)
    return task


def faults(scene):
    return [task for task in scene.board() if task.hazard == "fire.detector-fault"]


def test_the_third_false_alarm_within_thirty_days_is_a_fault_of_the_detector_with_them_as_evidence(scene, watch):
    alarms = [an_alarm(scene) for _ in range(2)]
    assert (watch(), faults(scene)) == (0, [])
    alarms.append(an_alarm(scene))
    assert watch() == 1
    (fault,) = faults(scene)
    assert fault.severity == "minor", "it detects still"
    assert fault.responsible.id == "property", "no fire maintainer serves this estate"
    (told,) = [one for one in scene.ledger() if one.kind == Kind.FALSE_ALARMS_COUNTED]
    assert told.data["incidents"] == [task.incident_id for task in alarms]
    (line,) = [line for line in scene.incident(fault).timeline if line.kind == Kind.FALSE_ALARMS_COUNTED]
    assert line.text.zh.startswith("烟感1在 30 天内误报 3 次")
    assert line.text.en.startswith("Detector 1 raised 3 false alarms within 30 days")


def test_it_is_raised_once_and_again_only_after_it_was_dealt_with_and_there_are_new_ones(scene, watch):
    for _ in range(3):
        an_alarm(scene)
    assert (watch(), watch()) == (1, 0)
    an_alarm(scene)
    assert (watch(), len(faults(scene))) == (0, 1), "one more changes nothing"
    (fault,) = faults(scene)
    scene.act.acknowledge(fault.id, "guard")
    scene.act.resolve(fault.id, "guard", Why.FIXED)
    assert watch() == 0, "one person says so"
    scene.clock.advance(minutes=10)
    scene.act.close(fault.id, "manager")
    assert (watch(), watch()) == (1, 0), "the same false alarms are not held against it twice"
    scene.clock.advance(hours=1)
    for _ in range(2):
        an_alarm(scene)
    assert watch() == 0
    an_alarm(scene)
    assert (watch(), len(faults(scene))) == (1, 1)


def test_who_says_that_the_detector_was_dealt_with_never_closes_it_alone(scene, watch):
    for _ in range(3):
        an_alarm(scene)
    watch()
    (fault,) = faults(scene)
    scene.act.acknowledge(fault.id, "guard")
    scene.act.resolve(fault.id, "guard", Why.FIXED)
    watch()
    scene.passes(days=1)
    assert [tick.need.value for tick in scene.incident(fault).ticks] == ["independent"]
    with pytest.raises(NotAllowed, match="never verifies it alone"):
        scene.act.close(fault.id, "guard")
    (alert,) = scene.queries.alerts("example", None)
    assert alert.state == "firing"
    assert scene.act.close(fault.id, "manager").state == "closed"
    watch()
    assert scene.queries.alerts("example", None) == []


def test_a_fault_from_before_waits_for_no_sensor_that_never_spoke(scene, watch):
    """Its task was kept as one of a sensor's; nothing would ever have fallen quiet."""
    for _ in range(3):
        an_alarm(scene)
    watch()
    (fault,) = faults(scene)
    with scene.units.writing() as uow:
        task = uow.tasks.get(fault.id)
        task.sensed = True
        uow.tasks.save(task)
        uow.commit()
    scene.act.acknowledge(fault.id, "guard")
    scene.act.resolve(fault.id, "guard", Why.FIXED)
    watch()
    assert scene.act.close(fault.id, "manager").state == "closed"
    assert watch() == 1


def test_it_lasts_until_a_person_has_dealt_with_it_whatever_time_passes(scene, watch):
    for _ in range(3):
        an_alarm(scene)
    watch()
    scene.passes(days=40)
    assert (watch(), len(faults(scene))) == (0, 1)


def test_what_was_no_false_alarm_an_exercise_or_long_ago_does_not_count(scene, watch):
    an_alarm(scene)
    scene.clock.advance(days=29)
    an_alarm(scene)
    an_alarm(scene, Why.FIXED)
    an_alarm(scene, equipment="b1/smoke-2")
    number = scene.rings("fire.smoke", DETECTOR, mode="exercise")
    scene.falls_quiet("fire.smoke", DETECTOR, number)
    assert watch() == 0


def test_no_life_safety_alarm_of_the_detector_is_hidden_for_it(scene, watch):
    for _ in range(3):
        an_alarm(scene)
    watch()
    scene.rings("fire.smoke", DETECTOR)
    (fire,) = [task for task in scene.board() if task.life_safety]
    assert (fire.firing, fire.state.value) == (1, "new")
    assert scene.incident(fire).alerts[0].state == "firing"
    assert ("fire-room", "asked_to_lead") in scene.told()
