"""Who does not answer has declined; the second refusal goes to the arbiter, on its own clock; custody is a fact."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.domain.incidents.report import Concern
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import Conflict, Invalid, NotAllowed
from tests.fakes.estate import description
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene


@pytest.fixture
def scene():
    return Scene(estate=neighbourhood())


def part(scene, party):
    return next(a for a in scene.only_task().assignments if a.party.id == party)


def disputed(scene):
    """A door fault of a lift that the maintainer and then the property decline to lead."""
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    scene.aside.decline(task, "technician", "the contract ended")
    scene.clock.advance(minutes=1)
    scene.aside.decline(task, "guard", "lifts are the maintainer's")
    return task


def held(scene):
    return {share.party.id: (share.held_s / 60, share.accepted_s / 60) for share in scene.only_task().custody}


def test_no_answer_in_time_counts_as_a_decline_and_the_next_is_asked(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    scene.passes(minutes=30)
    assert (part(scene, "lift-firm").state, part(scene, "property").role) == ("expired", "lead")
    assert ("property", "asked_to_lead") in scene.told()
    assert scene.only_task().responsible.id == "lift-firm"
    (line,) = [entry for entry in scene.incident(scene.only_task()).timeline if entry.data.get("role") == "lead"]
    assert (line.kind, line.failure, line.data["asked"]) == ("task.request-expired", True, "property")
    assert "视同谢绝" in line.text.zh
    scene.acknowledge("technician")
    assert scene.only_task().state == "acknowledged", "late help is help"


def test_who_has_joined_stays_joined_when_it_is_asked_to_lead_too(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "guard")
    scene.joint.arrive(task, "guard")
    scene.aside.decline(task, "technician")
    assert (part(scene, "property").state, part(scene, "property").lead_asked) == ("arrived", True)
    assert scene.only_task().responsible.id == "lift-firm"
    scene.act.acknowledge(task, "guard")
    assert (scene.only_task().responsible.id, scene.only_task().state) == ("property", "acknowledged")
    assert (part(scene, "property").state, part(scene, "property").role) == ("arrived", "lead")


def test_who_has_joined_and_does_not_take_the_lead_in_time_has_refused_only_that(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "guard")
    scene.aside.decline(task, "technician")
    scene.passes(minutes=3)
    assert (part(scene, "property").state, part(scene, "property").lead_asked) == ("accepted", False)
    assert scene.only_task().bounces == 2
    assert scene.only_task().arbitration.arbiter.id == "street"


def test_there_is_one_lead_and_who_comes_later_joins(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    scene.aside.decline(task, "technician", "the contract ended")
    scene.act.acknowledge(task, "guard")
    scene.act.acknowledge(task, "technician")
    assert (scene.only_task().responsible.id, part(scene, "lift-firm").role) == ("property", "support")
    scene.aside.decline(task, "guard", "they are back")
    assert (scene.only_task().responsible.id, scene.only_task().state) == ("lift-firm", "acknowledged")
    assert part(scene, "lift-firm").role == "lead"


def test_the_arbiter_is_asked_after_the_second_refusal_and_no_clock_starts_anew(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    task, due = scene.only_task().id, [clock.due_at for clock in scene.only_task().clocks]
    scene.aside.decline(task, "technician", "the contract ended")
    assert scene.only_task().arbitration is None
    scene.clock.advance(minutes=1)
    scene.aside.decline(task, "guard", "lifts are the maintainer's")
    dispute = scene.only_task().arbitration
    assert (dispute.arbiter.id, dispute.clock.due_at) == ("street", scene.clock.now() + timedelta(minutes=20))
    assert ("street", "arbiter_asked") in scene.told()
    assert [clock.due_at for clock in scene.only_task().clocks] == due
    assert scene.only_task().responsible.id == "lift-firm"


def test_the_arbiter_decides_who_leads_with_its_reason_and_binding_effect(scene):
    task = disputed(scene)
    for member, error in [("guard", NotAllowed), ("runner", NotAllowed)]:
        with pytest.raises(error):
            scene.joint.arbitrate(task, member, "property", "so be it")
    with pytest.raises(Invalid, match="say why"):
        scene.joint.arbitrate(task, "officer", "property", "")
    for party in ("volunteers", "family", "fire-119"):
        with pytest.raises(Invalid, match="may lead"):
            scene.joint.arbitrate(task, "officer", party, "they are near")
    scene.joint.arbitrate(task, "officer", "property", "the contract is theirs")
    view = scene.only_task()
    assert (view.responsible.id, view.arbitration.lead.id, part(scene, "property").bound_by.id) == (
        "property", "property", "street",
    )  # fmt: skip
    assert ("property", "named_to_lead") in scene.told()
    scene.aside.decline(task, "guard", "still not ours")
    assert (part(scene, "property").state, part(scene, "property").objecting) == ("requested", True)
    scene.joint.judge(task, "officer", "property", "upheld after all", consents=True)
    assert part(scene, "property").state == "declined"
    with pytest.raises(Conflict, match="no second party"):
        scene.joint.arbitrate(task, "officer", "operator", "again")


def test_who_takes_the_lead_by_itself_ends_the_dispute(scene):
    task = disputed(scene)
    scene.act.acknowledge(task, "technician")
    assert (scene.only_task().arbitration.settled_at, scene.only_task().arbitration.lead) == (scene.clock.now(), None)
    scene.passes(minutes=21)
    assert "task.arbiter-overdue" not in scene.kinds(scene.only_task())


def test_a_dispute_is_over_when_a_worse_hazard_asks_everybody_anew_or_the_matter_clears_by_itself(scene):
    disputed(scene)
    scene.rings("lift.entrapment", "b1/lift-1")
    assert (scene.only_task().arbitration.settled_at, scene.only_task().state) == (scene.clock.now(), "new")
    scene.aside.decline(scene.only_task().id, "technician")
    assert scene.only_task().arbitration.settled_at is not None, "one refusal of this is the first"
    scene.aside.decline(scene.only_task().id, "guard")
    assert scene.only_task().arbitration.settled_at is None


def test_an_arbiter_that_lets_its_clock_run_out_is_passed_over_one_level_up():
    scene = Scene(estate=neighbourhood("committee"))
    disputed(scene)
    assert scene.only_task().arbitration.arbiter.id == "committee"
    scene.passes(minutes=19)
    assert scene.only_task().arbitration.clock.state == "at_risk"
    scene.passes(minutes=1)
    dispute = scene.only_task().arbitration
    assert (dispute.arbiter.id, [party.id for party in dispute.passed_over]) == ("street", ["committee"])
    assert {"task.arbiter-overdue", "task.arbiter-asked"} <= set(scene.kinds(scene.only_task()))
    scene.passes(minutes=20)
    assert scene.only_task().arbitration.clock.state == "breached"
    scene.passes(minutes=60)
    assert scene.kinds(scene.only_task()).count("task.arbiter-overdue") == 2, "above the street there is nobody"
    scene.joint.arbitrate(scene.only_task().id, "officer", "lift-firm", "the contract runs to June")
    assert scene.only_task().responsible.id == "lift-firm"


def test_an_arbiter_never_decides_on_its_own_refusal():
    scene = Scene(estate=neighbourhood("property"))
    disputed(scene)
    assert scene.only_task().arbitration.arbiter.id == "committee"


def test_where_life_is_at_stake_the_arbiter_has_three_minutes(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.aside.decline(task, "technician")
    scene.aside.decline(task, "guard")
    assert scene.only_task().arbitration.clock.due_at == scene.clock.now() + timedelta(minutes=3)


@pytest.mark.parametrize(
    ("arbiter", "within", "fault"),
    [
        ("nobody", 30, "does not exist"),
        ("fire-119", 30, "decides for nobody"),
        ("micro-station", 30, "no member who could decide"),
        ("committee", 0, "longer than nothing"),
    ],
)
def test_an_estate_names_an_arbiter_that_can_decide(arbiter, within, fault):
    plain = description()
    estate = replace(plain.estate, arbiter_party_id=arbiter, arbitrate_within=timedelta(minutes=within))
    with pytest.raises(Invalid, match=fault):
        replace(plain, estate=estate).register(1)


def test_an_estate_that_names_none_leaves_it_to_the_street_or_to_the_fallback_party():
    assert description().register(1).arbiter.id == "street"
    known = description()
    parties = tuple(party for party in known.parties if party.id != "street")
    without = replace(known, parties=parties, members=tuple(m for m in known.members if m.party_id != "street"))
    assert without.register(1).arbiter.id == "property"


def test_an_arbiter_of_which_nobody_is_here_is_passed_over_for_one_that_can_decide():
    """The usual first day: the street office is in the register with a telephone, and without members."""
    known = neighbourhood()
    scene = Scene(estate=replace(known, members=tuple(m for m in known.members if m.party_id != "street")))
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    scene.aside.decline(task, "technician", "not ours")
    scene.aside.decline(task, "manager", "not ours")
    assert scene.only_task().arbitration.arbiter.id == "committee"
    assert ("committee", "arbiter_asked") in scene.told()
    scene.joint.arbitrate(task, "clerk", "lift-firm", "it is theirs")
    assert scene.only_task().responsible.id == "lift-firm"


def test_a_party_that_took_over_and_declines_leaves_no_task_behind_that_nobody_is_called_for(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.aside.transfer(task, "technician", "operator")
    scene.act.acknowledge(task, "engineer")
    scene.aside.decline(task, "engineer", "not the gateway")
    assert (scene.only_task().state, scene.only_task().responsible.id) == ("new", "lift-firm")
    assert scene.only_task().next_step_at is not None


def test_custody_tells_how_long_each_party_held_it_and_how_often_it_bounced(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    scene.clock.advance(minutes=5)
    scene.act.acknowledge(task, "technician")
    scene.clock.advance(minutes=10)
    scene.aside.transfer(task, "technician", "operator")
    scene.clock.advance(minutes=2)
    assert held(scene) == {"lift-firm": (17, 12)}
    scene.act.acknowledge(task, "engineer")
    scene.clock.advance(minutes=20)
    scene.aside.decline(task, "engineer", "not the gateway")
    scene.clock.advance(minutes=1)
    assert held(scene) == {"lift-firm": (18, 12), "operator": (20, 20)}
    assert scene.only_task().bounces == 2
    assert [share.party.id for share in scene.only_task().custody if share.now] == ["lift-firm"]


def test_a_decayed_acknowledgement_is_a_bounce_and_custody_stays_with_who_was_named(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.acknowledge("technician")
    scene.passes(minutes=30)
    scene.clock.advance(minutes=4)
    assert held(scene) == {"lift-firm": (34, 30)}
    assert scene.only_task().bounces == 1


def test_custody_pauses_while_it_is_closed_and_goes_on_when_it_is_reopened(scene):
    number = scene.rings("access.forced-open", "b1/door")
    task = scene.only_task().id
    scene.acknowledge("guard")
    scene.clock.advance(minutes=3)
    scene.act.resolve(task, "guard", ResolutionReason.FIXED)
    scene.falls_quiet("access.forced-open", "b1/door", number)
    scene.passes(minutes=6)
    scene.act.close(task, "manager")
    (view,) = scene.over()
    assert [(share.held_s, share.now) for share in view.custody] == [(9 * 60, False)]
    scene.clock.advance(hours=1)
    scene.act.reopen(task, "guard")
    scene.clock.advance(minutes=2)
    assert held(scene)["property"][0] == 11


def test_who_has_finished_before_saying_whether_it_leads_holds_up_no_timer(scene):
    """Asked to lead as well, it has done its part and gone: the next in line is asked, and time goes on."""
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "guard")
    scene.aside.decline(task.id, "technician")
    scene.joint.finish(task.id, "guard")
    scene.passes(minutes=3)
    assert Kind.REQUEST_EXPIRED in scene.kinds(scene.only_task())
    scene.passes(minutes=2)
    assert ("property", "call_sheet") in scene.told()


def test_no_arbiter_makes_a_community_lead_what_it_only_assists():
    """It supports when the street whistles for it; to lead it may take upon itself."""
    scene = Scene(estate=neighbourhood("street"))
    scene.rings("fire.smoke", "b1/smoke-1")
    task = scene.only_task().id
    scene.aside.decline(task, "watch")
    scene.aside.decline(task, "guard")
    for party in ("grid", "committee"):
        with pytest.raises(Invalid, match="only assists"):
            scene.joint.arbitrate(task, "officer", party, "they are near")
    scene.joint.arbitrate(task, "officer", "micro-station", "they are near")
    assert scene.only_task().responsible.id == "micro-station"


def test_an_arbiter_names_a_community_where_the_duty_itself_has_it_lead_for_want_of_others():
    scene = Scene(estate=neighbourhood("street"))
    scene.is_reported(Concern.EXIT_OBSTRUCTED, "b1/f2")
    task = scene.only_task().id
    scene.aside.decline(task, "guard", "it is not ours to clear")
    scene.passes(hours=2)
    assert scene.only_task().arbitration is not None
    scene.joint.arbitrate(task, "officer", "committee", "nobody else is here")
    assert scene.only_task().responsible.id == "committee"


def test_a_community_is_not_asked_to_lead_what_it_only_assists(scene):
    """Whoever else the row names has declined: the grid worker, who sees to people who need help, goes on supporting."""
    scene.rings("fire.smoke", "b1/smoke-1")
    task = scene.only_task().id
    for member in ("watch", "guard", "fireman"):
        scene.aside.decline(task, member)
    declined = [line for line in scene.incident(scene.only_task()).timeline if line.kind == Kind.DECLINED]
    assert [line.data.get("asked") for line in declined] == ["property", "micro-station", None]
    assert part(scene, "grid").role == "support"


def test_whoever_is_lead_again_because_another_has_decayed_is_asked_again_as_well(scene):
    """Named, late and only joined in: that counts no more than the acknowledgement which came to nothing."""
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    scene.aside.decline(task, "technician", "the contract ended")
    scene.act.acknowledge(task, "guard")
    scene.act.acknowledge(task, "technician")
    assert (scene.only_task().responsible.id, part(scene, "lift-firm").role) == ("property", "support")
    for _ in range(3):
        scene.passes(hours=12)
    assert Kind.DECAYED in scene.kinds(scene.only_task())
    assert (scene.only_task().responsible.id, scene.only_task().state) == ("lift-firm", "new")
    assert (part(scene, "lift-firm").role, part(scene, "lift-firm").state) == ("lead", "requested")
    assert scene.act.acknowledge(task, "technician").state == "acknowledged"
