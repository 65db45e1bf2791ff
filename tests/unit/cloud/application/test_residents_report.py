"""Residents report without login; the property is paged at once, the others when something bears it out (Residents)."""

from __future__ import annotations

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
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
