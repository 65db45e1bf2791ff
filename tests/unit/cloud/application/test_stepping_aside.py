"""A party puts a task on hold, declines its part, or hands the lead over; none of it resets a clock."""

from datetime import timedelta

import pytest

from cloud.domain.tasks.task import ResolutionReason, TaskState
from cloud.errors import Conflict, Invalid, NotAllowed
from tests.fakes.scene import Scene

PARTS = "waiting-for-parts"


def part(scene, party):
    return next(a for a in scene.only_task().assignments if a.party.id == party)


def ttr(scene):
    return next(clock for clock in scene.only_task().clocks if clock.kind == "ttr")


def on_hold(scene, **until):
    """A door fault of a lift that waits for parts."""
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    task = scene.only_task()
    return scene.aside.hold(task.id, "technician", PARTS, scene.clock.now() + timedelta(**until), note="a new roller")


def test_while_on_hold_the_clock_is_paused_and_the_ladder_silent(scene):
    due = None
    acted = on_hold(scene, days=2)
    assert acted.state is TaskState.PENDING
    task = scene.only_task()
    assert (task.pending_reason, task.deferred_until) == (PARTS, scene.clock.now() + timedelta(days=2))
    due, before = ttr(scene).due_at, len(scene.told())
    scene.passes(days=1)
    assert (ttr(scene).used, len(scene.told())) == (0.0, before)
    scene.passes(days=1)
    task = scene.only_task()
    assert (task.state, task.pending_reason, task.deferred_until) == (TaskState.ACKNOWLEDGED, None, None)
    assert ttr(scene).due_at == due + timedelta(days=2)
    assert ttr(scene).state == "on_track"
    assert ("lift-firm", "hold_ended") in scene.told()
    assert scene.kinds(task).count("task.hold-ended") == 1


def test_a_new_alert_ends_the_wait_and_one_more_of_the_same_does_not(scene):
    on_hold(scene, days=2)
    scene.rings("lift.door-fault", "b1/lift-1")
    assert scene.only_task().state is TaskState.PENDING
    scene.rings("lift.run-timeout", "b1/lift-1")
    assert scene.only_task().state is not TaskState.PENDING


def test_a_hazard_to_life_ends_the_wait_and_asks_everybody(scene):
    on_hold(scene, days=2)
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task()
    assert (task.state, task.deferred_until) == (TaskState.NEW, None)
    scene.passes(minutes=3)
    assert ("lift-firm", "call_sheet") in scene.told()


def test_the_wait_ends_when_the_lead_leaves(scene):
    on_hold(scene, days=2)
    scene.aside.decline(scene.only_task().id, "technician", "the contract ended", "property")
    assert scene.only_task().state is TaskState.NEW


@pytest.mark.parametrize("deed", ["start", "resolve"])
def test_who_goes_on_with_it_ends_the_wait(scene, deed):
    on_hold(scene, days=2)
    scene.clock.advance(days=1)
    task_id = scene.only_task().id
    if deed == "start":
        assert scene.act.start(task_id, "technician").state is TaskState.IN_PROGRESS
        assert ttr(scene).state == "on_track"
    else:
        scene.act.resolve(task_id, "technician", ResolutionReason.FIXED)
        assert ttr(scene).state == "met"


def test_only_for_reasons_that_the_duty_allows_and_never_for_ever(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    task, now = scene.only_task(), scene.clock.now()
    assert task.pause_reasons == (PARTS,)
    with pytest.raises(Invalid, match=PARTS):
        scene.aside.hold(task.id, "technician", "no time", now + timedelta(days=1))
    for until in (now, now + timedelta(days=91)):
        with pytest.raises(Invalid, match="at most 90 days"):
            scene.aside.hold(task.id, "technician", PARTS, until)
    with pytest.raises(NotAllowed, match="lead"):
        scene.aside.hold(task.id, "guard", PARTS, now + timedelta(days=1))


def test_life_safety_is_never_put_on_hold(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.acknowledge("technician")
    with pytest.raises(Conflict, match="may not be put on hold"):
        scene.aside.hold(scene.only_task().id, "technician", PARTS, scene.clock.now() + timedelta(hours=1))
    assert "hold" not in scene.queries.incident(scene.only_task().incident_id, None).task.allowed


def test_where_life_is_at_stake_one_tap_declines_and_the_next_is_asked_at_once(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    due = ttr(scene).due_at
    before = scene.told()
    scene.clock.advance(minutes=1)
    scene.aside.decline(scene.only_task().id, "technician")
    others = [told for told in before if told[0] != "lift-firm"]
    assert scene.told() == [*others, ("property", "asked_to_lead")], "who has declined is asked no more"
    task = scene.only_task()
    assert (task.responsible.id, part(scene, "lift-firm").state, part(scene, "property").role) == (
        "lift-firm", "declined", "lead",
    )  # fmt: skip
    assert ttr(scene).due_at == due
    scene.acknowledge("guard")
    assert (scene.only_task().responsible.id, scene.only_task().state) == ("property", TaskState.ACKNOWLEDGED)


def test_the_ladder_goes_on_when_a_lead_that_had_accepted_declines(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.clock.advance(minutes=1)
    scene.acknowledge("technician")
    answered = scene.only_task().clocks[0].met_at
    scene.aside.decline(scene.only_task().id, "technician")
    task = scene.only_task()
    assert (task.state, task.clocks[0].met_at) == (TaskState.NEW, answered)
    scene.passes(minutes=3)
    assert ("property", "call_sheet") in scene.told()


def test_elsewhere_a_decline_cites_its_ground_and_may_name_who_is_responsible(scene):
    scene.rings("access.forced-open", "b1/door")
    task = scene.only_task()
    with pytest.raises(Invalid, match="cite the duty"):
        scene.aside.decline(task.id, "guard")
    with pytest.raises(Invalid, match="choose another"):
        scene.aside.decline(task.id, "guard", "art. 45", "fire-119")
    scene.aside.decline(task.id, "guard", "art. 45: the lock is the maintainer's", "operator")
    view = scene.incident(scene.only_task())
    assert ("operator", "asked_to_lead") in scene.told()
    (line,) = [line for line in view.timeline if line.kind == "task.declined"]
    assert (line.data["named"], line.data["asked"]) == ("operator", "operator")
    assert "art. 45" not in str([entry.data for entry in scene.ledger()])
    assert [note.text for note in view.notes] == ["art. 45: the lock is the maintainer's"]
    scene.aside.decline(view.task.id, "engineer", "we run the platform only")
    assert scene.only_task().responsible.id == "property"


def test_a_supporters_decline_leaves_the_task_to_its_lead_who_is_told(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.acknowledge("technician")
    scene.aside.decline(scene.only_task().id, "guard")
    assert (scene.only_task().state, part(scene, "property").state) == (TaskState.ACKNOWLEDGED, "declined")
    assert ("lift-firm", "declined") in scene.told()


def test_who_declined_may_think_better_of_it_and_who_is_on_site_cannot_decline(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task_id = scene.only_task().id
    scene.aside.decline(task_id, "technician")
    with pytest.raises(Conflict, match="cannot decline"):
        scene.aside.decline(task_id, "technician")
    assert scene.act.acknowledge(task_id, "technician").state is TaskState.ACKNOWLEDGED
    scene.act.start(task_id, "technician")
    with pytest.raises(Conflict, match="cannot decline"):
        scene.aside.decline(task_id, "technician")


def test_who_hands_over_stays_responsible_until_the_other_has_accepted(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    task_id, due = scene.only_task().id, ttr(scene).due_at
    scene.act.start(task_id, "technician")
    scene.aside.transfer(task_id, "technician", "operator", note="it is the gateway")
    assert ("operator", "offered") in scene.told()
    assert scene.only_task().responsible.id == "lift-firm"
    scene.act.acknowledge(task_id, "engineer")
    task = scene.only_task()
    assert (task.responsible.id, task.state, part(scene, "lift-firm").state) == (
        "operator", TaskState.ACKNOWLEDGED, "transferred",
    )  # fmt: skip
    assert ttr(scene).due_at == due


def test_an_offer_that_is_declined_leaves_everything_as_it_was(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    task_id = scene.only_task().id
    scene.aside.transfer(task_id, "technician", "operator")
    scene.aside.decline(task_id, "engineer", "not the gateway")
    task = scene.only_task()
    assert (task.responsible.id, task.state) == ("lift-firm", TaskState.ACKNOWLEDGED)
    assert (task.bounces, part(scene, "operator").role) == (0, "support"), (
        "it refused an offer, not what a duty names it for"
    )
    scene.act.acknowledge(task_id, "engineer")
    assert scene.only_task().responsible.id == "lift-firm", "the offer was over"


@pytest.mark.parametrize("to", ["lift-firm", "fire-119", "nobody"])
def test_nothing_is_handed_to_oneself_or_to_who_cannot_lead(scene, to):
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    with pytest.raises(Invalid):
        scene.aside.transfer(scene.only_task().id, "technician", to)
    assert part(scene, "lift-firm").state == "accepted"


def test_who_takes_over_reads_the_whole_history(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    task = scene.only_task()
    scene.act.note(task.id, "technician", "the roller is worn")
    scene.aside.transfer(task.id, "technician", "operator", note="it is the gateway")
    scene.act.acknowledge(task.id, "engineer")
    seen = scene.queries.incident(task.incident_id, scene.identity("engineer"))
    assert [note.text for note in seen.notes] == ["the roller is worn", "it is the gateway"]
    own = scene.queries.incident(task.incident_id, scene.identity("technician"))
    assert seen.timeline == own.timeline
    assert {"alert.fired", "task.acknowledged", "task.routed"} <= {line.kind for line in seen.timeline}


def test_the_wait_ends_when_another_takes_over(scene):
    task = on_hold(scene, days=2).task_id
    scene.aside.transfer(task, "technician", "operator")
    assert scene.only_task().state is TaskState.PENDING, "who hands over waits still"
    scene.act.acknowledge(task, "engineer")
    assert (scene.only_task().state, scene.only_task().deferred_until) == (TaskState.ACKNOWLEDGED, None)


def kept(scene):
    with scene.units.reading() as uow:
        return uow.tasks.get(scene.only_task().id)


def test_whoever_is_asked_during_the_wait_has_its_whole_limit_when_that_ends_and_no_more(scene):
    task = on_hold(scene, days=2).task_id
    scene.clock.advance(days=1, hours=23)
    scene.joint.ask_for_help(task, "technician", ["operator"])
    whole = kept(scene).part_of("operator").accept_by - scene.clock.now()
    now = scene.passes(hours=1)
    assert scene.only_task().state is TaskState.ACKNOWLEDGED
    assert kept(scene).part_of("operator").accept_by == now + whole


@pytest.mark.parametrize("asked", ["before", "meanwhile"])
def test_who_is_to_say_whether_it_takes_the_lead_over_loses_no_time_by_the_wait_and_gains_none(scene, asked):
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    for member in ("technician", "guard"):
        scene.act.acknowledge(task, member)
    tto = kept(scene).duty.tto

    def offer():
        scene.aside.transfer(task, "technician", "property")
        assert kept(scene).part_of("property").lead_by == scene.clock.now() + tto

    if asked == "before":
        offer()
        scene.clock.advance(minutes=10)
    scene.aside.hold(task, "technician", PARTS, scene.clock.now() + timedelta(days=2))
    scene.clock.advance(days=1)
    if asked == "meanwhile":
        offer()
    now = scene.passes(days=1)
    left = tto - timedelta(minutes=10) if asked == "before" else tto
    assert kept(scene).part_of("property").lead_by == now + left


def test_what_turns_out_to_be_real_while_it_is_on_hold_has_its_clocks_paused_from_then_on():
    scene = Scene()
    scene.rings("lift.door-fault", "b1/lift-1", mode="exercise")
    scene.acknowledge("technician")
    task = scene.only_task().id
    scene.aside.hold(task, "technician", PARTS, scene.clock.now() + timedelta(days=2))
    scene.clock.advance(days=1)
    scene.verify.turn_real(task, "manager")
    scene.passes(hours=23)
    assert (scene.only_task().state, ttr(scene).used) == (TaskState.PENDING, 0.0)
    now = scene.passes(hours=1)
    held = kept(scene)
    assert held.state is TaskState.ACKNOWLEDGED
    assert held.ttr.due_at == now + held.duty.ttr
    assert held.ladder.due_at == now + min(step.delay for step in held.duty.ladder.steps)
