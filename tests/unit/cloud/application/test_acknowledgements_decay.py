"""Who acknowledges and does nothing is reminded, then asked again; any sign of work postpones both."""

from datetime import timedelta

from cloud.domain.tasks.task import TaskState


def accepted(scene):
    """The lift maintainer accepts an entrapment: it has 30 minutes to be there."""
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.clock.advance(minutes=1)
    scene.acknowledge("technician")
    return scene.only_task()


def reminders(scene):
    return scene.told().count(("lift-firm", "reminder"))


def test_who_does_nothing_is_reminded_once(scene):
    task = accepted(scene)
    scene.passes(minutes=14, seconds=59)
    assert reminders(scene) == 0
    scene.passes(seconds=1)
    assert reminders(scene) == 1
    scene.passes(minutes=5)
    assert reminders(scene) == 1
    assert "task.reminded" in scene.kinds(task)


def test_an_acknowledgement_without_sign_of_work_decays_and_the_ladder_resumes(scene):
    task = accepted(scene)
    answered = task.acknowledged_at
    scene.passes(minutes=30)
    task = scene.only_task()
    assert task.state is TaskState.NEW
    assert ("lift-firm", "decayed") in scene.told()
    assert task.acknowledged_at == answered
    assert (task.clocks[0].kind, task.clocks[0].met_at) == ("tto", answered)
    assert task.responsible.id == "lift-firm"
    sheets = scene.told().count(("lift-firm", "call_sheet"))
    scene.passes(minutes=3)
    assert scene.told().count(("lift-firm", "call_sheet")) > sheets, "96333 is to be called again"
    assert scene.acknowledge("foreman").state is TaskState.ACKNOWLEDGED
    assert scene.only_task().acknowledged_at == answered


def test_steps_that_wait_for_no_answer_keep_their_time(scene):
    accepted(scene)
    scene.passes(minutes=31)
    with scene.units.reading() as uow:
        ladder = uow.tasks.get(scene.only_task().id).ladder
    assert ladder.resumed_at == ladder.began_at + timedelta(minutes=32)
    assert ladder.taken == (0, 0, 1, 1, 0), "the two that wait for the lead's arrival were taken on their time"


def test_any_sign_of_work_postpones_both(scene):
    task = accepted(scene)
    scene.passes(minutes=20)
    assert reminders(scene) == 1
    scene.act.note(task.id, "technician", "in the traffic")
    scene.passes(minutes=14)
    assert (scene.only_task().state, reminders(scene)) == (TaskState.ACKNOWLEDGED, 1)
    scene.passes(minutes=1)
    assert reminders(scene) == 2
    scene.passes(minutes=15)
    assert scene.only_task().state is TaskState.NEW


def test_what_a_supporter_does_is_no_sign_that_the_lead_works(scene):
    task = accepted(scene)
    scene.passes(minutes=20)
    scene.act.acknowledge(task.id, "guard")
    scene.act.note(task.id, "guard", "talking to the passenger")
    scene.passes(minutes=10)
    assert scene.only_task().state is TaskState.NEW


def test_who_is_at_work_and_says_so_is_left_alone(scene):
    task = accepted(scene)
    scene.act.start(task.id, "technician")
    for minutes in range(50, 301, 50):
        scene.passes(minutes=50)
        scene.act.note(task.id, "technician", f"{minutes} minutes, the car does not move yet")
    assert (scene.only_task().state, reminders(scene)) == (TaskState.IN_PROGRESS, 0)


def test_a_note_makes_nobodys_view_of_an_unanswered_task_stale(scene):
    scene.rings("access.forced-open", "b1/door")
    seen = scene.only_task().revision
    scene.act.note(scene.only_task().id, "guard", "on my way")
    assert scene.act.acknowledge(scene.only_task().id, "guard", revision=seen).state is TaskState.ACKNOWLEDGED
