"""What cannot end, or cannot be judged, holds up nothing else; an exercise's end meets what is real already."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.adapters.sql import SqlUnitsOfWork, open_engine
from cloud.adapters.sql.tables import metadata
from cloud.application.tasks.plan_exercises import PlanExercises
from cloud.domain.incidents.report import Concern
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.task import ResolutionReason as Why
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene


class Site(Scene):
    def exercises_at(self, *equipment: str):
        now = self.clock.now()
        plan = PlanExercises(self.units, self.clock, self.ids).plan
        return plan(ESTATE, equipment, now, now + timedelta(hours=1), self.identity("manager"))

    def firing(self):
        with self.units.reading() as uow:
            return [(one.fingerprint.equipment, one.fingerprint.mode) for one in uow.alerts.firing(ESTATE)]


@pytest.fixture
def site(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'state.db'}")
    metadata.create_all(engine)
    yield Site(SqlUnitsOfWork(engine))
    engine.dispose()


def drilled(site, *, closed: bool):
    """A door is exercised, and while its alarm stands the same is reported in earnest."""
    site.exercises_at("b1/door")
    site.rings("access.forced-open", "b1/door")
    drill = site.only_task()
    if closed:
        site.act.acknowledge(drill.id, "guard")
        site.act.resolve(drill.id, "guard", Why.FALSE_ALARM)
        site.act.close(drill.id, "manager")
    site.is_reported(Concern.DOOR_FORCED, "b1/door")
    return drill


@pytest.mark.parametrize("closed", [True, False])
def test_what_an_exercise_leaves_firing_goes_on_in_the_real_matter_that_stands_already(site, closed):
    drill = drilled(site, closed=closed)
    site.passes(hours=2)
    assert site.firing() == [("b1/door", "real")]
    real = next(task for task in site.board() if task.mode == "real")
    assert real.id != drill.id
    assert Kind.EXERCISE_ENDED in {entry.kind for entry in site.ledger()}
    site.falls_quiet("access.forced-open", "b1/door", 1)
    assert Kind.ALERT_RESOLVED in site.kinds(real)


def test_a_drill_whose_alarm_is_real_elsewhere_has_nothing_that_fires_and_can_be_closed(site):
    drill = drilled(site, closed=False)
    site.passes(hours=2)
    site.act.acknowledge(drill.id, "guard")
    site.act.resolve(drill.id, "guard", Why.MITIGATED)
    site.passes(minutes=5)
    site.act.close(drill.id, "manager")
    assert [task.mode for task in site.board()] == ["real"]


def poison(site, monkeypatch, equipment: str):
    """Whatever is to go on from that point cannot."""
    from cloud.application.incidents import end_planned

    released = end_planned.EndPlanned.exercise

    def breaks(self, exercise, cause):
        if equipment in exercise.equipment:
            raise KeyError(equipment)
        return released(self, exercise, cause)

    monkeypatch.setattr(end_planned.EndPlanned, "exercise", breaks)


def test_an_exercise_that_cannot_end_holds_up_no_other_and_no_node(site, monkeypatch):
    site.is_born()
    site.exercises_at("b1/smoke-1")
    site.exercises_at("b1/door")
    poison(site, monkeypatch, "b1/smoke-1")
    site.clock.advance(hours=2)
    with pytest.raises(ExceptionGroup, match="1 of 2 exercises and windows"):
        site.timers()
    assert "node.silent" in {task.hazard for task in site.board()}
    assert [e.kind for e in site.ledger()].count(Kind.EXERCISE_ENDED) == 1


def test_a_node_that_cannot_be_judged_holds_up_no_other(site, monkeypatch):
    from tests.fakes.estate import NodeOnPaper

    site.is_born()
    site.node = NodeOnPaper(site.clock.now, "b2-node", "0197a600-0000-7000-8000-000000000002")
    site.is_born()
    judge = site.timers._judge_silence

    def breaks(uow, node, since, now):
        if node.id == "b1-node":
            raise KeyError(node.id)
        judge(uow, node, since, now)

    monkeypatch.setattr(site.timers, "_judge_silence", breaks)
    site.clock.advance(hours=2)
    with pytest.raises(ExceptionGroup, match="1 of 2 nodes"):
        site.timers()
    assert [task.equipment.id for task in site.board()] == ["node/b2-node"]
