"""A lead asks for help, the street whistles; each called party answers for itself, and both sides are on the record."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.domain.community.work_calendar import Running
from cloud.domain.tasks.calls import Ground
from cloud.errors import Conflict, Invalid, NotAllowed
from tests.fakes.estate import cleared, raised
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene

EMERGENCY = Ground.EMERGENCY


@pytest.fixture
def scene():
    return Scene(estate=neighbourhood())


def led(scene):
    """A door forced open, which the property leads."""
    scene.rings("access.forced-open", "b1/door")
    scene.acknowledge("guard")
    return scene.only_task().id


def part(scene, party):
    return next(a for a in scene.only_task().assignments if a.party.id == party)


def clock(scene, party, kind):
    return next(clock for clock in part(scene, party).clocks if clock.kind == kind)


def call(scene, party):
    return [one for one in scene.incident(scene.only_task()).calls if one.called.id == party][-1]


def test_any_lead_asks_by_name_or_by_capability_and_each_called_party_answers_for_itself(scene):
    task = led(scene)
    with pytest.raises(NotAllowed, match="lead"):
        scene.joint.ask_for_help(task, "clerk", ["police"])
    scene.clock.advance(minutes=2)
    scene.joint.ask_for_help(task, "guard", ["police"], ["locks"], note="the lock is broken")
    assert [entry for entry in scene.told() if entry[1] == "help_asked"] == [
        ("police", "help_asked"), ("locksmith", "help_asked"),
    ]  # fmt: skip
    assert part(scene, "police").role == part(scene, "locksmith").role == "support"
    assert clock(scene, "police", "accept").due_at == scene.clock.now() + timedelta(minutes=10)
    scene.act.acknowledge(task, "smith")
    scene.clock.advance(minutes=1)
    scene.joint.arrive(task, "smith")
    assert scene.joint.finish(task, "smith", note="changed").state == "acknowledged", "whether it is over is the lead's"
    scene.aside.decline(task, "constable", "no offence was committed")
    told = call(scene, "locksmith")
    assert (told.kind, told.caller.id, told.capability) == ("help", "property", "locks")
    assert told.accepted_at < told.arrived_at == told.finished_at
    assert call(scene, "police").declined_at is not None
    assert scene.told()[-1] == ("property", "declined")
    assert {"task.help-asked", "task.party-arrived", "task.party-finished"} <= set(scene.kinds(scene.only_task()))


def test_who_cannot_be_asked_is_named_with_the_reason(scene):
    task = led(scene)
    for party, why in [("nobody", "no party"), ("fire-119", "phone it"), ("property", "takes part already")]:
        with pytest.raises(Invalid, match=why):
            scene.joint.ask_for_help(task, "guard", [party])
    with pytest.raises(Invalid, match="nobody who serves the place"):
        scene.joint.ask_for_help(task, "guard", [], ["welding"])
    with pytest.raises(Invalid, match="name 1 to 20"):
        scene.joint.ask_for_help(task, "guard", [])


def test_volunteers_are_never_sent_in_where_it_burns(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.acknowledge("watch")
    with pytest.raises(Invalid, match="where it burns"):
        scene.joint.ask_for_help(scene.only_task().id, "watch", ["volunteers"])


def test_what_was_sought_by_capability_goes_on_to_the_next_that_has_it(scene):
    task = led(scene)
    scene.joint.ask_for_help(task, "guard", [], ["locks"])
    scene.aside.decline(task, "smith", "no van today")
    assert ("smith-two", "help_asked") in scene.told()
    scene.passes(minutes=10)
    assert (part(scene, "smith-two").state, call(scene, "smith-two").expired_at) == ("expired", scene.clock.now())
    assert scene.told()[-1] == ("property", "not_answered")
    scene.act.acknowledge(task, "second-smith")
    assert part(scene, "smith-two").state == "accepted", "late help is help"


def test_a_supporter_may_arrive_before_the_lead_has_answered(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "guard")
    assert scene.joint.arrive(task, "guard").state == "new"
    assert part(scene, "property").state == "arrived"
    with pytest.raises(NotAllowed, match="who supports"):
        scene.joint.arrive(task, "technician")
    with pytest.raises(Conflict, match="cannot arrive"):
        scene.joint.arrive(task, "guard")


def test_the_street_whistles_on_its_own_and_nobody_else_does(scene):
    task = led(scene)
    for member in ("guard", "clerk", "runner"):
        with pytest.raises(NotAllowed, match="officers of the street"):
            scene.joint.whistle(task, member, EMERGENCY, ["police"])
    acted = scene.joint.whistle(task, "officer", Ground.JOINT_ENFORCEMENT, ["police", "grid"])
    assert "whistle" in acted.allowed
    assert part(scene, "police").bound_by.id == part(scene, "grid").bound_by.id == "street"
    assert part(scene, "street").role == "observer"
    assert (call(scene, "police").kind, call(scene, "police").ground) == ("whistle", "joint_enforcement")
    line = next(line for line in scene.incident(scene.only_task()).timeline if line.kind == "task.whistled")
    assert line.text.en == "Street office whistled for police, Grid worker: joint enforcement"
    assert "联合执法" in line.text.zh


def test_a_whistle_binds_who_supports_already(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    task = scene.only_task().id
    scene.act.acknowledge(task, "guard")
    scene.joint.whistle(task, "officer", EMERGENCY, ["property"])
    assert (part(scene, "property").state, part(scene, "property").bound_by.id) == ("accepted", "street")
    assert call(scene, "property").accepted_at is not None


def test_the_lead_asks_for_a_whistle_and_is_answered_either_way(scene):
    task = led(scene)
    scene.joint.ask_for_whistle(task, "guard", Ground.NOT_SOLVABLE_ALONE, ["police"], ["locks"])
    assert ("street", "whistle_wished") in scene.told()
    with pytest.raises(Conflict, match="already"):
        scene.joint.ask_for_whistle(task, "guard", EMERGENCY)
    with pytest.raises(Invalid, match="say why"):
        scene.joint.refuse_whistle(task, "officer", " ")
    scene.joint.refuse_whistle(task, "officer", "try the locksmith first")
    assert ("property", "whistle_refused") in scene.told()
    scene.joint.ask_for_whistle(task, "guard", Ground.NOT_SOLVABLE_ALONE, ["police"], ["locks"])
    scene.joint.whistle(task, "officer", Ground.NOT_SOLVABLE_ALONE, [])
    assert {one.called.id for one in scene.incident(scene.only_task()).calls} == {"police", "locksmith"}
    assert call(scene, "police").wish_of.id == "property"
    assert scene.only_task().wish is None


def test_who_is_called_by_a_whistle_cites_its_ground_and_the_caller_judges(scene):
    task = led(scene)
    scene.joint.whistle(task, "officer", EMERGENCY, ["police", "grid"])
    scene.aside.decline(task, "constable", "a lock is no offence")
    assert (part(scene, "police").state, part(scene, "police").objecting) == ("requested", True)
    assert ("street", "objected") in scene.told()
    with pytest.raises(Conflict, match="still to be judged"):
        scene.aside.decline(task, "constable", "again")
    for member in ("guard", "runner"):
        with pytest.raises(NotAllowed):
            scene.joint.judge(task, member, "police", "no", consents=False)
    scene.joint.judge(task, "officer", "police", "there may be a burglar", consents=False)
    assert (part(scene, "police").state, part(scene, "police").objecting) == ("requested", False)
    assert ("police", "objection_rejected") in scene.told()
    scene.aside.decline(task, "constable", "all cars are out")
    scene.joint.judge(task, "officer", "police", "granted", consents=True)
    assert (part(scene, "police").state, part(scene, "police").bound_by) == ("declined", None)
    assert (call(scene, "police").objections, call(scene, "police").insisted) == (2, 1)
    with pytest.raises(NotAllowed):
        scene.joint.judge(task, "officer", "grid", "nothing was objected", consents=True)


def test_where_life_is_at_stake_a_whistle_is_not_declined_with_one_tap(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.joint.whistle(task, "officer", EMERGENCY, ["grid"])
    with pytest.raises(Invalid, match="cite the duty"):
        scene.aside.decline(task, "walker")
    scene.passes(minutes=3)
    assert part(scene, "grid").state == "expired"


def test_each_part_has_its_own_clocks_amber_at_three_quarters_and_red_at_the_end(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.clock.advance(minutes=2, seconds=14)
    assert clock(scene, "lift-firm", "accept").state == "on_track"
    scene.clock.advance(seconds=1)
    assert (clock(scene, "lift-firm", "accept").state, clock(scene, "lift-firm", "accept").used) == ("at_risk", 0.75)
    scene.act.acknowledge(task, "technician")
    assert clock(scene, "lift-firm", "accept").state == "met"
    scene.passes(minutes=27, seconds=45)
    assert clock(scene, "lift-firm", "arrive").state == "breached"
    assert scene.kinds(scene.only_task()).count("part.overdue") == 1
    scene.clock.advance(seconds=1)
    scene.act.start(task, "technician")
    assert (clock(scene, "lift-firm", "arrive").state, clock(scene, "lift-firm", "finish").state) == (
        "breached", "on_track",
    )  # fmt: skip
    assert [c.kind for c in part(scene, "property").clocks] == ["accept"]
    assert (part(scene, "property").state, clock(scene, "property", "accept").state) == ("expired", "breached")


def test_on_hold_the_clocks_of_the_parts_stand_still_too(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    task, due = scene.only_task().id, clock(scene, "lift-firm", "finish").due_at
    scene.aside.hold(task, "technician", "waiting-for-parts", scene.clock.now() + timedelta(days=2))
    scene.passes(days=1)
    assert clock(scene, "lift-firm", "finish").used == 0
    assert part(scene, "property").state == "requested"
    scene.passes(days=1)
    assert clock(scene, "lift-firm", "finish").due_at == due + timedelta(days=2)


def test_the_clocks_of_the_parts_run_in_the_working_time_of_their_duty():
    plain = neighbourhood()
    duties = (replace(d, running=Running.WORKING_HOURS) if d.id == "lift-fault" else d for d in plain.duties)
    scene = Scene(estate=replace(plain, duties=tuple(duties)))
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.acknowledge("technician")
    task = scene.only_task().id
    ttr = next(clock for clock in scene.only_task().clocks if clock.kind == "ttr")
    assert clock(scene, "lift-firm", "finish").due_at == ttr.due_at > scene.clock.now() + timedelta(days=1)
    scene.aside.hold(task, "technician", "waiting-for-parts", scene.clock.now() + timedelta(days=3))
    scene.passes(days=3)
    ttr = next(clock for clock in scene.only_task().clocks if clock.kind == "ttr")
    assert (clock(scene, "lift-firm", "finish").due_at, clock(scene, "lift-firm", "finish").state) == (
        ttr.due_at,
        "on_track",
    )


def test_nobody_owes_an_answer_to_news_that_called_nobody(scene):
    scene.send(raised("access.held-open", "b2/door", 9), cleared("access.held-open", "b2/door", 9), age=7 * 86400)
    task = scene.only_task()
    assert task.late
    assert [clock for part in task.assignments for clock in part.clocks] == []


def test_private_notes_are_for_the_parties_of_the_task_and_public_ones_for_all(scene):
    task = led(scene)
    scene.act.note(task, "guard", "the tenant is known to us")
    scene.act.note(task, "guard", "a locksmith is coming", public=True)
    incident = scene.only_task().incident_id

    def reads(member):
        identity = scene.identity(member)
        return [note.text for note in scene.queries.incident(incident, identity).notes]

    assert reads("clerk") == reads("officer") == ["a locksmith is coming"]
    scene.joint.ask_for_help(task, "guard", ["police"])
    assert len(reads("constable")) == len(reads("manager")) == 2
    scene.aside.decline(task, "constable", "not ours")
    assert len(reads("constable")) == 3, "who declined was a party to it"


def test_parties_see_who_has_joined_who_is_waited_for_and_who_declined(scene):
    task = led(scene)
    scene.joint.ask_for_help(task, "guard", ["police", "grid", "locksmith"])
    scene.act.acknowledge(task, "smith")
    scene.aside.decline(task, "constable", "no offence was committed")
    for member in ("guard", "smith", "constable", "grid-officer"):
        seen = scene.queries.incident(scene.only_task().incident_id, scene.identity(member)).task.assignments
        assert {one.party.id: one.state for one in seen if one.role == "support"} == {
            "locksmith": "accepted", "police": "declined", "grid": "requested",
        }  # fmt: skip


def test_a_whistle_has_one_of_three_grounds():
    assert {ground.value for ground in Ground} == {"not_solvable_alone", "joint_enforcement", "emergency"}
