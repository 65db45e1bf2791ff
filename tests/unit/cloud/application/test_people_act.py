"""What people do with a task, what they may not, and what each deed leaves behind."""

import pytest

from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.assignment import AssignmentState
from cloud.domain.tasks.clock import ClockState
from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound


def clocks(task):
    return {clock.kind: clock.state for clock in task.clocks}


def state_of(task, party):
    return next(a.state for a in task.assignments if a.party.id == party)


def work(scene, hazard="access.forced-open", equipment="b1/door", member="guard", why=Why.FIXED):
    """A hazard is raised, cleared, and a member does the work; the task's id."""
    number = scene.rings(hazard, equipment)
    task = scene.only_task()
    scene.act.acknowledge(task.id, member)
    scene.act.start(task.id, member)
    scene.falls_quiet(hazard, equipment, number)
    if why is Why.FALSE_ALARM:
        scene.photographs(task.id, member)
    scene.act.resolve(task.id, member, why)
    return task.id


def test_acknowledging_by_the_lead_accepts_its_assignment_and_stops_its_clock(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.clock.advance(minutes=1)
    acted = scene.acknowledge("technician")
    task = scene.only_task()
    assert (acted.state, task.state) == ("acknowledged", "acknowledged")
    assert state_of(task, "lift-firm") is AssignmentState.ACCEPTED
    assert clocks(task) == {"tto": ClockState.MET, "ttr": ClockState.ON_TRACK}
    assert acted.allowed == (
        Action.START, Action.RESOLVE, Action.NOTE, Action.DECLINE, Action.TRANSFER, Action.HELP, Action.WISH, Action.MERGE,
    )  # fmt: skip
    assert scene.ledger()[-1].seq == acted.seq


def test_a_supporter_joins_and_the_task_still_waits_for_its_lead(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    acted = scene.acknowledge("manager")
    task = scene.only_task()
    assert acted.state == "new"
    assert state_of(task, "property") is AssignmentState.ACCEPTED
    assert task.responsible.id == "lift-firm"
    assert clocks(task)["tto"] is ClockState.ON_TRACK


def test_an_observer_is_told_and_cannot_take_a_part(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    with pytest.raises(NotAllowed, match="observer"):
        scene.acknowledge("clerk")


def test_a_stranger_has_no_part_and_neither_has_a_resident(scene):
    scene.rings("access.forced-open", "b1/door")
    for member, refusal in (("technician", NotFound), ("watch", NotAllowed), ("neighbour", NotAllowed)):
        with pytest.raises(refusal):
            scene.acknowledge(member)


def test_nobody_acknowledges_twice(scene):
    scene.rings("access.forced-open", "b1/door")
    scene.acknowledge("guard")
    with pytest.raises(Conflict, match="already answered"):
        scene.acknowledge("manager")


def test_starting_means_being_there(scene):
    scene.rings("access.forced-open", "b1/door")
    scene.acknowledge("guard")
    acted = scene.act.start(scene.only_task().id, "guard")
    task = scene.only_task()
    assert acted.state == "in_progress"
    assert state_of(task, "property") is AssignmentState.ARRIVED


def test_work_does_not_start_before_somebody_has_answered(scene):
    scene.rings("access.forced-open", "b1/door")
    with pytest.raises(Conflict, match="accept it first"):
        scene.act.start(scene.only_task().id, "guard")


def test_a_supporter_who_has_not_accepted_cannot_start(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.acknowledge("technician")
    with pytest.raises(Conflict, match="Accept it first"):
        scene.act.start(scene.only_task().id, "guard")


def test_resolved_is_a_claim_and_the_task_stays_open(scene):
    work(scene)
    task = scene.only_task()
    assert (task.state, task.resolution_reason) == ("resolved", "fixed")
    assert clocks(task)["ttr"] is ClockState.MET


def test_only_the_clock_says_self_cleared(scene):
    scene.rings("access.forced-open", "b1/door")
    scene.acknowledge("guard")
    with pytest.raises(Invalid, match="self_cleared"):
        scene.act.resolve(scene.only_task().id, "guard", Why.SELF_CLEARED)


def test_closing_waits_until_the_sensor_was_quiet_for_its_delay(scene):
    task_id = work(scene)
    with pytest.raises(Conflict, match="quiet"):
        scene.act.close(task_id, "guard")
    scene.passes(minutes=2)
    assert scene.act.close(task_id, "guard").state == "closed"
    assert scene.board() == []
    assert [task.id for task in scene.over()] == [task_id]


def test_the_ticks_show_what_is_missing(scene):
    task_id = work(scene, "lift.entrapment", "b1/lift-1", "technician")
    view = scene.incident(scene.only_task())
    assert [(tick.need, tick.done) for tick in view.ticks] == [("independent", False), ("sensor", False)]
    scene.passes(minutes=5)
    assert [(t.need, t.done) for t in scene.incident(scene.only_task()).ticks] == [
        ("independent", False),
        ("sensor", True),
    ]
    scene.act.close(task_id, "manager")
    assert all(tick.done for tick in scene.incident(scene.over()[0]).ticks)


def test_who_did_the_work_never_verifies_it_alone(scene):
    task_id = work(scene, "lift.entrapment", "b1/lift-1", "technician")
    scene.passes(minutes=5)
    with pytest.raises(NotAllowed, match="never verifies it alone"):
        scene.act.close(task_id, "technician")
    scene.act.close(task_id, "foreman")
    assert scene.over()[0].state == "closed"


def test_a_false_alarm_of_life_safety_is_closed_by_two(scene):
    task_id = work(scene, "fire.smoke", "b1/smoke-1", "watch", Why.FALSE_ALARM)
    scene.passes(minutes=10)
    with pytest.raises(NotAllowed):
        scene.act.close(task_id, "watch")
    assert scene.act.close(task_id, "manager").state == "closed"


def test_a_stuck_sensor_does_not_hold_up_a_false_alarm_that_a_second_person_confirms(scene):
    scene.rings("access.forced-open", "b1/door")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "guard")
    scene.act.resolve(task.id, "guard", Why.FALSE_ALARM)
    with pytest.raises(NotAllowed):
        scene.act.close(task.id, "guard")
    assert scene.act.close(task.id, "manager").state == "closed"


def test_life_safety_never_closes_while_its_sensor_fires(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "watch")
    scene.act.start(task.id, "watch")
    scene.photographs(task.id, "watch")
    scene.act.resolve(task.id, "watch", Why.FALSE_ALARM)
    scene.passes(hours=1)
    with pytest.raises(Conflict, match="quiet"):
        scene.act.close(task.id, "manager")


def test_a_person_may_reopen_and_done_parts_are_asked_again_with_fresh_clocks(scene):
    task_id = work(scene)
    scene.clock.advance(minutes=3)
    acted = scene.act.reopen(task_id, "manager")
    task = scene.only_task()
    assert (acted.state, task.reopened_count, task.resolution_reason) == ("new", 1, None)
    assert state_of(task, "property") is AssignmentState.REQUESTED
    assert {clock.started_at for clock in task.clocks} == {scene.clock.now()}


def test_reopening_keeps_who_had_accepted(scene):
    """Whoever claimed it was on site for another party; the lead has its part still."""
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    scene.act.acknowledge(task.id, "guard")
    scene.joint.arrive(task.id, "guard")
    scene.photographs(task.id, "guard")
    scene.act.resolve(task.id, "guard", Why.FALSE_ALARM)
    assert scene.act.reopen(task.id, "technician").state == "acknowledged"
    assert clocks(scene.only_task())["tto"] is ClockState.MET


def test_firing_again_while_resolved_reopens(scene):
    work(scene)
    scene.rings("access.forced-open", "b1/door")
    task = scene.only_task()
    assert (task.state, task.reopened_count, task.quiet_since) == ("new", 1, None)
    assert scene.told()[-1] == ("property", "reopened")


def test_firing_again_within_the_reopen_window_reopens_and_after_it_does_not(scene):
    task_id = work(scene)
    scene.passes(minutes=2)
    scene.act.close(task_id, "guard")
    scene.passes(minutes=29)
    number = scene.rings("access.forced-open", "b1/door")
    assert scene.only_task().id == task_id
    scene.act.acknowledge(task_id, "guard")
    scene.act.resolve(task_id, "guard", Why.FIXED)
    scene.falls_quiet("access.forced-open", "b1/door", number)
    scene.passes(minutes=2)
    scene.act.close(task_id, "guard")
    scene.passes(minutes=31)
    scene.rings("access.forced-open", "b1/door")
    assert scene.only_task().id != task_id


def test_a_worse_hazard_asks_everybody_anew(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task()
    assert (task.state, task.hazard) == ("new", "lift.entrapment")
    assert state_of(task, "lift-firm") is AssignmentState.REQUESTED
    assert clocks(task)["tto"] is ClockState.ON_TRACK
    assert ("lift-firm", "worsened") in scene.told()


def test_a_worse_hazard_with_another_lead_leaves_the_first_lead_a_part(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    scene.rings("lift.unintended-movement", "b1/lift-1")
    task = scene.only_task()
    assert task.responsible.id == "property"
    assert {a.party.id: a.role for a in task.assignments}["lift-firm"] == "support"


def test_a_worse_hazard_reopens_what_was_resolved(scene):
    work(scene, "lift.door-fault", "b1/lift-1", "technician")
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task()
    assert (task.state, task.reopened_count, task.life_safety) == ("new", 1, True)


def test_who_was_faster_wins_and_the_other_reloads(scene):
    scene.rings("access.forced-open", "b1/door")
    seen = scene.only_task().revision
    scene.act.acknowledge(scene.only_task().id, "guard", revision=seen)
    with pytest.raises(Conflict, match="changed since"):
        scene.act.start(scene.only_task().id, "guard", revision=seen)


def test_a_note_stands_on_the_timeline_and_the_ledger_knows_only_its_digest(scene):
    scene.rings("access.forced-open", "b1/door")
    task = scene.only_task()
    scene.act.note(task.id, "guard", "  the closer is broken  ", public=True)
    view = scene.incident(scene.only_task())
    assert [(note.text, note.public) for note in view.notes] == [("the closer is broken", True)]
    assert "closer" not in str(scene.ledger()[-1].data)


@pytest.mark.parametrize("text", ["   ", "x" * 4001])
def test_a_note_is_neither_empty_nor_endless(scene, text):
    scene.rings("access.forced-open", "b1/door")
    with pytest.raises(Invalid, match="4000"):
        scene.act.note(scene.only_task().id, "guard", text)


def test_a_deed_and_its_words_are_taken_together_or_not_at_all(scene):
    scene.rings("access.forced-open", "b1/door")
    scene.acknowledge("guard")
    task = scene.only_task()
    before = len(scene.ledger())
    with pytest.raises(Invalid, match="4000"):
        scene.act.resolve(task.id, "guard", Why.FIXED, note="x" * 4001)
    assert scene.only_task().state == "acknowledged"
    assert len(scene.ledger()) == before
    revision = scene.only_task().revision
    acted = scene.act.resolve(task.id, "guard", Why.FIXED, revision=revision, note=" new closer ")
    assert [entry.kind for entry in scene.ledger()[before:]] == ["task.resolved", "task.note-added"]
    assert acted.seq == scene.ledger()[-1].seq
    scene.act.reopen(task.id, "manager", note="still open")
    assert [note.text for note in scene.incident(scene.only_task()).notes] == ["new closer", "still open"]


def test_a_stranger_adds_no_note(scene):
    scene.rings("access.forced-open", "b1/door")
    with pytest.raises(NotAllowed):
        scene.act.note(scene.only_task().id, "watch", "hello")
    with pytest.raises(NotFound):
        scene.act.note(scene.only_task().id, "technician", "hello")


def test_unknown_tasks_and_members_are_said_to_be_unknown(scene):
    scene.rings("access.forced-open", "b1/door")
    with pytest.raises(NotFound, match="task"):
        scene.act.start("nowhere", "guard")
    with pytest.raises(NotFound, match="member"):
        scene.act.start(scene.only_task().id, "nobody")
