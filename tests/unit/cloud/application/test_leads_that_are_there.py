"""Who is there and says nothing more is reminded, then asked again: that somebody arrived ends neither (governance.md, Vertical)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.application.tasks.record_call import RecordCall
from cloud.domain.community.work_calendar import Running
from cloud.domain.records.notification import Reason
from cloud.domain.tasks.actions import allowed_actions
from cloud.domain.tasks.assignment import AssignmentState
from cloud.domain.tasks.dialling import Outcome
from cloud.domain.tasks.due import next_due
from cloud.domain.tasks.task import ResolutionReason, TaskState
from cloud.domain.tasks.transitions import begin_again
from cloud.errors import Conflict, NotAllowed
from tests.fakes.estate import description
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene


def there(scene):
    """The lift maintainer is at an entrapment: two hours to have it resolved."""
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.clock.advance(minutes=1)
    scene.acknowledge("technician")
    scene.act.start(scene.only_task().id, "technician")
    return scene.only_task().id


def kept(scene, task_id):
    with scene.units.reading() as uow:
        return uow.tasks.get(task_id)


def reminders(scene, party="lift-firm"):
    return scene.told().count((party, "reminder"))


def test_a_lead_that_is_there_is_reminded_once_when_half_its_time_to_resolve_passed_without_a_sign(scene):
    there(scene)
    scene.passes(minutes=59, seconds=59)
    assert reminders(scene) == 0
    scene.passes(seconds=1)
    assert reminders(scene) == 1
    scene.passes(minutes=30)
    assert (reminders(scene), scene.only_task().state) == (1, TaskState.IN_PROGRESS)


def test_at_the_whole_of_it_its_acknowledgement_decays_and_the_ladder_resumes(scene):
    task = there(scene)
    answered = scene.only_task().acknowledged_at
    scene.passes(minutes=60)
    scene.passes(minutes=60)
    assert scene.only_task().state is TaskState.NEW
    assert ("lift-firm", "decayed") in scene.told()
    assert scene.only_task().acknowledged_at == answered, "the first answer stays the fact it was"
    assert (scene.only_task().clocks[0].kind, scene.only_task().clocks[0].met_at) == ("tto", answered)
    assert scene.only_task().responsible.id == "lift-firm"
    sheets = scene.told().count(("lift-firm", "call_sheet"))
    scene.passes(minutes=5)
    assert scene.told().count(("lift-firm", "call_sheet")) > sheets, "96333 is to be called again"
    assert kept(scene, task).bounces[-1].how == "decayed"


@pytest.mark.parametrize("sign", ["note", "photo", "help", "mute", "call"])
def test_any_note_photo_or_deed_of_the_lead_postpones_both(scene, sign):
    task = there(scene)
    scene.passes(minutes=59)
    if sign == "note":
        scene.act.note(task, "technician", "the doors are open, the car stands between floors")
    elif sign == "photo":
        scene.photographs(task, "technician")
    elif sign == "help":
        scene.joint.ask_for_help(task, "technician", ["operator"])
    elif sign == "mute":
        scene.verify.mute(task, "technician")
    else:
        RecordCall(scene.units, scene.clock, scene.ids)(task, "technician", Outcome.REACHED, number="119")
    scene.passes(minutes=59)
    assert reminders(scene) == 0
    scene.passes(minutes=1)
    assert reminders(scene) == 1
    scene.passes(minutes=60)
    assert scene.only_task().state is TaskState.NEW


def test_what_a_supporter_writes_is_no_sign_of_the_lead_that_is_there(scene):
    task = there(scene)
    scene.act.acknowledge(task, "guard")
    scene.passes(minutes=59)
    scene.act.note(task, "guard", "the lobby is crowded")
    scene.passes(minutes=1)
    assert reminders(scene) == 1


def test_who_is_on_site_stays_recorded_when_its_acknowledgement_decays(scene):
    task = there(scene)
    since = kept(scene, task).lead.arrived_at
    scene.passes(hours=2)
    part = kept(scene, task).lead
    assert (part.state, part.present, part.arrived_at) == (AssignmentState.REQUESTED, {"technician"}, since)
    scene.act.acknowledge(task, "foreman")
    scene.act.start(task, "foreman")
    part = kept(scene, task).lead
    assert (part.present, part.arrived_at) == ({"technician", "foreman"}, since), "it was there in time"


def test_nobody_closes_alone_by_a_decay_in_between(scene):
    task = there(scene)
    scene.passes(hours=2)
    with pytest.raises(Conflict):
        scene.act.resolve(task, "technician", ResolutionReason.FIXED)
    with pytest.raises(NotAllowed):
        scene.verify.mute(task, "technician")
    scene.act.acknowledge(task, "foreman")
    scene.act.resolve(task, "foreman", ResolutionReason.FIXED)
    for member in ("technician", "foreman"):
        with pytest.raises((Conflict, NotAllowed)):
            scene.verify.check(task, member)
    assert {"technician", "foreman"} <= kept(scene, task).workers


def test_who_is_there_still_verifies_the_next_round_no_more_than_this_one(scene):
    task = there(scene)
    scene.passes(hours=2)
    held = kept(scene, task)
    held.state = TaskState.RESOLVED
    begin_again(held, scene.clock.now())
    assert held.workers == {"technician"}


def test_who_cannot_come_any_more_is_on_site_no_more(scene):
    task = there(scene)
    scene.passes(hours=2)
    scene.aside.decline(task, "technician")
    part = kept(scene, task).part_of("lift-firm")
    assert (part.state, part.present, part.arrived_at) == (AssignmentState.DECLINED, frozenset(), None)


def test_a_lead_whose_part_is_done_while_the_task_is_not_is_asked_as_well(scene):
    task = there(scene)
    with scene.units.writing() as uow:
        held = uow.tasks.get(task)
        held.lead.finish(scene.clock.now())
        uow.tasks.save(held)
        uow.commit()
    scene.passes(hours=1)
    assert reminders(scene) == 1
    scene.passes(hours=1)
    assert (scene.only_task().state, kept(scene, task).lead.state) == (TaskState.NEW, AssignmentState.REQUESTED)


def test_what_is_on_hold_does_not_decay(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.act.start(task, "technician")
    scene.aside.hold(task, "technician", "waiting-for-parts", scene.clock.now() + timedelta(days=20))
    scene.passes(days=19)
    assert (scene.only_task().state, reminders(scene)) == (TaskState.PENDING, 0)
    scene.passes(days=1)
    assert scene.only_task().state is TaskState.IN_PROGRESS
    scene.passes(hours=12)
    assert reminders(scene) == 1, "its time begins when the wait is over"


def test_it_is_reckoned_in_the_time_in_which_the_duty_works():
    plain = description()
    rows = [replace(row, running=Running.WORKING_HOURS) if row.id == "access" else row for row in plain.duties]
    scene = Scene(estate=replace(plain, duties=tuple(rows)))
    scene.rings("access.forced-open", "b1/door")
    task = scene.only_task().id
    scene.act.acknowledge(task, "guard")
    scene.act.start(task, "guard")
    held = kept(scene, task)
    assert held.remind_at == held.duty.after(held.active_at, timedelta(hours=1))
    assert held.decay_at == held.duty.after(held.active_at, timedelta(hours=2))
    assert held.duty.calendar is not None


def test_no_open_task_that_is_not_resolved_is_without_a_moment(scene):
    task = there(scene)
    for _ in range(48):
        assert next_due(kept(scene, task)) is not None
        scene.passes(minutes=15)
    assert sum(reason == "reminder" for _, reason in scene.told()) >= 1


def test_the_lead_is_told_what_to_do(scene):
    there(scene)
    scene.passes(hours=1)
    with scene.units.reading() as uow:
        told = [one for one in uow.outbox.unsent(scene.clock.now(), 10_000) if one.reason is Reason.REMINDER]
    assert "say how it stands, or hand over" in told[-1].words.en
    assert "说明进展或移交" in told[-1].words.zh
    held = kept(scene, scene.only_task().id)
    with scene.units.reading() as uow:
        technician = uow.registers.member("technician")
    assert {"note", "transfer", "resolve"} <= set(allowed_actions(held, technician, scene.clock.now()))
    last = scene.incident(scene.only_task()).timeline[-1]
    assert "no sign of work" in last.text.en
    assert "无进展" in last.text.zh


def test_an_arbiter_is_offered_only_whom_it_may_name():
    scene = Scene(estate=neighbourhood("street"))
    scene.rings("fire.smoke", "b1/smoke-1")
    task = scene.only_task()
    scene.aside.decline(task.id, "watch")
    scene.aside.decline(task.id, "guard")
    officer = scene.identity("officer")
    offered = {one.id for one in scene.queries.incident(task.incident_id, officer).nameable}
    assert not {"grid", "committee"} & offered
    assert {"micro-station", "property", "street"} <= offered
    for party in sorted(offered - {"micro-station"}):
        again = Scene(estate=neighbourhood("street"))
        again.rings("fire.smoke", "b1/smoke-1")
        again.aside.decline(again.only_task().id, "watch")
        again.aside.decline(again.only_task().id, "guard")
        again.joint.arbitrate(again.only_task().id, "officer", party, "they are near")
    assert not scene.queries.incident(task.incident_id, None).nameable
