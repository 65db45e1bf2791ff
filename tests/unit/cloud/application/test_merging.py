"""Two incidents about one matter become one, at a person's word: nothing open is lost, and both histories stay."""

from datetime import timedelta

import pytest

from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene


@pytest.fixture
def scene():
    return Scene(estate=neighbourhood())


def task(scene, hazard):
    return next(t for t in scene.board() if t.hazard == hazard)


def part(view, party):
    return next((a for a in view.assignments if a.party.id == party), None)


def two_faults(scene):
    """A door fault of a lift and, half an hour later, one of the lift beside it; the maintainer leads both."""
    scene.rings("lift.door-fault", "b1/lift-1")
    first = scene.only_task().id
    scene.act.acknowledge(first, "technician")
    scene.clock.advance(minutes=20)
    scene.rings("lift.door-fault", "b1/lift-2")
    second = next(t.id for t in scene.board() if t.id != first)
    return first, second


def view(scene, task_id):
    return scene.queries.task(task_id, None)


def test_open_parts_and_calls_move_one_per_party_and_the_earliest_deadline_wins(scene):
    first, second = two_faults(scene)
    scene.act.acknowledge(second, "technician")
    scene.joint.ask_for_help(first, "technician", ["operator", "grid"])
    scene.act.acknowledge(first, "engineer")
    scene.clock.advance(minutes=3)
    scene.joint.ask_for_help(second, "technician", ["operator"])
    earlier = {clock.kind: clock.due_at for clock in view(scene, first).clocks}
    operator = part(view(scene, first), "operator").clocks[-1].due_at
    scene.merge(first, "technician", second, note="one controller serves both")
    merged, stays = view(scene, first), view(scene, second)
    assert (merged.state, merged.merged_into, merged.responsible.id) == ("merged", stays.incident_id, "lift-firm")
    assert {clock.kind: clock.due_at for clock in stays.clocks}["ttr"] == earlier["ttr"]
    parties = [a.party.id for a in stays.assignments]
    assert sorted(parties) == sorted(set(parties))
    assert (part(stays, "operator").state, part(stays, "grid").state) == ("accepted", "requested")
    assert part(stays, "operator").clocks[-1].due_at == operator
    incident = scene.queries.incident(stays.incident_id, None)
    assert sorted(call.called.id for call in incident.calls) == ["grid", "operator"]
    assert [t.id for t in scene.board()] == [second]
    assert ("grid", "merged") in scene.told()


def test_the_earliest_deadline_wins_also_for_what_waits_until_an_answered_task_is_closed(scene):
    first, second = two_faults(scene)
    opened = view(scene, first).opened_at
    scene.act.acknowledge(second, "technician")
    scene.merge(first, "technician", second)
    for _ in range(4):
        scene.passes(minutes=10)  # The steps that wait for an answer are passed.
    assert view(scene, second).acknowledged_at is not None
    assert view(scene, second).next_step_at == opened + timedelta(hours=24), (
        "the committee hears a day after the first fault"
    )


def test_both_histories_are_kept_and_alarms_go_on_where_it_went(scene):
    first, second = two_faults(scene)
    scene.act.note(first, "technician", "the belt slips")
    scene.merge(first, "technician", second)
    stays = scene.queries.incident(view(scene, second).incident_id, None)
    went = scene.queries.incident(view(scene, first).incident_id, None)
    assert len([line for line in stays.timeline if line.kind == "incident.opened"]) == 2
    assert {"task.merged", "task.took-in"} <= {line.kind for line in stays.timeline}
    assert [note.text for note in stays.notes] == [note.text for note in went.notes] == ["the belt slips"]
    assert "task.acknowledged" in [line.kind for line in went.timeline]
    assert (len(stays.alerts), stays.merged) == (2, (went.task.incident_id,))
    assert went.task.allowed == ()
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.rings("lift.run-timeout", "b1/lift-1")
    assert [t.id for t in scene.board()] == [second], "what fires again belongs to where it was merged"


def test_what_is_merged_into_is_quiet_only_when_all_of_it_is(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    first = scene.only_task().id
    scene.act.acknowledge(first, "technician")
    number = scene.rings("lift.door-fault", "b1/lift-2")
    second = next(t.id for t in scene.board() if t.id != first)
    scene.falls_quiet("lift.door-fault", "b1/lift-2", number)
    assert view(scene, second).quiet_since is not None
    scene.merge(first, "technician", second)
    assert view(scene, second).quiet_since is None


def test_life_safety_merges_only_into_life_safety_and_the_graver_stays(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.rings("lift.door-fault", "b2/lift-9")
    (trapped,) = [t.id for t in scene.board() if t.hazard == "lift.entrapment"]
    fault, fire = task(scene, "lift.door-fault").id, task(scene, "fire.smoke").id
    scene.act.acknowledge(trapped, "technician")
    with pytest.raises(Conflict, match="only into life safety"):
        scene.merge(trapped, "officer", fault)
    with pytest.raises(Conflict, match="different ways"):
        scene.merge(trapped, "officer", fire)
    scene.merge(fault, "officer", trapped)
    assert (view(scene, trapped).state, view(scene, trapped).life_safety) == ("acknowledged", True)
    assert len(scene.queries.incident(view(scene, trapped).incident_id, None).merged) == 1


def two_of(scene, hazard, first, second):
    scene.rings(hazard, first)
    one = scene.only_task().id
    scene.rings(hazard, second)
    return one, next(t.id for t in scene.board() if t.hazard == hazard and t.id != one)


@pytest.mark.parametrize(
    ("hazard", "first", "second", "member"),
    [
        ("lift.entrapment", "b1/lift-1", "b1/lift-2", "technician"),
        ("fire.smoke", "b1/smoke-1", "b2/door", "watch"),
        ("access.release-failed", "b1/door", "b1/gate", "guard"),
    ],
)
def test_danger_to_life_in_two_places_is_never_one_task(scene, hazard, first, second, member):
    """Who is at the one is not at the other, whose ladder must go on until somebody is."""
    one, other = two_of(scene, hazard, first, second)
    for task_id in (one, other):
        scene.act.acknowledge(task_id, member)
    scene.act.start(one, member)
    with pytest.raises(Conflict, match="two places"):
        scene.merge(other, "officer", one)
    shown = scene.queries.incident(view(scene, one).incident_id, scene.identity("officer"))
    assert shown.mergeable == []


def test_nobody_at_the_second_lift_is_told_of_however_busy_the_first_is(scene):
    first, second = two_of(scene, "lift.entrapment", "b1/lift-1", "b1/lift-2")
    for task_id in (first, second):
        scene.act.acknowledge(task_id, "technician")
    scene.act.start(first, "technician")
    with pytest.raises(Conflict):
        scene.merge(second, "technician", first)
    before = len(scene.told())
    scene.passes(minutes=30)
    assert "call_sheet" in {reason for _, reason in scene.told()[before:]}, "not there at 30: 96333 and 119"


def test_alarms_of_one_burning_building_become_one(scene):
    first, second = two_of(scene, "fire.co", "b1/co-1", "b1/co-2")
    scene.merge(second, "officer", first)
    assert [one.id for one in scene.board()] == [first]


@pytest.mark.parametrize("whose", ["daughter", "officer"])
def test_what_concerns_a_home_is_merged_with_nothing(scene, whose):
    scene.rings("welfare.no-activity", "b1/door")
    home = scene.only_task()
    scene.rings("access.forced-open", "b2/door")
    door = task(scene, "access.forced-open")
    scene.act.acknowledge(home.id, "daughter")
    scene.act.note(home.id, "daughter", "she fell on Tuesday", public=True)
    scene.act.acknowledge(door.id, "guard")
    for ends, stays in ((home.id, door.id), (door.id, home.id)):
        with pytest.raises((Conflict, NotAllowed, NotFound, Invalid)):
            scene.merge(ends, whose, stays)
    told = scene.queries.incident(door.incident_id, scene.identity("watch"))
    assert "welfare.no-activity" not in {alert.hazard for alert in told.alerts}
    assert (told.notes, told.merged) == ([], ())


def test_who_answered_one_task_has_not_answered_the_lead_of_the_other(scene):
    first, second = two_of(scene, "fire.co", "b1/co-1", "b1/co-2")
    scene.act.acknowledge(first, "guard")
    scene.merge(first, "guard", second)
    assert (view(scene, second).state, part(view(scene, second), "property").state) == ("new", "requested")
    before = scene.told().count(("property", "call_sheet"))
    scene.passes(minutes=3)
    assert scene.told().count(("property", "call_sheet")) > before


@pytest.mark.parametrize(("member", "refusal"), [("guard", NotAllowed), ("clerk", NotAllowed), ("volunteer", NotFound)])
def test_only_the_lead_or_the_street_merges(scene, member, refusal):
    first, second = two_faults(scene)
    with pytest.raises(refusal):
        scene.merge(first, member, second)


def test_nothing_is_merged_into_itself_nor_into_what_is_over_or_unknown(scene):
    first, second = two_faults(scene)
    with pytest.raises(Conflict, match="another task"):
        scene.merge(first, "technician", first)
    with pytest.raises(Invalid, match="no task"):
        scene.merge(first, "technician", "nothing")
    scene.act.acknowledge(second, "technician")
    scene.act.resolve(second, "technician", ResolutionReason.FIXED)
    with pytest.raises(Conflict, match="Nobody works"):
        scene.merge(first, "technician", second)
    scene.merge(second, "technician", first)
    with pytest.raises(Conflict):
        scene.merge(second, "technician", first)


def test_an_exercise_is_never_merged_with_what_is_real(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.rings("fire.smoke", "b1/smoke-2", mode="exercise")
    real = next(t.id for t in scene.board() if t.mode == "real")
    drill = next(t.id for t in scene.board() if t.mode == "exercise")
    with pytest.raises(Conflict, match="exercise"):
        scene.merge(drill, "officer", real)


def test_only_what_can_be_merged_is_offered(scene):
    first, second = two_faults(scene)
    mine = scene.queries.incident(view(scene, first).incident_id, scene.identity("technician"))
    assert [other.task_id for other in mine.mergeable] == [second]
    theirs = scene.queries.incident(view(scene, first).incident_id, scene.identity("guard"))
    assert theirs.mergeable == []
