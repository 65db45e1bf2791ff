"""`resolved` is a claim: life safety goes on paging until a person has looked, and no ladder ends in silence (governance.md)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.adapters.sql import SqlUnitsOfWork, open_engine
from cloud.adapters.sql.tables import metadata
from cloud.application.tasks.hand_slip import HandSlip
from cloud.domain.incidents.report import Concern
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.domain.tasks.task import TaskState
from cloud.domain.tasks.witness import Verdict
from cloud.errors import Conflict, NotAllowed
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene

LIFT, SMOKE, DOOR = ("lift.entrapment", "b1/lift-1"), ("fire.smoke", "b1/smoke-1"), ("access.forced-open", "b1/door")


@pytest.fixture
def scene(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'state.db'}")
    metadata.create_all(engine)
    yield Scene(SqlUnitsOfWork(engine), neighbourhood())
    engine.dispose()


def times(scene, party, reason):
    return scene.told().count((party, reason))


def false_alarm(scene):
    """Smoke; the guard of the control room goes there, takes a photo and says that it is nothing. It goes on firing."""
    scene.rings(*SMOKE)
    task = scene.only_task()
    scene.act.acknowledge(task.id, "watch")
    scene.act.start(task.id, "watch")
    scene.photographs(task.id, "watch")
    scene.act.resolve(task.id, "watch", Why.FALSE_ALARM)
    return task.id


def rescued(scene, why=Why.FIXED):
    """Somebody in the lift; the maintainer gets them out and says so. The alarm's number, and the task's id."""
    number = scene.rings(*LIFT)
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    scene.act.start(task.id, "technician")
    scene.act.resolve(task.id, "technician", why)
    return number, task.id


def test_a_claim_does_not_silence_the_ladder(scene):
    """`unless: closed`: the street hears of a fire alarm that is not closed after 30 minutes, whoever claims what."""
    false_alarm(scene)
    before = times(scene, "street", "escalated")
    scene.passes(minutes=29)
    assert times(scene, "street", "escalated") == before
    scene.passes(minutes=1)
    assert times(scene, "street", "escalated") == before + 1
    assert Kind.ESCALATED in scene.kinds(scene.only_task())


def test_a_ladder_that_waits_for_an_answer_ends_with_the_claim(scene):
    """Nobody is called for an answer, or for an arrival, once somebody has been there and said so."""
    rescued(scene, Why.MITIGATED)
    asked = times(scene, "lift-firm", "call_sheet")
    scene.passes(minutes=1)
    assert times(scene, "lift-firm", "call_sheet") == asked


def test_a_second_person_is_asked_to_look(scene):
    _, task_id = rescued(scene)
    assert scene.told()[-1] == ("property", "verify")
    assert times(scene, "lift-firm", "verify") == 0, "not who claims it, where there is somebody else"
    assert Kind.LOOK_ASKED in scene.kinds(scene.only_task())
    assert Action.CHECK in scene.queries.task(task_id, scene.identity("guard")).allowed


def test_life_safety_goes_on_paging_until_a_person_has_looked(scene):
    number, task_id = rescued(scene)
    scene.falls_quiet(*LIFT, number)
    for _ in range(6):
        scene.passes(minutes=5)
    assert times(scene, "property", "verify") == 7
    assert times(scene, "lift-firm", "verify") == 6, "the claimant's own colleagues too, when nobody else came"
    scene.verify.check(task_id, "guard")
    scene.passes(hours=1)
    assert scene.kinds(scene.only_task()).count(Kind.LOOK_ASKED) == 7
    assert "verify" not in {reason for _, reason in scene.told()}, "what was not sent yet is withdrawn"


def test_what_is_missing_is_reminded_of_daily_until_it_is_closed(scene):
    """A check was made, nobody has closed it: no claim is forgotten."""
    number, task_id = rescued(scene)
    scene.falls_quiet(*LIFT, number)
    scene.verify.check(task_id, "guard")
    told = len(scene.told())
    scene.passes(days=1)
    assert scene.told()[told:] == [("lift-firm", "verify")]
    scene.passes(days=1)
    assert scene.told()[told:] == [("lift-firm", "verify")] * 2
    scene.act.close(task_id, "technician")
    asked = scene.kinds(scene.over()[0]).count(Kind.LOOK_ASKED)
    scene.passes(days=3)
    assert scene.kinds(scene.over()[0]).count(Kind.LOOK_ASKED) == asked


def test_where_no_life_is_at_stake_a_second_person_is_asked_daily(scene):
    scene.rings("lift.maintenance-overdue", "b1/lift-1")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    scene.act.resolve(task.id, "technician", Why.NOT_ACTIONABLE)
    assert times(scene, "property", "verify") == 1
    scene.passes(hours=23)
    assert times(scene, "property", "verify") == 1
    scene.passes(hours=1)
    assert times(scene, "property", "verify") == 2


def test_nobody_is_asked_to_look_for_what_only_its_reporter_can_say(scene):
    scene.is_reported(Concern.DOOR_OPEN, "b1/door")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "guard")
    scene.act.resolve(task.id, "guard", Why.FIXED)
    scene.passes(days=2)
    assert "verify" not in {reason for _, reason in scene.told()}


@pytest.mark.parametrize("why", [Why.FIXED, Why.MITIGATED])
def test_a_sensor_that_goes_on_firing_contradicts_a_claim(scene, why):
    """Life safety begins again: everybody is asked, clocks and ladder start fresh."""
    rescued(scene, why)
    scene.passes(minutes=1)
    assert scene.only_task().state is TaskState.RESOLVED
    scene.passes(minutes=1)
    task = scene.only_task()
    assert (task.state, task.reopened_count) == (TaskState.NEW, 1)
    assert ("lift-firm", "contradicted") in scene.told()
    assert scene.kinds(task)[-2:] == [Kind.CLAIM_CONTRADICTED, Kind.TASK_REOPENED]
    scene.passes(minutes=3)
    assert times(scene, "property", "call_sheet") > 0


def test_a_claim_of_a_false_alarm_is_not_contradicted_by_the_alarm_itself(scene):
    false_alarm(scene)
    for _ in range(12):
        scene.passes(minutes=5)
    assert scene.only_task().state is TaskState.RESOLVED
    assert times(scene, "micro-station", "verify") == 13


def test_where_no_life_is_at_stake_a_contradiction_is_told_once_to_who_answers(scene):
    scene.rings(*DOOR)
    task = scene.only_task()
    scene.act.acknowledge(task.id, "guard")
    scene.act.resolve(task.id, "guard", Why.FIXED)
    scene.passes(minutes=30)
    assert scene.only_task().state is TaskState.RESOLVED
    assert times(scene, "property", "contradicted") == 1
    scene.passes(hours=10)
    assert times(scene, "property", "contradicted") == 1
    scene.passes(days=1)
    assert times(scene, "property", "verify") == 1


def test_a_quiet_sensor_contradicts_nothing(scene):
    number, _ = rescued(scene)
    scene.falls_quiet(*LIFT, number)
    scene.passes(hours=3)
    assert scene.only_task().state is TaskState.RESOLVED


def test_a_claim_leaves_nothing_due_only_once_it_is_closed(scene):
    number, task_id = rescued(scene)
    scene.falls_quiet(*LIFT, number)
    scene.passes(minutes=3)
    with scene.units.reading() as uow:
        assert uow.tasks.next_due_at() is not None
    scene.act.close(task_id, "guard")
    with scene.units.reading() as uow:
        assert uow.tasks.next_due_at() is None


def test_a_support_has_finish_and_whether_it_is_resolved_is_the_leads_to_say(scene):
    scene.rings(*LIFT)
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    scene.act.acknowledge(task.id, "guard")
    with pytest.raises(NotAllowed, match="lead's to say"):
        scene.act.resolve(task.id, "guard", Why.FIXED)
    scene.joint.arrive(task.id, "guard")
    with pytest.raises(NotAllowed, match="false alarm"):
        scene.act.resolve(task.id, "guard", Why.FIXED)
    assert scene.joint.finish(task.id, "guard").state is TaskState.ACKNOWLEDGED


def test_one_person_on_site_claims_a_false_alarm_whoever_leads(scene):
    """The safety floor: the micro station is there, the control room is not; closing waits for a second person."""
    number = scene.rings(*SMOKE)
    task = scene.only_task()
    scene.act.acknowledge(task.id, "watch")
    scene.act.acknowledge(task.id, "fireman")
    with pytest.raises(NotAllowed):
        scene.act.resolve(task.id, "fireman", Why.FALSE_ALARM)
    scene.joint.arrive(task.id, "fireman")
    scene.photographs(task.id, "fireman")
    assert scene.act.resolve(task.id, "fireman", Why.FALSE_ALARM).state is TaskState.RESOLVED
    scene.falls_quiet(*SMOKE, number)
    scene.passes(minutes=5)
    assert scene.act.close(task.id, "watch").state is TaskState.CLOSED


@pytest.mark.parametrize("why", [Why.FALSE_ALARM, Why.NOT_ACTIONABLE, Why.DUPLICATE, Why.UNABLE_TO_FIX])
def test_one_person_on_site_claims_with_a_photo_of_their_own(scene, why):
    given = scene.is_reported(Concern.SMOKE, "b1/f2")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "guard")
    scene.follow.photo(given.token, b"the smoke")
    with pytest.raises(Conflict, match="on site"):
        scene.act.resolve(task.id, "guard", why)
    scene.act.start(task.id, "guard")
    with pytest.raises(Conflict, match="photo"):
        scene.act.resolve(task.id, "guard", why)
    scene.photographs(task.id, "manager")
    with pytest.raises(Conflict, match="photo"):
        scene.act.resolve(task.id, "guard", why)
    scene.photographs(task.id, "guard")
    assert scene.act.resolve(task.id, "guard", why).state is TaskState.RESOLVED


def test_a_claim_on_a_report_that_nothing_bears_out_still_has_the_others_asked_to_look(scene):
    scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "guard")
    scene.act.start(task.id, "guard")
    scene.photographs(task.id, "guard")
    scene.act.resolve(task.id, "guard", Why.NOT_ACTIONABLE)
    assert ("lift-firm", "verify") not in scene.told()
    scene.passes(minutes=3)
    assert ("lift-firm", "verify") in scene.told()
    assert scene.only_task().state is TaskState.RESOLVED
    assert scene.act.reopen(task.id, "technician").state is TaskState.NEW
    assert scene.act.acknowledge(task.id, "technician").state is TaskState.ACKNOWLEDGED


def test_a_supports_start_does_not_hide_an_absent_lead(scene):
    """The maintainer has accepted and never comes; the property is in the shaft room. The ladder resumes."""
    scene.rings(*LIFT)
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    scene.act.acknowledge(task.id, "guard")
    scene.act.start(task.id, "guard")
    scene.passes(minutes=15)
    assert Kind.REMINDED in scene.kinds(scene.only_task())
    scene.passes(minutes=15)
    assert scene.only_task().state is TaskState.NEW
    sheets = times(scene, "property", "call_sheet")
    for _ in range(10):
        scene.passes(minutes=2)
    assert times(scene, "property", "call_sheet") >= sheets + 10


def test_a_lead_that_is_there_or_speaks_is_left_alone(scene):
    scene.rings(*LIFT)
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    scene.act.acknowledge(task.id, "guard")
    scene.act.start(task.id, "guard")
    scene.passes(minutes=20)
    scene.act.note(task.id, "technician", "in the traffic")
    scene.passes(minutes=20)
    assert scene.only_task().state is TaskState.IN_PROGRESS
    scene.act.start(task.id, "technician")
    scene.passes(minutes=100)
    scene.act.note(task.id, "technician", "the car does not move yet")
    scene.passes(minutes=100)
    assert scene.only_task().state is TaskState.IN_PROGRESS


def test_a_sheet_for_want_of_an_arrival_is_said_again_until_somebody_is_there(scene):
    """The lead says that it is on its way, again and again, and does not come."""
    scene.rings(*LIFT)
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    for _ in range(6):
        scene.passes(minutes=10)
        scene.act.note(task.id, "technician", f"still coming {scene.clock.now()}")
    sheets = times(scene, "property", "call_sheet")
    assert sheets == 2 * 4, "96333 and 119, at 30, 40, 50 and 60 minutes"
    scene.act.start(task.id, "technician")
    steps = scene.kinds(scene.only_task()).count(Kind.ESCALATED)
    scene.passes(minutes=50)
    assert scene.kinds(scene.only_task()).count(Kind.ESCALATED) == steps


def reported_by(scene, **who):
    """A door stands open; the property says that it is fixed. The link's token - of who phoned from the slip - and the task's id."""
    given = scene.is_reported(Concern.DOOR_OPEN, "b1/door", **who)
    token, desk = given.token, who.get("desk_id")
    if desk:
        token = HandSlip(scene.units, scene.clock)(given.report_id, scene.identity(desk)).token
    task = scene.only_task()
    scene.act.acknowledge(task.id, "guard")
    scene.act.resolve(task.id, "guard", Why.FIXED)
    return token, task.id


@pytest.mark.parametrize("who", [{"desk_id": "guard"}, {"desk_id": "manager"}, {"member_id": "guard"}])
def test_who_did_the_work_never_verifies_it_alone_by_the_reporters_link(scene, who):
    token, task_id = reported_by(scene, **who)
    assert scene.follow.judge(token, Verdict.GOOD).state is TaskState.RESOLVED
    assert {tick.need.value: tick.done for tick in scene.incident(scene.only_task()).ticks} == {"independent": False}
    with pytest.raises(NotAllowed, match="never verifies it alone"):
        scene.act.close(task_id, "guard")
    scene.passes(days=8)
    assert scene.only_task().state is TaskState.RESOLVED, "an answer came, and it was no other's"
    assert scene.act.close(task_id, "manager").state is TaskState.CLOSED


def test_a_reporter_who_had_no_part_in_it_closes_it(scene):
    token, _ = reported_by(scene, desk_id="clerk")
    assert scene.follow.judge(token, Verdict.GOOD).state is TaskState.CLOSED


def test_a_verdict_of_ones_own_is_no_satisfaction(scene):
    from cloud.application.credit.rating import Rating
    from tests.fakes.estate import ESTATE

    token, _ = reported_by(scene, member_id="guard")
    scene.follow.judge(token, Verdict.GOOD)
    rows = {one.party_id: one.rates for one in Rating(scene.units, scene.clock)(ESTATE).parties}
    satisfaction = next(rate for rate in rows["property"] if rate.measure.value == "satisfaction")
    assert satisfaction.denominator == 0


def test_a_claim_says_when_people_are_asked_next(scene):
    rescued(scene)
    with scene.units.reading() as uow:
        due = uow.tasks.next_due_at()
    assert due == scene.clock.now() + timedelta(minutes=2), "the sensor's moment to fall quiet comes first"
