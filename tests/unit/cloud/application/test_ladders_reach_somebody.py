"""No ladder ends in silence, and who is called because nobody answered can take over."""

from dataclasses import replace
from datetime import timedelta

from cloud.application.estates.load_estate import LoadEstate
from cloud.domain.community.names import Names
from cloud.domain.community.party import PartyRef
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.escalation import Condition, EscalationPolicy, Repeat, Step
from tests.fakes.estate import description

PAST = timedelta(minutes=10)


def with_duties(scene, *duties):
    """Another matrix is loaded, and another estate's worth of ladders with it."""
    estate = replace(description().estate, fallback_party_id="operator")
    LoadEstate(scene.units, scene.clock)(replace(description(), estate=estate, duties=duties))


def duty(hazard, *steps):
    return Duty(
        id="row",
        hazards=(hazard,),
        leads=(PartyRef("kind", "lift_maintainer"),),
        tto=PAST,
        ttr=timedelta(hours=1),
        basis=Names("约定", "agreed"),
        ladder=EscalationPolicy(steps),
    )


def test_a_duty_without_a_ladder_calls_the_fallback_party_and_becomes_a_task_one_level_up(scene):
    with_duties(scene, duty("lift.*"))
    scene.rings("lift.door-fault", "b1/lift-1")
    for _ in range(6):
        scene.passes(minutes=10)
    assert scene.told().count(("operator", "escalated")) == 6
    assert scene.told()[-1] == ("property", "ladder_ended")
    assert scene.only_task().responsible.id == "lift-firm"
    assert scene.acknowledge("manager").state == "acknowledged"
    assert scene.only_task().responsible.id == "property"


def test_a_hazard_that_no_duty_covers_is_called_out_again(scene):
    with_duties(scene)
    scene.rings("access.held-open", "b1/door")
    before = len(scene.told())
    scene.passes(minutes=10)
    assert scene.told()[before:] == [("operator", "escalated")]


def test_a_life_safety_call_that_reaches_nobody_reaches_the_fallback_party(scene):
    nobody = Step(
        PAST, Condition.IF_NOT_ACKNOWLEDGED, (PartyRef("kind", "police"),), repeat=Repeat(timedelta(minutes=2))
    )
    with_duties(scene, duty("lift.entrapment", nobody))
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.passes(minutes=10)
    scene.passes(minutes=2)
    assert scene.told().count(("operator", "escalated")) == 2
    assert scene.acknowledge("engineer").state == "acknowledged"


def test_who_is_called_because_the_ladder_would_reach_nobody_is_asked_to_lead_at_once(scene):
    """Also while the one whom the duty names has time left to answer."""
    nobody = Step(
        timedelta(minutes=4), Condition.IF_NOT_ACKNOWLEDGED, (PartyRef("kind", "police"),),
        repeat=Repeat(timedelta(minutes=2)),
    )  # fmt: skip
    with_duties(scene, duty("lift.entrapment", nobody))
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.passes(minutes=4)
    part = next(one for one in scene.only_task().assignments if one.party.id == "operator")
    assert (part.role, part.state) == ("lead", "requested")
    assert scene.only_task().responsible.id == "lift-firm", "until another eligible party has accepted"


def test_who_answers_for_the_estate_is_called_for_ever_and_refuses_the_lead_once(scene):
    """No row covers it, so it was asked to lead and did not answer: each further call is that same request."""
    with_duties(scene)
    scene.rings("lift.entrapment", "b1/lift-1")
    for _ in range(20):
        scene.passes(minutes=2)
    assert scene.told().count(("operator", "escalated")) >= 10
    part = next(one for one in scene.only_task().assignments if one.party.id == "operator")
    assert (part.state, scene.only_task().bounces) == ("expired", 1)
    assert scene.kinds(scene.only_task()).count("task.request-expired") == 1
    assert scene.acknowledge("engineer").state == "acknowledged", "late help is help"


def test_a_supporter_on_site_does_not_stand_in_for_the_maintainer_who_frees_the_passenger(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task_id = scene.only_task().id
    scene.act.acknowledge(task_id, "technician")
    scene.act.acknowledge(task_id, "guard")
    scene.act.start(task_id, "guard")
    scene.passes(minutes=30)
    assert ("street", "escalated") in scene.told()


def test_the_maintainer_may_arrive_after_others_have_begun(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task_id = scene.only_task().id
    scene.act.acknowledge(task_id, "technician")
    scene.act.acknowledge(task_id, "guard")
    scene.act.start(task_id, "guard")
    scene.act.start(task_id, "technician")
    scene.passes(minutes=30)
    assert ("street", "escalated") not in scene.told()


def test_what_cannot_be_read_has_somebody_sent_within_minutes(scene):
    scene.rings("node.event-unreadable", "node/b1-node")
    scene.passes(minutes=3)
    scene.passes(minutes=2)
    assert scene.told().count(("property", "escalated")) == 2
