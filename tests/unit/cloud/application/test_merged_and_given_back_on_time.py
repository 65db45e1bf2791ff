"""Merged, or given back: whatever waited for its moment before waits no longer than it would have (governance.md, What happens when)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.domain.incidents.report import Concern
from cloud.domain.tasks.fire import WITHOUT_WORD
from cloud.domain.tasks.merging import Pair, merge
from cloud.domain.tasks.unmerging import unmerge
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene


@pytest.fixture
def scene():
    return Scene(estate=neighbourhood("street"))


def kept(scene, task_id):
    with scene.units.reading() as uow:
        return uow.tasks.get(task_id)


def another(scene, than):
    return next(task.id for task in scene.board() if task.id != than)


def of_one_place(scene, ends_id, stays_id):
    """Both tasks, and their incidents as though they were about one thing, as some of before that was asked for are."""
    with scene.units.reading() as uow:
        ends, stays = uow.tasks.get(ends_id), uow.tasks.get(stays_id)
        source, target = uow.incidents.get(ends.incident_id), uow.incidents.get(stays.incident_id)
        register, officer = uow.registers.find("example"), uow.registers.member("officer")
    return ends, stays, officer, Pair(source, replace(target, equipment_id=source.equipment_id), register)


def two_alarms(scene):
    """Of two buildings, a minute apart; people were called to both, and nobody is there."""
    scene.rings("fire.smoke", "b1/smoke-1")
    first = scene.only_task().id
    scene.clock.advance(minutes=1)
    scene.rings("fire.smoke", "b2/door")
    return first, another(scene, first)


@pytest.mark.parametrize("order", ["later into earlier", "earlier into later"])
def test_the_site_of_merged_fire_alarms_has_until_the_earlier_of_their_moments_for_a_word(scene, order):
    first, second = two_alarms(scene)
    pair = (second, first) if order == "later into earlier" else (first, second)
    ends, stays, officer, matters = of_one_place(scene, *pair)
    due = kept(scene, first).presume_at
    assert due is not None
    assert due < kept(scene, second).presume_at
    merge(ends, stays, officer, scene.clock.now(), pair=matters, whistles=True)
    assert (stays.presume_at, ends.presume_at) == (due, None)


def test_a_fire_alarm_that_is_given_back_is_presumed_a_fire_when_it_would_have_been(scene):
    first, second = two_alarms(scene)
    ends, stays, officer, matters = of_one_place(scene, first, second)
    merge(ends, stays, officer, scene.clock.now(), pair=matters, whistles=True)
    later = scene.clock.advance(minutes=1)
    unmerge(ends, stays, officer, later, whistles=True)
    assert ends.presume_at == ends.opened_at + WITHOUT_WORD


def test_nothing_is_presumed_of_a_fire_alarm_that_is_given_back_with_somebody_at_its_site(scene):
    first, second = two_alarms(scene)
    scene.act.acknowledge(first, "watch")
    scene.act.start(first, "watch")
    ends, stays, officer, matters = of_one_place(scene, first, second)
    merge(ends, stays, officer, scene.clock.now(), pair=matters, whistles=True)
    unmerge(ends, stays, officer, scene.clock.advance(minutes=1), whistles=True)
    assert ends.presume_at is None


def test_a_report_that_is_given_back_unconfirmed_waits_for_the_others_no_longer(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    sensed = scene.only_task().id
    scene.is_reported(Concern.TRAPPED, "b1/lift-2")
    report = another(scene, sensed)
    ends, stays, officer, matters = of_one_place(scene, report, sensed)
    merge(ends, stays, officer, scene.clock.now(), pair=matters, whistles=True)
    assert ends.others_at is None
    later = scene.clock.advance(minutes=2)
    unmerge(ends, stays, officer, later, whistles=True)
    assert ends.others_at == later, "who would have heard of it meanwhile is not known: everybody is called"


def disputed(scene):
    """A door fault that the maintainer and then the property decline to lead, and another of the lift beside it."""
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    scene.aside.decline(task, "technician", "the contract ended")
    scene.aside.decline(task, "guard", "lifts are the maintainer's")
    scene.rings("lift.door-fault", "b1/lift-2")
    return task, another(scene, task)


def test_what_was_merged_is_nobodys_to_decide_on_and_is_given_back_without_the_dispute(scene):
    first, second = disputed(scene)
    assert kept(scene, first).arbitration.open
    scene.merge(first, "officer", second)
    dispute = kept(scene, first).arbitration
    assert (dispute.open, dispute.clock.met_at, dispute.lead_id) == (False, scene.clock.now(), None)
    scene.clock.advance(hours=1)
    scene.merge.undo(first, "officer")
    scene.timers()
    shown = scene.queries.task(first, None)
    assert "task.arbiter-overdue" not in scene.kinds(shown), "nobody waited for the arbiter while it was merged"


def test_a_wait_that_ends_with_the_merger_brings_what_was_left_and_no_deadline_that_was_over_meanwhile(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    waits = scene.only_task().id
    scene.act.acknowledge(waits, "technician")
    limit = kept(scene, waits).duty.ttr
    scene.aside.hold(waits, "technician", "waiting-for-parts", scene.clock.now() + timedelta(days=30))
    scene.clock.advance(days=20)
    scene.rings("lift.door-fault", "b1/lift-2")
    second = another(scene, waits)
    scene.act.acknowledge(second, "technician")
    scene.passes(hours=1)
    now = scene.clock.now()
    scene.merge(waits, "officer", second)
    stays = kept(scene, second)
    assert stays.ttr.due_at == now + limit - timedelta(hours=1), "its own is the earlier one"
    assert stays.lead.finish_by == stays.ttr.due_at
    assert stays.ladder.due_at is not None
    assert stays.ladder.due_at > now
    scene.clock.advance(days=1)
    scene.merge.undo(waits, "officer")
    back = kept(scene, waits)
    assert (back.state, back.ttr.paused_at, back.ttr.due_at) == ("acknowledged", None, now + limit)


def test_what_was_merged_while_its_cause_hid_it_brings_no_request_that_ran_out_meanwhile(scene):
    scene.rings("access.held-open", "b1/door")
    door = scene.only_task().id
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.clock.advance(hours=1)
    scene.rings("access.held-open", "b2/door")
    other = next(task.id for task in scene.board() if task.hazard == "access.held-open" and task.id != door)
    scene.merge(door, "officer", other)
    scene.passes(minutes=9)
    lead = kept(scene, other).lead
    assert (lead.party_id, lead.state) == ("property", "requested")
    scene.passes(minutes=1)
    assert kept(scene, other).lead.state == "expired"
