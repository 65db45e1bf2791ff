"""Residents report without login; the property is paged at once, the others when something bears it out (Residents)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.tasks.plan_exercises import PlanExercises
from cloud.domain.incidents.report import Concern
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.task import ResolutionReason as Why
from cloud.errors import Conflict, Invalid, NotFound
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state


@pytest.fixture
def scene(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Scene(SqlUnitsOfWork(engine))
    engine.dispose()


def paged(scene):
    return [party for party, _ in scene.told()]


def test_somebody_is_trapped_pages_the_property_alone_at_once(scene):
    scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    task = scene.only_task()
    assert (task.life_safety, task.responsible.id) == (True, "property")
    assert paged(scene) == ["property"]


def test_after_three_minutes_the_others_join_even_if_the_property_has_answered(scene):
    scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    scene.acknowledge("guard")
    scene.passes(minutes=2, seconds=59)
    assert set(paged(scene)) <= {"property"}
    scene.passes(seconds=1)
    task = scene.only_task()
    assert {"lift-firm", "committee"} <= set(paged(scene))
    assert task.responsible.id == "lift-firm"
    assert {a.party.id: a.state.value for a in task.assignments}["property"] == "accepted"
    assert Kind.OTHERS_JOINED in scene.kinds(task)
    assert scene.acknowledge("technician").state == "acknowledged"


def test_a_sensor_that_says_the_same_calls_the_others_at_once(scene):
    scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    scene.rings("lift.entrapment", "b1/lift-1")
    assert "lift-firm" in paged(scene)
    assert scene.only_task().responsible.id == "lift-firm"


def test_a_second_report_calls_the_others_but_not_the_same_person_twice(scene):
    scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="one")
    scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="one")
    assert set(paged(scene)) == {"property"}
    scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="two")
    assert "lift-firm" in paged(scene)
    assert len(scene.board()) == 1


def test_this_is_mine_too_joins_what_is_known_and_bears_it_out(scene):
    first = scene.is_reported(Concern.SMOKE, "b1/smoke-1", device="one")
    second = scene.is_reported(None, "b1/f2", same_as=first.incident_id, device="two")
    assert second.incident_id == first.incident_id
    assert "fire-room" in paged(scene)


def test_the_property_confirms_it(scene):
    scene.is_reported(Concern.SMOKE, "b1/smoke-1")
    scene.verify.confirm(scene.only_task().id, "guard")
    assert "fire-room" in paged(scene)
    with pytest.raises(Conflict, match="No report"):
        scene.verify.confirm(scene.only_task().id, "guard")


def test_a_report_of_smoke_is_presumed_a_fire_only_after_all_were_called(scene):
    scene.is_reported(Concern.SMOKE, "b1/smoke-1")
    scene.passes(minutes=3)
    assert scene.only_task().hazard == "fire.smoke"
    scene.passes(minutes=3)
    assert scene.only_task().hazard == "fire.presumed"


def test_other_hazards_go_to_their_parties_directly_and_never_clear_by_themselves(scene):
    scene.is_reported(Concern.LIFT_FAULT, "b1/lift-1")
    assert scene.only_task().responsible.id == "lift-firm"
    scene.passes(days=2)
    assert scene.only_task().state == "new"


def test_a_sensor_that_falls_quiet_does_not_clear_what_a_person_saw(scene):
    number = scene.rings("access.held-open", "b1/door")
    scene.is_reported(Concern.DOOR_OPEN, "b1/door")
    scene.falls_quiet("access.held-open", "b1/door", number)
    scene.passes(days=1)
    (task,) = scene.board()
    assert (task.state, task.quiet_since is not None) == ("new", True)


def test_a_place_has_a_code_too_and_a_wrong_one_is_refused(scene):
    scene.is_reported(Concern.EXIT_OBSTRUCTED, "b1/f2")
    assert scene.only_task().place.id.endswith("/b1/f2")
    with pytest.raises(NotFound):
        scene.is_reported(Concern.SMOKE, "b9")
    with pytest.raises(Invalid, match="choose one of"):
        scene.is_reported(Concern.TRAPPED, "b1/door")


def test_words_and_contact_stand_among_the_personal_data_only(scene):
    report = scene.is_reported(Concern.SMOKE, "b1/f2", words="my kitchen", contact="Li 555-0100")
    told = str(scene.ledger())
    assert "kitchen" not in told
    assert "555-0100" not in told
    with scene.units.reading() as uow:
        kept = uow.personal.of_subject(ESTATE, f"reporter:{report.report_id}")
    assert sorted(one.text for one in kept) == ["Li 555-0100", "my kitchen"]
    assert {one.digest for one in kept} <= set(map(str, scene.ledger()[-1].data.values())) | {
        str(v) for e in scene.ledger() for v in e.data.values()
    }


def test_a_reported_matter_that_was_over_is_reported_anew(scene):
    given = scene.is_reported(Concern.LIFT_FAULT, "b1/lift-1")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    scene.act.resolve(task.id, "technician", Why.FIXED)
    scene.passes(days=7)
    scene.passes(hours=1)
    with pytest.raises(Conflict, match="over"):
        scene.is_reported(None, "b1/lift-1", same_as=given.incident_id)
    assert scene.is_reported(Concern.LIFT_FAULT, "b1/lift-1").incident_id != given.incident_id


def claimed(scene):
    """Somebody is trapped, the technician came, and says that it is done; how many were told till then."""
    first = scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="one")
    scene.passes(minutes=3)
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    scene.act.start(task.id, "technician")
    scene.act.resolve(task.id, "technician", Why.FIXED)
    scene.clock.advance(minutes=1)
    return first, len(scene.told())


def paged_again(scene, before):
    task = scene.only_task()
    return task.state, task.reopened_count, {party for party, why in scene.told()[before:] if why == "reopened"}


AT_ONCE = ("new", 1, {"property", "lift-firm", "committee"})


def test_this_is_mine_too_after_a_claim_reopens_it_and_pages_at_once(scene):
    first, before = claimed(scene)
    second = scene.is_reported(None, "b1/lift-1", same_as=first.incident_id, device="two")
    assert second.incident_id == first.incident_id
    assert paged_again(scene, before) == AT_ONCE


def test_the_same_words_after_a_claim_say_that_it_is_not_done(scene):
    first, before = claimed(scene)
    again = scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="one")
    assert again.report_id != first.report_id
    assert paged_again(scene, before) == AT_ONCE
    told = len(scene.told())
    assert scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="one").report_id == again.report_id
    assert len(scene.told()) == told, "said to people who are on their way already"


@pytest.mark.parametrize("mine_too", [False, True])
def test_where_too_much_came_from_there_what_is_said_to_be_done_is_known_no_more(scene, mine_too):
    first, before = claimed(scene)
    extra = {"same_as": first.incident_id} if mine_too else {}
    told = scene.is_reported(None if mine_too else Concern.TRAPPED, "b1/lift-1", device="x", too_many=True, **extra)
    assert not told.folded
    assert paged_again(scene, before) == AT_ONCE


def test_a_door_that_cleared_by_itself_and_is_mine_too_does_not_settle(scene):
    number = scene.rings("access.held-open", "b1/door")
    scene.falls_quiet("access.held-open", "b1/door", number)
    scene.passes(minutes=30)
    task = scene.only_task()
    assert task.state == "resolved"
    scene.is_reported(None, "b1/door", same_as=task.incident_id, device="two")
    scene.passes(hours=2)
    assert (scene.only_task().id, scene.only_task().state) == (task.id, "new")


def test_a_persons_word_after_a_claim_does_not_make_a_sensor_quiet_that_fires(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task()
    scene.act.acknowledge(task.id, "technician")
    scene.act.start(task.id, "technician")
    scene.act.resolve(task.id, "technician", Why.FIXED)
    scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="two")
    assert (scene.only_task().state, scene.only_task().quiet_since) == ("new", None)


def test_what_happens_elsewhere_cannot_be_mine_too(scene):
    trapped = scene.is_reported(Concern.TRAPPED, "b1/lift-1", device="one")
    for elsewhere in ("b1/lift-2", "b2/door", "b2"):
        with pytest.raises(NotFound, match="report it as something new"):
            scene.is_reported(None, elsewhere, same_as=trapped.incident_id, device="two")
    assert set(paged(scene)) == {"property"}, "nothing has borne it out"
    scene.is_reported(None, "b1", same_as=trapped.incident_id, device="two")
    assert "lift-firm" in paged(scene), "the building that it lies in has a code, too"


def test_an_exercise_cannot_be_mine_too(scene):
    now = scene.clock.now()
    PlanExercises(scene.units, scene.clock, scene.ids).plan(
        ESTATE, ["b1/lift-1"], now, now + timedelta(hours=1), scene.identity("manager"), hazards=["lift.entrapment"]
    )
    scene.rings("lift.entrapment", "b1/lift-1")
    with pytest.raises(NotFound):
        scene.is_reported(None, "b1/lift-1", same_as=scene.only_task().incident_id)
