"""Joint work on real storage: what a task keeps of it comes back as it was, and tasks of before can be read."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from cloud.application.credit.rating import Rating
from cloud.domain.credit.rates import Measure
from cloud.domain.tasks.calls import Ground
from cloud.domain.tasks.due import next_due
from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.clocks import RecordingAnnouncer
from tests.fakes.estate import ESTATE
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

SINCE = ("custody", "bounces", "calls", "wish", "arbitration", "merged", "merged_into")
SINCE_OF_PARTS = ("bound_by", "objected_at", "limited_at", "finish_from", "noted", "lead_by")


@pytest.fixture
def scene(units):
    return Scene(units, neighbourhood("committee"))


def kept(scene, task_id):
    with scene.units.reading() as uow:
        return uow.tasks.get(task_id)


def test_calls_objections_arbitration_and_custody_come_back_as_they_were(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    scene.aside.decline(task, "technician", "no contract")
    scene.joint.whistle(task, "officer", Ground.EMERGENCY, ["police"], ["locks"])
    scene.aside.decline(task, "constable", "no offence")
    scene.passes(minutes=31)
    found = kept(scene, task)
    assert (found.arbitration.arbiter_id, len(found.bounces)) == ("committee", 2)
    assert {call.party_id: call.objections for call in found.calls} == {"police": 1, "locksmith": 0, "smith-two": 0}
    assert found.part_of("police").bound_by == "street"
    assert [one.party_id for one in found.custody] == ["lift-firm"]
    scene.passes(minutes=20)
    assert kept(scene, task).arbitration.arbiter_id == "street"


def test_caller_and_called_are_both_assessed(engine):
    scene = Scene(SqlUnitsOfWork(engine, RecordingAnnouncer()), neighbourhood("committee"))
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.joint.ask_for_help(task, "technician", ["locksmith"])
    scene.joint.whistle(task, "officer", Ground.EMERGENCY, ["police", "smith-two"])
    scene.act.acknowledge(task, "smith")
    scene.act.acknowledge(task, "second-smith")
    scene.aside.decline(task, "constable", "no offence")
    scene.joint.judge(task, "officer", "police", "right", consents=True)
    assert {call.party_id: call.upheld_at is not None for call in kept(scene, task).calls} == {
        "locksmith": False, "police": True, "smith-two": False
    }  # fmt: skip
    scene.clock.advance(minutes=1)
    shown = {
        party.party_id: {rate.measure: rate for rate in party.rates}
        for party in Rating(scene.units, scene.clock)(ESTATE).parties
    }

    def of(party, measure):
        return shown[party][measure].numerator, shown[party][measure].denominator

    assert of("lift-firm", Measure.HELP_CAME) == (1, 1)
    assert of("lift-firm", Measure.JOINT_AS_CALLER) == (1, 1)
    assert of("street", Measure.WHISTLE_CAME) == (1, 2)
    assert of("street", Measure.OBJECTIONS_UPHELD) == (1, 2)
    assert of("police", Measure.JOINT_AS_CALLED) == (0, 1)


def test_merged_tasks_leave_the_board_and_are_found_where_they_went(scene):
    scene.rings("lift.door-fault", "b1/lift-1")
    first = scene.only_task()
    scene.act.acknowledge(first.id, "technician")
    scene.rings("lift.door-fault", "b1/lift-2")
    second = next(task for task in scene.board() if task.id != first.id)
    scene.merge(first.id, "technician", second.id)
    assert [task.id for task in scene.board()] == [second.id]
    assert [task.id for task in scene.over()] == [first.id]
    assert len(scene.queries.incident(second.incident_id, None).alerts) == 2
    assert scene.queries.incident(first.incident_id, None).alerts == []
    assert next_due(kept(scene, first.id)) is None


def test_the_arbiter_of_an_estate_is_kept(units):
    Scene(units, neighbourhood("committee"))
    with units.reading() as uow:
        estate = uow.registers.find(ESTATE).estate
    assert (estate.arbiter_party_id, estate.arbitrate_within) == ("committee", timedelta(minutes=20))


def test_a_task_of_before_is_read_and_goes_on(tmp_path):
    """As it was kept before there was joint work: none of the fields that came since."""
    engine = fresh_state(tmp_path / "old.db")
    scene = Scene(SqlUnitsOfWork(engine, RecordingAnnouncer()), neighbourhood())
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task().id
    with engine.begin() as connection:
        body = json.loads(connection.execute(text("SELECT body FROM tasks")).scalar_one())
        for field in SINCE:
            del body[field]
        for part in body["assignments"]:
            for field in SINCE_OF_PARTS:
                del part[field]
        connection.execute(text("UPDATE tasks SET body = :body"), {"body": json.dumps(body)})
    assert kept(scene, task).custody == ()
    scene.act.acknowledge(task, "technician")
    scene.joint.ask_for_help(task, "technician", ["operator"])
    assert [one.party_id for one in kept(scene, task).custody] == ["lift-firm"]
    engine.dispose()


def test_a_claim_from_before_does_not_sleep_until_it_is_touched(tmp_path):
    """As it was kept before people were asked to look after claims: resolved, and nothing ever due."""
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(engine)
    scene = Scene(SqlUnitsOfWork(engine, RecordingAnnouncer()), neighbourhood())
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.act.start(task, "technician")
    scene.act.resolve(task, "technician", ResolutionReason.FIXED)
    with engine.begin() as connection:
        connection.execute(text("UPDATE tasks SET next_due_at = NULL"))
    before = len(scene.told())
    scene.passes(hours=1)
    assert len(scene.told()) == before, "it sleeps"
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        import_module("cloud.migrations.versions.0031_claims_that_slept").upgrade()
    scene.timers()
    assert len(scene.told()) > before
    assert kept(scene, task).state == "new", "the sensor that goes on firing contradicts it"
    engine.dispose()


def test_a_lead_that_was_there_before_does_not_sleep_until_it_is_touched(tmp_path):
    """As it was kept when an arrival ended reminder and decay: at work, and nothing ever due."""
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(engine)
    scene = Scene(SqlUnitsOfWork(engine, RecordingAnnouncer()), neighbourhood())
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.act.start(task, "technician")
    with engine.begin() as connection:
        connection.execute(text("UPDATE tasks SET next_due_at = NULL"))
    scene.passes(hours=1)
    assert ("lift-firm", "reminder") not in scene.told(), "it sleeps"
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        import_module("cloud.migrations.versions.0048_leads_that_are_there").upgrade()
    scene.timers()
    assert ("lift-firm", "reminder") in scene.told()
    assert next_due(kept(scene, task)) is not None
    engine.dispose()


def test_a_lead_that_is_there_and_silent_is_reminded_and_asked_anew(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "technician")
    scene.act.start(task, "technician")
    scene.passes(hours=1)
    assert ("lift-firm", "reminder") in scene.told()
    scene.passes(hours=1)
    part = kept(scene, task).lead
    assert (kept(scene, task).state, part.state, part.present) == ("new", "requested", {"technician"})
    assert part.arrived_at is not None


def test_an_estate_of_before_has_no_arbiter_of_its_own_and_half_an_hour(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'old.db'}")
    upgrade(engine, "0007")
    row = {
        "id": "old", "place_id": "street/old", "zh": "旧小区", "en": "Old estate", "fallback_party_id": "property",
        "time_zone": "Asia/Shanghai", "reopen_window_s": 1800.0, "version": 1, "digest": "d",
    }  # fmt: skip
    with engine.begin() as connection:
        names = ", ".join(row)
        connection.execute(text(f"INSERT INTO estates ({names}) VALUES ({', '.join(f':{n}' for n in row)})"), row)
    upgrade(engine)
    with SqlUnitsOfWork(engine, RecordingAnnouncer()).reading() as uow:
        (estate,) = uow.registers.estates()
    assert (estate.arbiter_party_id, estate.arbitrate_within) == (None, timedelta(minutes=30))
    engine.dispose()
