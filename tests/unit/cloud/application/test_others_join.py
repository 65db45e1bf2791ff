"""A report that waits, and what becomes of its lead meanwhile: merged, arbitrated, handed over, declined."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.adapters.sql import SqlUnitsOfWork, open_engine
from cloud.adapters.sql.tables import metadata
from cloud.domain.incidents.report import Concern
from cloud.domain.tasks.fire import WITHOUT_WORD
from cloud.domain.tasks.merging import Pair, merge
from cloud.domain.tasks.task import ResolutionReason
from tests.fakes.neighbourhood import neighbourhood
from tests.fakes.scene import Scene


@pytest.fixture
def scene(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'state.db'}")
    metadata.create_all(engine)
    yield Scene(SqlUnitsOfWork(engine), neighbourhood("street"))
    engine.dispose()


def roles(task):
    return {part.party.id: (part.role, part.state.value) for part in task.assignments}


def another(scene, than):
    return next(task.id for task in scene.board() if task.id != than)


def test_a_merge_starts_no_clock_anew_and_changes_no_lead_although_the_other_report_still_waits(scene):
    """As in tasks of before life in two lifts was kept apart."""
    scene.rings("lift.entrapment", "b1/lift-1")
    into = scene.only_task().id
    scene.act.acknowledge(into, "technician")
    scene.act.start(into, "technician")
    before = scene.only_task()
    scene.is_reported(Concern.TRAPPED, "b1/lift-2")
    report = another(scene, into)
    scene.act.acknowledge(report, "guard")
    with scene.units.writing() as uow:
        register, officer = uow.registers.find("example"), uow.registers.member("officer")
        ends, stays = uow.tasks.get(report), uow.tasks.get(into)
        source, target = uow.incidents.get(ends.incident_id), uow.incidents.get(stays.incident_id)
        assert ends.others_at is not None
        one_lift = Pair(source, replace(target, equipment_id=source.equipment_id), register)
        merge(ends, stays, officer, scene.clock.now(), pair=one_lift, whistles=True)
        uow.tasks.save(ends)
        uow.tasks.save(stays)
        uow.commit()
    scene.passes(minutes=3)
    after = scene.only_task()
    assert (after.state, after.responsible.id) == ("in_progress", "lift-firm")
    assert roles(after)["lift-firm"] == ("lead", "arrived")
    assert [clock.started_at for clock in after.clocks[:2]] == [clock.started_at for clock in before.clocks[:2]]


def test_where_both_wait_the_earlier_wait_wins(scene):
    """As in tasks of before life in two lifts was kept apart."""
    scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    into = scene.only_task().id
    scene.passes(minutes=1)
    scene.is_reported(Concern.TRAPPED, "b1/lift-2")
    report = another(scene, into)
    for task in (into, report):
        scene.act.acknowledge(task, "guard")
    with scene.units.reading() as uow:
        register, guard = uow.registers.find("example"), uow.registers.member("guard")
        ends, stays = uow.tasks.get(into), uow.tasks.get(report)
        source, target = uow.incidents.get(ends.incident_id), uow.incidents.get(stays.incident_id)
    earlier = ends.others_at
    assert earlier < stays.others_at
    one_lift = Pair(source, replace(target, equipment_id=source.equipment_id), register)
    merge(ends, stays, guard, scene.clock.now(), pair=one_lift, whistles=False)
    assert stays.others_at == earlier


def test_a_lead_that_an_arbiter_named_meanwhile_stays_the_lead_when_the_others_join(scene):
    scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    task = scene.only_task().id
    scene.aside.decline(task, "guard")
    scene.aside.decline(task, "technician")
    scene.joint.arbitrate(task, "officer", "operator", "they are on site")
    scene.act.acknowledge(task, "engineer")
    scene.passes(minutes=3)
    after = scene.only_task()
    assert (after.state, after.responsible.id) == ("acknowledged", "operator")
    assert "committee" in roles(after), "the others have joined"


def test_a_lead_that_took_over_stays_the_lead_when_the_others_join(scene):
    scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "guard")
    scene.aside.transfer(task, "guard", "operator")
    scene.act.acknowledge(task, "engineer")
    scene.act.start(task, "engineer")
    scene.passes(minutes=3)
    after = scene.only_task()
    assert (after.state, after.responsible.id) == ("in_progress", "operator")
    assert roles(after)["lift-firm"] == ("support", "requested")


def test_a_named_lead_that_declined_what_nothing_bore_out_is_asked_again_with_the_others(scene):
    scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    task = scene.only_task().id
    scene.aside.decline(task, "guard", named="lift-firm")
    scene.aside.decline(task, "technician")
    before = scene.told().count(("lift-firm", "asked_to_lead"))
    scene.rings("lift.entrapment", "b1/lift-1")
    after = scene.only_task()
    assert roles(after)["lift-firm"] == ("lead", "requested")
    assert scene.told().count(("lift-firm", "asked_to_lead")) == before + 1


def test_a_supporter_whom_the_duty_names_leads_when_the_others_join_and_no_task_is_without_a_lead(scene):
    scene.is_reported(Concern.TRAPPED, "b1/lift-1")
    task = scene.only_task().id
    scene.act.acknowledge(task, "guard")
    scene.joint.ask_for_help(task, "guard", ["lift-firm"])
    scene.act.acknowledge(task, "technician")
    scene.passes(minutes=3)
    after = scene.only_task()
    assert (after.state, after.responsible.id) == ("acknowledged", "lift-firm")
    assert (roles(after)["lift-firm"], roles(after)["property"][0]) == (("lead", "accepted"), "support")


def test_what_is_not_over_before_the_others_are_called_gives_the_site_its_three_minutes_from_when_they_are(scene):
    scene.is_reported(Concern.SMOKE, "b1/f2")
    task = scene.only_task().id
    scene.act.acknowledge(task, "guard")
    scene.act.start(task, "guard")
    scene.photographs(task, "guard")
    scene.passes(minutes=1)
    scene.act.resolve(task, "guard", ResolutionReason.FALSE_ALARM)
    scene.act.reopen(task, "manager")
    with scene.units.reading() as uow:
        waits = uow.tasks.get(task)
    assert waits.others_at is not None
    assert waits.presume_at is None, "the property alone knows of it"
    now = scene.passes(minutes=2)
    with scene.units.reading() as uow:
        called = uow.tasks.get(task)
    assert (called.others_at, called.presume_at) == (None, now + WITHOUT_WORD)
