"""A change of the clock neither silences a ladder nor closes anything for ever (governance.md; docs/adr/0014)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.adapters.sql.last_moment import last_moment
from cloud.application.incidents.watch_clock import WatchClock
from cloud.domain.incidents.report import Concern
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.task import ResolutionReason as Why
from tests.fakes.clocks import MachineClock, MachineThatIsSet
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state


@pytest.fixture
def engine(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield engine
    engine.dispose()


@pytest.fixture
def scene(engine):
    clock = MachineClock(MachineThatIsSet())
    return Scene(SqlUnitsOfWork(engine), clock=clock, doubted_until=clock.system.doubted_until)


def watch(scene):
    return WatchClock(scene.units, scene.clock.system, scene.ids)


def sheets(scene, *, minutes):
    """Call sheets within the next so many real minutes."""
    before = scene.told().count(("lift-firm", "call_sheet"))
    for _ in range(minutes):
        scene.passes(minutes=1)
    return scene.told().count(("lift-firm", "call_sheet")) - before


def reported_and_claimed(scene):
    scene.is_reported(Concern.DOOR_OPEN, "b1/door")
    task = scene.only_task().id
    scene.act.acknowledge(task, "guard")
    scene.act.resolve(task, "guard", Why.FIXED)


def test_a_clock_set_back_by_an_hour_silences_no_ladder(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    assert sheets(scene, minutes=10) >= 3
    scene.clock.machine.is_set(hours=-1)
    assert sheets(scene, minutes=55) >= 20, "every two minutes, and a tenth more"


def test_a_restart_after_the_clock_was_set_back_silences_no_ladder(scene, engine):
    scene.rings("lift.entrapment", "b1/lift-1")
    sheets(scene, minutes=10)
    machine = scene.clock.machine
    machine.is_set(hours=-1)
    clock = MachineClock(machine)
    clock.system.goes_on_from(last_moment(engine))
    again = Scene(scene.units, load=False, clock=clock)
    again.ids._count = scene.ids._count
    assert sheets(again, minutes=10) >= 3


def test_after_a_start_that_goes_back_by_more_than_a_day_whatever_waits_is_called_anew(scene, engine):
    machine = scene.clock.machine
    machine.is_set(days=400)
    scene.rings("lift.entrapment", "b1/lift-1")
    sheets(scene, minutes=10)
    machine.is_set(days=-400)
    clock = MachineClock(machine)
    clock.system.goes_on_from(last_moment(engine))
    again = Scene(scene.units, load=False, clock=clock)
    again.ids._count = scene.ids._count
    assert sheets(again, minutes=10) == 0, "all of it is due in more than a year"
    watch(again)()
    assert sheets(again, minutes=10) >= 3


def comes_back(scene, engine):
    """The cloud starts again with the right clock, which is more than a day behind, and looks at it."""
    machine = scene.clock.machine
    machine.is_set(days=-400)
    clock = MachineClock(machine)
    clock.system.goes_on_from(last_moment(engine))
    again = Scene(scene.units, load=False, clock=clock)
    again.ids._count = scene.ids._count
    watch(again)()
    return again


def of(scene, hazard):
    return next(task for task in scene.board() if task.hazard == hazard)


def test_then_a_fire_without_a_word_from_the_site_is_presumed_within_three_minutes(scene, engine):
    scene.clock.machine.is_set(days=400)
    scene.rings("fire.smoke", "b1/smoke-1")
    again = comes_back(scene, engine)
    again.passes(minutes=3)
    assert of(again, "fire.presumed").state == "new"


def test_then_who_does_not_answer_has_declined_in_its_time_and_the_next_is_asked(scene, engine):
    scene.clock.machine.is_set(days=400)
    scene.rings("lift.entrapment", "b1/lift-1")
    again = comes_back(scene, engine)
    again.passes(minutes=3)
    parts = {part.party.id: (part.role, part.state) for part in of(again, "lift.entrapment").assignments}
    assert parts["lift-firm"] == ("lead", "expired")
    assert ("property", "asked_to_lead") in again.told()


def test_then_the_others_join_a_report_after_three_minutes(scene, engine):
    scene.clock.machine.is_set(days=400)
    scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    again = comes_back(scene, engine)
    again.passes(minutes=3)
    assert ("lift-firm", "asked_to_lead") in again.told()


def test_then_who_has_accepted_and_is_not_there_in_its_time_is_overdue(scene, engine):
    scene.clock.machine.is_set(days=400)
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.acknowledge("technician")
    again = comes_back(scene, engine)
    again.passes(minutes=29)
    assert Kind.PART_OVERDUE not in again.kinds(of(again, "lift.entrapment"))
    again.passes(minutes=1)
    assert Kind.PART_OVERDUE in again.kinds(of(again, "lift.entrapment"))


def test_then_a_sounder_is_muted_for_a_quarter_of_an_hour_and_no_longer(scene, engine):
    scene.clock.machine.is_set(days=400)
    scene.rings("fire.smoke", "b1/smoke-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "watch")
    scene.act.start(task, "watch")
    scene.verify.mute(task, "watch")
    again = comes_back(scene, engine)
    again.passes(minutes=15)
    assert of(again, "fire.smoke").muted_until is None


def test_then_a_claim_about_a_life_is_looked_after_and_can_be_closed(scene, engine):
    scene.clock.machine.is_set(days=400)
    number = scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.act.start(task, "technician")
    scene.falls_quiet("lift.entrapment", "b1/lift-1", number)
    scene.act.resolve(task, "technician", Why.FIXED)
    scene.verify.look(task, "guard")
    again = comes_back(scene, engine)
    again.passes(minutes=5)
    assert ("property", "verify") in again.told()
    assert again.act.close(task, "manager").state == "closed"


def test_then_what_time_alone_closes_is_closed_when_it_would_have_been(scene, engine):
    scene.clock.machine.is_set(days=400)
    reported_and_claimed(scene)
    task = scene.only_task().id
    again = comes_back(scene, engine)
    for _ in range(7 * 24 - 1):
        again.passes(hours=1)
        assert any(one.id == task for one in again.board()), "its reporter has seven days from now"
    again.passes(hours=1)
    assert task in {one.id for one in again.over()}


def test_a_second_alarm_after_the_clock_was_set_back_finds_the_incident_that_is_open(scene):
    """Ids are made of the clock, and the latest of them is the incident that a new alarm joins."""
    number = scene.rings("access.held-open", "b1/door")
    scene.falls_quiet("access.held-open", "b1/door", number)
    scene.passes(minutes=2)
    scene.passes(minutes=30)
    scene.rings("access.held-open", "b1/door")
    open_one = scene.only_task()
    scene.clock.machine.is_set(hours=-1)
    scene.rings("access.forced-open", "b1/door")
    assert scene.only_task().incident_id == open_one.incident_id
    assert scene.only_task().hazard == "access.forced-open"


def test_a_clock_set_forward_by_days_closes_nothing_for_ever_within_the_hour(scene):
    reported_and_claimed(scene)
    scene.clock.machine.is_set(days=8)
    scene.timers()
    scene.passes(minutes=59)
    assert scene.only_task().state == "resolved"
    scene.passes(minutes=2)
    assert scene.over()[0].state == "closed", "nobody has put it right: so much time has passed"


def test_put_right_within_the_hour_nothing_was_closed_until_it_is_due(scene):
    reported_and_claimed(scene)
    scene.clock.machine.is_set(days=8)
    scene.passes(minutes=10)
    scene.clock.machine.is_set(days=-8)
    for _ in range(6 * 24):
        scene.passes(hours=1)
    assert scene.only_task().state == "resolved"


def test_what_is_due_for_people_is_not_held_back_by_doubt(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.clock.machine.is_set(hours=3)
    assert sheets(scene, minutes=10) >= 3


def test_each_step_is_on_the_record_once_and_the_operator_has_a_task_until_time_is_right(scene):
    look = watch(scene)
    assert look() is None
    scene.clock.machine.is_set(hours=-1)
    assert "set back" in look()
    assert look() is not None
    (entry,) = [one for one in scene.ledger() if one.kind == Kind.CLOCK_STEPPED]
    assert (entry.data["seconds"], entry.actor) == (-3600, "clock")
    task = scene.only_task()
    assert (task.hazard, task.firing) == ("node.clock-untrusted", 1)
    scene.clock.advance(hours=12)
    assert look() is None
    assert scene.only_task().firing == 0


def test_a_step_that_could_not_be_told_is_told_later(scene):
    """Another process has told it in the meantime, or this one has died before: it is one fact all the same."""
    scene.clock.machine.is_set(hours=-1)
    steps = scene.clock.system.take_steps()
    for _ in range(2):
        other = watch(scene)
        other._untold = list(steps)
        other()
    assert [one.kind for one in scene.ledger()].count(Kind.CLOCK_STEPPED) == 1


def test_a_start_after_a_night_is_no_step(scene, engine):
    scene.rings("access.held-open", "b1/door")
    scene.clock.machine.passes(hours=9)
    clock = MachineClock(scene.clock.machine)
    clock.system.goes_on_from(last_moment(engine))
    assert WatchClock(scene.units, clock.system, scene.ids)() is None
    assert not [one for one in scene.ledger() if one.kind == Kind.CLOCK_STEPPED]
    assert clock.system.doubted_until() == clock.now() + timedelta(hours=1)


class Looked:
    """Units of work that count how often somebody looks."""

    def __init__(self, units):
        self._units, self.times = units, 0

    def reading(self):
        self.times += 1
        return self._units.reading()

    def writing(self):
        return self._units.writing()


def test_while_the_clock_is_right_it_is_hardly_looked_at_the_storage(scene):
    units = Looked(scene.units)
    look = WatchClock(units, scene.clock.system, scene.ids)
    for _ in range(120):
        assert look() is None
        scene.clock.advance(seconds=1)
    assert units.times == 2
    scene.clock.machine.is_set(hours=-1)
    assert "set back" in look()
    assert scene.only_task().firing == 1, "a step is told at once"


def test_what_a_process_that_died_left_behind_ends_with_the_first_look(scene, engine):
    scene.clock.machine.is_set(hours=-1)
    watch(scene)()
    scene.clock.machine.is_set(hours=1)
    scene.clock.machine.passes(hours=2)
    clock = MachineClock(scene.clock.machine)
    WatchClock(scene.units, clock.system, scene.ids)()
    assert scene.only_task().firing == 0


def test_what_another_process_left_behind_ends_within_a_minute(scene):
    mine = watch(scene)
    mine()
    machine = MachineThatIsSet()
    other = MachineClock(machine)
    machine.is_set(hours=-1)
    WatchClock(scene.units, other.system, scene.ids)()
    assert scene.only_task().firing == 1
    scene.clock.advance(seconds=61)
    mine()
    assert scene.only_task().firing == 0
