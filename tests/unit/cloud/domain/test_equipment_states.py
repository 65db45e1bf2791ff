"""In which state a piece of equipment is shown, by what fires at it, who hears it and what is done to it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cloud.domain.incidents.alert import Alert, Fingerprint
from cloud.domain.incidents.equipment_state import ORDER, EquipmentState, states_of
from schemas.hazards import HAZARDS, hazard

S = EquipmentState
NOW = datetime(2026, 5, 12, tzinfo=UTC)


def firing(name: str, *, mode="real", suppressed_by=None) -> Alert:
    alert = Alert("a", Fingerprint("example", name, "b1/lift-1", mode), "node", "b1", suppressed_by=suppressed_by)
    alert.raise_("o", hazard(name).severity, NOW)
    return alert


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("fire.smoke", S.LIFE),
        ("lift.entrapment", S.LIFE),
        ("fire.smoke-prealarm", S.ALARM),
        ("access.forced-open", S.ALARM),
        ("fire.exit-obstructed", S.ALARM),
        ("fire.detector-fault", S.FAULT),
        ("lift.door-fault", S.FAULT),
        ("access.reader-tamper", S.FAULT),
        ("point.stuck", S.FAULT),
        ("point.stale", S.UNHEARD),
        ("lift.maintenance-overdue", S.NORMAL),
        ("lift.inspection-due", S.NORMAL),
        ("something.new", S.LIFE),
    ],
)
def test_what_fires_at_it_says_the_state(name, state):
    assert states_of([firing(name)]) == (state,)


def test_every_hazard_of_life_and_death_is_shown_as_that_and_no_other_is():
    for name, known in HAZARDS.items():
        assert (states_of([firing(name)])[0] is S.LIFE) is known.life_safety


def test_all_that_holds_is_said_the_gravest_first():
    found = states_of(
        [firing("fire.detector-fault"), firing("fire.smoke")], heard=False, worked_on=True, exercised=True
    )
    assert found == (S.LIFE, S.FAULT, S.UNHEARD, S.MAINTENANCE, S.EXERCISE)
    assert list(found) == sorted(found, key=ORDER.index)


def test_nobody_calls_normal_what_is_not_heard():
    assert states_of([], heard=False) == (S.UNHEARD,)
    assert states_of([], watched=False, heard=False) == (S.UNWATCHED,)
    assert states_of([]) == (S.NORMAL,)


def test_an_alarm_of_an_exercise_is_no_alarm():
    assert states_of([firing("fire.smoke", mode="exercise")]) == (S.EXERCISE,)


def test_what_maintenance_holds_back_is_maintenance_and_what_a_cause_explains_is_nothing():
    assert states_of([firing("lift.door-fault", suppressed_by="maintenance:w1")]) == (S.MAINTENANCE,)
    assert states_of([firing("access.held-open", suppressed_by="alert-of-the-fire")]) == (S.NORMAL,)


def test_nothing_holds_back_a_threat_to_life():
    assert states_of([firing("lift.entrapment", suppressed_by="maintenance:w1")], worked_on=True)[0] is S.LIFE
