"""What false alarms are counted from is the same wherever the state lives."""

from __future__ import annotations

from datetime import timedelta

from cloud.application.incidents.watch_false_alarms import FAULT, ORIGIN, WatchFalseAlarms
from cloud.domain.incidents.false_alarms import FalseAlarm
from cloud.domain.tasks.task import ResolutionReason as Why
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene


def an_alarm(scene, why):
    number = scene.rings("fire.smoke", "b1/smoke-1", mono=100.0 + (scene.clock.now() - START).total_seconds())
    task = next(one for one in scene.board() if one.life_safety)
    scene.act.acknowledge(task.id, "watch")
    scene.act.start(task.id, "watch")
    scene.photographs(task.id, "watch", raw=f"{number}".encode())
    scene.act.resolve(task.id, "watch", why)
    scene.falls_quiet("fire.smoke", "b1/smoke-1", number)
    scene.clock.advance(minutes=10)
    scene.act.close(task.id, "manager")
    scene.clock.advance(days=1)
    return task.incident_id


def test_false_alarms_that_two_people_closed_and_when_their_fault_was_dealt_with(units):
    scene = Scene(units)
    watch = WatchFalseAlarms(units, scene.clock, scene.ids)
    found = [an_alarm(scene, why) for why in (Why.FALSE_ALARM, Why.FIXED, Why.FALSE_ALARM, Why.FALSE_ALARM)]
    with units.reading() as uow:
        false = list(uow.alerts.false_alarms(ESTATE, START))
        assert [one.incident_id for one in false] == [found[0], *found[2:]]
        assert false[0] == FalseAlarm(found[0], "b1/smoke-1", "b1-node", START)
        late = START + timedelta(days=1)
        assert [one.incident_id for one in uow.alerts.false_alarms(ESTATE, late)] == found[2:]
        assert list(uow.alerts.false_alarms("elsewhere", START)) == []
    assert watch() == 1
    (fault,) = scene.board()
    scene.act.acknowledge(fault.id, "guard")
    with units.reading() as uow:
        assert uow.alerts.last_ended(ESTATE, FAULT, ORIGIN) == {}
    scene.act.resolve(fault.id, "guard", Why.FIXED)
    assert watch() == 0
    scene.act.close(fault.id, "manager")
    assert watch() == 1
    with units.reading() as uow:
        assert uow.alerts.last_ended(ESTATE, FAULT, ORIGIN) == {"b1/smoke-1": scene.clock.now()}
        assert uow.alerts.last_ended(ESTATE, FAULT, "elsewhere") == {}
