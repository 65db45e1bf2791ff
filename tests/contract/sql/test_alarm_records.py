"""What the figures of alarm quality are counted from is the same wherever the state lives."""

from __future__ import annotations

from datetime import timedelta

from cloud.domain.incidents.alarm_quality import Judged
from cloud.domain.tasks.task import ResolutionReason as Why
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene


def read(units, start, end):
    with units.reading() as uow:
        return list(uow.alerts.records(ESTATE, start, end))


def test_raises_come_with_what_people_said_of_them(units):
    scene = Scene(units)
    number = scene.rings("fire.smoke", "b1/smoke-1", mono=100.0)
    task = next(one for one in scene.board() if one.life_safety)
    (record,) = read(units, START, START + timedelta(minutes=1))
    assert (record.hazard, record.equipment, record.incident_id) == ("fire.smoke", "b1/smoke-1", task.incident_id)
    assert (record.ended_at, record.answered, record.judged) == (None, False, Judged.NOT_YET)
    scene.act.acknowledge(task.id, "watch")
    scene.act.start(task.id, "watch")
    scene.photographs(task.id, "watch", raw=b"1")
    scene.act.resolve(task.id, "watch", Why.FALSE_ALARM)
    scene.falls_quiet("fire.smoke", "b1/smoke-1", number)
    (claimed,) = read(units, START, START + timedelta(minutes=1))
    assert (claimed.answered, claimed.judged) == (True, Judged.NOT_YET), "a claim is not verified yet"
    scene.clock.advance(minutes=10)
    scene.act.close(task.id, "manager")
    (closed,) = read(units, START, START + timedelta(minutes=1))
    assert closed.judged is Judged.FALSE
    assert closed.ended_at is not None


def test_of_what_was_raised_before_only_what_stood_is_told(units):
    scene = Scene(units)
    number = scene.rings("fire.smoke", "b1/smoke-1", mono=100.0)
    later = scene.clock.now() + timedelta(hours=1)
    end = later + timedelta(hours=1)
    assert len(read(units, later, end)) == 1
    scene.falls_quiet("fire.smoke", "b1/smoke-1", number)
    assert read(units, later, end) == []
    assert read(units, START - timedelta(hours=1), START) == []
    with units.reading() as uow:
        assert list(uow.alerts.records("elsewhere", START, end)) == []
