"""A cause hides its symptoms for as long as it is taken for their cause (governance.md, Incident): a stuck detector hides no door."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.application.incidents.watch_causes import WatchCauses
from cloud.domain.incidents.inhibition import FIRE_HIDES_FOR
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.task import ResolutionReason as Why
from tests.fakes.scene import Scene


@pytest.fixture
def burning():
    """Smoke in a building, and a door that is forced behind it."""
    scene = Scene()
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.rings("access.forced-open", "b1/door")
    assert {task.hazard for task in scene.board()} == {"fire.smoke"}
    return scene


@pytest.fixture
def watch(burning):
    return WatchCauses(burning.units, burning.clock, burning.ids)


def doors(scene):
    return [task for task in scene.board() if task.hazard == "access.forced-open" and task.hidden_by is None]


def says(scene, why):
    task = scene.board()[0]
    scene.act.acknowledge(task.id, "watch")
    scene.act.start(task.id, "watch")
    scene.photographs(task.id, "watch")
    scene.act.resolve(task.id, "watch", why)


def test_a_fire_hides_doors_while_it_is_fought_and_people_leave(burning, watch):
    burning.clock.advance(hours=1, minutes=59)
    assert (watch(), doors(burning)) == (0, [])


def test_a_detector_that_is_stuck_for_days_hides_no_door(burning, watch):
    burning.clock.advance(minutes=FIRE_HIDES_FOR / timedelta(minutes=1))
    assert watch() == 1
    (door,) = doors(burning)
    assert burning.kinds(door)[-1] == Kind.ALERT_SHOWN
    assert ("property", "asked_to_lead") in burning.told()
    assert watch() == 0
    burning.rings("access.held-open", "b1/door")
    burning.clock.advance(days=3)
    burning.rings("access.forced-open", "b1/door", mono=300_000.0)
    assert all(alert.suppressed_by is None for alert in burning.queries.alerts("example", None))


@pytest.mark.parametrize(("why", "shown"), [(Why.FALSE_ALARM, 1), (Why.FIXED, 0)])
def test_what_somebody_on_site_calls_a_false_alarm_hides_nothing_although_it_goes_on(burning, watch, why, shown):
    says(burning, why)
    assert watch() == shown
    assert len(doors(burning)) == shown
    assert next(task for task in burning.board() if task.life_safety).state == "resolved"


def test_what_comes_after_the_claim_is_not_hidden_at_all(burning):
    says(burning, Why.FALSE_ALARM)
    burning.rings("access.held-open", "b1/door")
    assert {task.hazard for task in burning.board()} >= {"access.held-open"}
