"""`closed` needs what the duty asks, and who did the work never verifies it alone (governance.md, Verification)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.domain.duties.duty import Need
from cloud.domain.incidents.report import Concern
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.actions import Action
from cloud.domain.tasks.floor import MUTED_FOR
from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.domain.tasks.verification import UNVERIFIED_AFTER
from cloud.domain.tasks.witness import Stage, Verdict
from cloud.errors import Conflict, NotAllowed, NotFound
from tests.fakes.estate import description
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state


@pytest.fixture
def scene(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Scene(SqlUnitsOfWork(engine))
    engine.dispose()


def ticks(scene, task_id):
    task = next(one for one in (*scene.board(), *scene.over()) if one.id == task_id)
    return {tick.need.value: tick.done for tick in scene.incident(task).ticks}


def done(scene, concern=Concern.DOOR_OPEN, code="b1/door", member="guard", why=Why.FIXED):
    """A resident reports, a member does the work; the link's token and the task's id."""
    given = scene.is_reported(concern, code, words="boxes everywhere", contact="555-0100")
    task = scene.only_task()
    scene.act.acknowledge(task.id, member)
    scene.act.resolve(task.id, member, why)
    return given.token, task.id


def test_a_report_is_closed_by_the_verdict_of_its_reporter(scene):
    token, task_id = done(scene)
    assert ticks(scene, task_id) == {"reporter": False}
    with pytest.raises(Conflict, match="reporter"):
        scene.act.close(task_id, "manager")
    assert scene.follow.judge(token, Verdict.GOOD).state == "closed"
    assert ticks(scene, task_id) == {"reporter": True}
    assert scene.queries.alerts("example", None) == []


@pytest.mark.parametrize("verdict", [Verdict.BAD, Verdict.RETURNED])
def test_what_is_not_good_begins_again_and_everybody_is_told(scene, verdict):
    token, task_id = done(scene)
    scene.clock.advance(minutes=3)
    view = scene.follow.judge(token, verdict, "still there")
    task = scene.only_task()
    assert (view.state, task.reopened_count) == ("new", 1)
    assert ("property", "reopened") in scene.told()
    with pytest.raises(Conflict, match="nothing to judge"):
        scene.follow.judge(token, Verdict.GOOD)
    scene.acknowledge("guard")
    scene.act.resolve(task_id, "guard", Why.FIXED)
    scene.clock.advance(minutes=1)
    assert scene.follow.judge(token, Verdict.GOOD).state == "closed"


def test_a_closed_one_is_opened_again_by_a_reporter_who_finds_it_bad(scene):
    first = scene.is_reported(Concern.DOOR_OPEN, "b1/door")
    again = scene.is_reported(None, "b1", same_as=first.incident_id, device="two")
    task_id = scene.only_task().id
    scene.act.acknowledge(task_id, "guard")
    scene.act.resolve(task_id, "guard", Why.FIXED)
    scene.follow.judge(first.token, Verdict.GOOD)
    scene.clock.advance(days=1)
    scene.follow.judge(again.token, Verdict.BAD)
    assert scene.only_task().id == task_id
    assert scene.only_task().closed_at is None


def test_nobody_answers_for_seven_days_and_it_is_closed_as_unverified(scene):
    _, task_id = done(scene)
    scene.passes(days=6, hours=23)
    assert scene.only_task().state == "resolved"
    scene.passes(hours=1)
    assert scene.over()[0].id == task_id
    assert scene.kinds(scene.over()[0])[-1] == Kind.CLOSED_UNVERIFIED
    assert timedelta(days=7) == UNVERIFIED_AFTER
    with scene.units.reading() as uow:
        incident = uow.incidents.get(scene.over()[0].incident_id)
        assert incident.closed_at == scene.clock.now(), "what is said of it from now on is a matter of its own"
        assert not uow.alerts.firing(incident.estate), "what only people said ends with it"


def test_a_reporters_silence_replaces_no_second_person(scene):
    _, task_id = done(scene, Concern.EXIT_OBSTRUCTED, "b1/f2", "manager")
    before = len([one for one in scene.told() if one[1] == "verify"])
    scene.passes(days=8)
    assert ticks(scene, task_id) == {"independent": False, "reporter": False}
    assert scene.only_task().state == "resolved"
    assert len([one for one in scene.told() if one[1] == "verify"]) > before
    scene.verify.check(task_id, "guard")
    scene.passes(minutes=1)
    assert scene.over()[0].id == task_id
    assert scene.kinds(scene.over()[0])[-1] == Kind.CLOSED_UNVERIFIED


def test_life_safety_is_never_closed_as_unverified_nor_by_its_reporter(scene):
    token, task_id = done(scene, Concern.TRAPPED, "b1/lift-1", "manager")
    scene.passes(days=30)
    scene.follow.judge(token, Verdict.GOOD)
    assert scene.only_task().state == "resolved"
    with pytest.raises(NotAllowed):
        scene.act.close(task_id, "manager")
    assert scene.act.close(task_id, "guard").state == "closed"


def test_a_reporters_verdict_is_never_what_ends_life_safety_also_where_nothing_else_is_missing(scene):
    token, task_id = done(scene, Concern.TRAPPED, "b1/lift-1", "manager")
    scene.verify.check(task_id, "guard")
    assert all(ticks(scene, task_id).values())
    assert scene.follow.judge(token, Verdict.GOOD).state == "resolved"
    assert scene.act.close(task_id, "guard").state == "closed"


def test_a_second_person_may_check_it_and_then_anybody_closes_it(scene):
    number = scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    scene.falls_quiet("lift.entrapment", "b1/lift-1", number)
    scene.act.resolve(task.id, "technician", Why.FIXED)
    with pytest.raises(NotAllowed, match="never verifies it alone"):
        scene.verify.check(task.id, "technician")
    scene.passes(minutes=5)
    scene.verify.check(task.id, "foreman", note="looked at it")
    assert ticks(scene, task.id) == {"independent": True, "sensor": True}
    assert scene.act.close(task.id, "technician").state == "closed"


def test_a_false_alarm_of_life_safety_is_claimed_with_a_photo_and_closed_by_another(scene):
    number = scene.rings("fire.smoke", "b1/smoke-1")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "watch")
    scene.act.start(task.id, "watch")
    with pytest.raises(Conflict, match="photo"):
        scene.act.resolve(task.id, "watch", Why.FALSE_ALARM)
    scene.photographs(task.id, "watch")
    scene.act.resolve(task.id, "watch", Why.FALSE_ALARM)
    scene.falls_quiet("fire.smoke", "b1/smoke-1", number)
    scene.passes(minutes=10)
    with pytest.raises(NotAllowed):
        scene.act.close(task.id, "watch")
    assert scene.act.close(task.id, "manager").state == "closed"


def test_a_photo_from_before_somebody_was_there_bears_out_no_false_alarm(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "watch")
    scene.photographs(task, "watch", raw=b"some other detector, years ago")
    scene.clock.advance(minutes=2)
    scene.act.start(task, "watch")
    with pytest.raises(Conflict, match="photo"):
        scene.act.resolve(task, "watch", Why.FALSE_ALARM)
    scene.photographs(task, "watch", raw=b"steam from the kitchen")
    assert scene.act.resolve(task, "watch", Why.FALSE_ALARM).state == "resolved"


def test_one_person_on_site_mutes_the_sounder_for_a_quarter_of_an_hour_and_nothing_else(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "watch")
    with pytest.raises(NotAllowed, match="on site"):
        scene.verify.mute(task.id, "watch")
    scene.act.start(task.id, "watch")
    before = scene.only_task()
    scene.verify.mute(task.id, "watch")
    muted = scene.only_task()
    assert muted.muted_until == scene.clock.now() + MUTED_FOR
    assert (muted.state, muted.next_step_at, muted.clocks) == (before.state, before.next_step_at, before.clocks)
    assert Action.MUTE not in muted.allowed
    scene.passes(minutes=14)
    assert scene.only_task().muted_until is not None
    scene.passes(minutes=1)
    assert scene.only_task().muted_until is None
    assert Kind.SOUNDER_BACK in scene.kinds(scene.only_task())


def test_that_a_colleague_is_on_site_lets_nobody_mute_or_claim_from_elsewhere(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    task_id = scene.only_task().id
    scene.act.acknowledge(task_id, "watch")
    scene.act.acknowledge(task_id, "guard")
    scene.joint.arrive(task_id, "guard")
    scene.photographs(task_id, "manager")
    with pytest.raises(NotAllowed, match="on site"):
        scene.verify.mute(task_id, "manager")
    with pytest.raises(NotAllowed, match="lead"):
        scene.act.resolve(task_id, "manager", Why.FALSE_ALARM)
    scene.joint.arrive(task_id, "manager")
    with pytest.raises(Conflict):
        scene.joint.arrive(task_id, "manager")
    scene.verify.mute(task_id, "manager")
    assert scene.act.resolve(task_id, "manager", Why.FALSE_ALARM).state == "resolved"


def test_a_leads_colleague_who_comes_later_says_so_to_claim_what_is_there(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    task_id = scene.only_task().id
    for name in ("watch", "grid-officer"):
        scene.act.acknowledge(task_id, name)
    scene.aside.transfer(task_id, "watch", "property")
    scene.act.acknowledge(task_id, "guard")
    scene.act.start(task_id, "guard")
    arrived = scene.only_task().assignments
    scene.photographs(task_id, "manager")
    with pytest.raises(Conflict, match="on site"):
        scene.act.resolve(task_id, "manager", Why.FALSE_ALARM)
    scene.passes(seconds=30)
    scene.act.start(task_id, "manager")
    assert [part.arrived_at for part in scene.only_task().assignments] == [part.arrived_at for part in arrived]
    assert scene.act.resolve(task_id, "manager", Why.FALSE_ALARM).state == "resolved"


def test_what_is_raised_meanwhile_sounds_at_once(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "watch")
    scene.act.start(task.id, "watch")
    scene.verify.mute(task.id, "watch")
    scene.rings("fire.smoke", "b1/smoke-2")
    assert scene.only_task().muted_until is None


def test_a_link_that_is_wrong_opens_nothing(scene):
    done(scene)
    with pytest.raises(NotFound):
        scene.follow.read("guessed")


def test_a_photo_that_is_sent_again_is_not_there_twice(scene):
    scene.rings("access.forced-open", "b1/door")
    task = scene.only_task()
    scene.photographs(task.id, "guard")
    with pytest.raises(Conflict, match="already"):
        scene.photographs(task.id, "guard")
    assert len(scene.incident(scene.only_task()).photos) == 1


def photographed(*needs, why=Why.FIXED):
    """A door of which the duty asks for photos; the guard takes both and claims what is to be verified."""
    plain = description()
    rows = (replace(row, needs=frozenset(needs)) if row.id == "access" else row for row in plain.duties)
    scene = Scene(estate=replace(plain, duties=tuple(rows)))
    number = scene.rings("access.forced-open", "b1/door")
    task_id = scene.only_task().id
    scene.act.acknowledge(task_id, "guard")
    scene.photographs(task_id, "guard", Stage.BEFORE)
    scene.act.resolve(task_id, "guard", why)
    if why is Why.FIXED:
        scene.falls_quiet("access.forced-open", "b1/door", number)
    scene.clock.advance(minutes=10)
    return scene, task_id


def test_an_independent_check_has_photos_of_before_and_after():
    scene, task_id = photographed(Need.INDEPENDENT, Need.PHOTOS)
    assert ticks(scene, task_id) == {"independent": False, "photos": False}
    with pytest.raises(Conflict, match="before and after"):
        scene.act.close(task_id, "manager")
    scene.photographs(task_id, "guard", Stage.AFTER)
    assert ticks(scene, task_id) == {"independent": False, "photos": True}
    assert scene.act.close(task_id, "manager").state == "closed"


@pytest.mark.parametrize(("needs", "why"), [((Need.PHOTOS,), Why.FIXED), ((Need.SENSOR, Need.PHOTOS), Why.FALSE_ALARM)])
def test_photos_are_no_second_person(needs, why):
    """Who did the work never verifies it alone, and a false alarm is closed by two: whoever took the photos is one of them."""
    scene, task_id = photographed(*needs, why=why)
    scene.photographs(task_id, "guard", Stage.AFTER)
    with pytest.raises(NotAllowed, match="never verifies it alone"):
        scene.act.close(task_id, "guard")
    assert scene.act.close(task_id, "manager").state == "closed"


def test_where_the_sensor_bears_witness_photos_need_no_second_person():
    scene, task_id = photographed(Need.SENSOR, Need.PHOTOS)
    scene.photographs(task_id, "guard", Stage.AFTER)
    assert scene.act.close(task_id, "guard").state == "closed"


def test_who_reported_what_was_merged_judges_what_it_was_merged_into(scene):
    given = scene.is_reported(Concern.DOOR_OPEN, "b1/door")
    goes = scene.only_task().id
    scene.rings("access.forced-open", "b2/door")
    stays = next(one.id for one in scene.board() if one.id != goes)
    for task_id in (goes, stays):
        scene.act.acknowledge(task_id, "guard")
    scene.merge(goes, "guard", stays)
    scene.act.resolve(stays, "guard", Why.NOT_ACTIONABLE)
    assert ticks(scene, stays)["reporter"] is False
    scene.follow.judge(given.token, Verdict.GOOD)
    assert ticks(scene, stays)["reporter"] is True
