"""What joins an incident changes it: another hazard, a graver one, or news that came late."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.names import Names
from cloud.domain.tasks.task import ResolutionReason, TaskState
from schemas.hazards import Severity
from tests.fakes.estate import description, raised

LATE = {"age": 7200.0, "backlog": True}


def held_open_for_ten_minutes(scene):
    scene.rings("access.held-open", "b1/door", severity=Severity.MINOR)
    scene.clock.advance(minutes=10)
    before = len(scene.told())
    scene.rings("access.held-open", "b1/door", severity=Severity.MAJOR)
    return scene.told()[before:]


def test_who_answers_for_a_door_is_told_when_it_becomes_graver(scene):
    assert held_open_for_ten_minutes(scene) == [("property", "severity_risen")]
    task = scene.only_task()
    assert task.severity is Severity.MAJOR
    (line,) = [line for line in scene.incident(task).timeline if line.kind == "incident.severity-risen"]
    assert line.text == Names("严重程度由轻微升为严重", "severity rose from minor to major")


def test_who_is_on_it_stays_on_it_when_it_becomes_graver(scene):
    scene.rings("access.held-open", "b1/door", severity=Severity.MINOR)
    scene.acknowledge("guard")
    scene.rings("access.held-open", "b1/door", severity=Severity.MAJOR)
    assert scene.only_task().state is TaskState.ACKNOWLEDGED
    assert ("property", "severity_risen") in scene.told()
    again = len(scene.told())
    scene.rings("access.held-open", "b1/door", severity=Severity.MAJOR)
    assert len(scene.told()) == again, "no graver than before"


def test_where_the_matrix_has_another_duty_for_graver_alarms_its_party_is_asked(scene):
    plain = description()
    access = next(duty for duty in plain.duties if duty.id == "access")
    (committee,) = [ref for duty in plain.duties if duty.id == "lift-entrapment" for ref in duty.observers]
    graver = replace(access, id="access-major", severity=Severity.MAJOR, leads=(committee,))
    LoadEstate(scene.units, scene.clock)(replace(plain, duties=(*plain.duties, graver)))
    scene.rings("access.held-open", "b1/door", severity=Severity.MINOR)
    assert scene.only_task().responsible.id == "property"
    scene.acknowledge("guard")
    scene.rings("access.held-open", "b1/door", severity=Severity.MAJOR)
    task = scene.only_task()
    assert (task.responsible.id, task.state) == ("committee", TaskState.NEW)
    assert ("committee", "worsened") in scene.told()


def test_a_graver_alarm_that_reopens_a_matter_asks_the_party_of_the_graver_duty(scene):
    plain = description()
    access = next(duty for duty in plain.duties if duty.id == "access")
    (committee,) = [ref for duty in plain.duties if duty.id == "lift-entrapment" for ref in duty.observers]
    graver = replace(access, id="access-major", severity=Severity.MAJOR, leads=(committee,))
    LoadEstate(scene.units, scene.clock)(replace(plain, duties=(*plain.duties, graver)))
    number = scene.rings("access.held-open", "b1/door", severity=Severity.MINOR)
    scene.acknowledge("guard")
    scene.falls_quiet("access.held-open", "b1/door", number)
    scene.act.resolve(scene.only_task().id, "guard", ResolutionReason.FIXED)
    scene.rings("access.held-open", "b1/door", severity=Severity.MAJOR)
    assert scene.only_task().responsible.id == "committee"


def test_a_worse_hazard_that_came_late_takes_the_task_along_and_calls_nobody(scene):
    scene.rings("lift.door-fault", "b1/lift-1", mono=10_000.0)
    scene.acknowledge("technician")
    before = scene.told()
    scene.send(raised("lift.entrapment", "b1/lift-1", 50, mono=10_000.0 - 7_200.0), **LATE)
    task = scene.only_task()
    assert (task.hazard, task.life_safety, task.late) == ("lift.entrapment", True, True)
    assert task.state is TaskState.ACKNOWLEDGED
    assert task.opened_at == scene.clock.now() - timedelta(hours=2)
    assert scene.told() == before
    with scene.units.reading() as uow:
        kept = uow.tasks.get(task.id)
    assert (kept.hazard, kept.duty.id) == ("lift.entrapment", "lift-entrapment")
    assert kept.ttr.due_at == scene.clock.now() + kept.duty.ttr
    assert "incident.late-news" in scene.kinds(task)


def test_what_was_calling_goes_on_calling_when_worse_news_comes_late(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.send(raised("lift.entrapment", "b1/lift-1", 50), **LATE)
    assert scene.only_task().next_step_at is not None


def test_late_life_safety_opens_a_closed_matter_again_without_calling(scene):
    number = scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    task_id = scene.only_task().id
    scene.falls_quiet("lift.door-fault", "b1/lift-1", number)
    scene.act.resolve(task_id, "technician", ResolutionReason.FIXED)
    scene.passes(minutes=6)
    scene.act.close(task_id, "manager")
    before = scene.told()
    scene.send(raised("lift.entrapment", "b1/lift-1", 50), **LATE)
    task = scene.only_task()
    assert (task.state, task.late, task.life_safety, task.next_step_at) == (TaskState.NEW, True, True, None)
    assert scene.told() == before


@pytest.mark.parametrize("hazard", ["lift.entrapment", "lift.unintended-movement"])
def test_a_new_alarm_calls_for_what_had_only_been_late_news(scene, hazard):
    scene.send(raised("lift.entrapment", "b1/lift-1", 50), **LATE)
    assert scene.told() == []
    scene.rings(hazard, "b1/lift-1")
    assert ("lift-firm", "asked_to_lead") in scene.told()
    assert scene.only_task().next_step_at is not None
