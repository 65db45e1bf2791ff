"""The score finds each hazard's task, its lead and its seconds; what no fault explains is a false task."""

import json

import pytest

from firmware_sim.cloud_answers import parse_incident, parse_nodes
from firmware_sim.score import Alert, Incident, Readings, score
from firmware_sim.truth import GroundTruth, InjectedFault

EPOCH = 1_800_000_000.0
TRAPPED = InjectedFault(
    "f1",
    "entrapment",
    "b1/lift-1",
    "lift.entrapment",
    frozenset({"lift.stopped-off-level"}),
    injected=30.0,
    onset=50.0,
    defined=57.0,
    ended=120.0,
)
COOKING = InjectedFault("f2", "cooking", "b1/smoke-1", None, injected=60.0, onset=60.0, ended=100.0)
NEVER = InjectedFault("f3", "smoke", "b1/smoke-1", "fire.smoke", injected=290.0)


def truth(*faults, speed=1.0):
    return GroundTruth("day", 7, EPOCH, speed, {fault.id: fault for fault in faults})


def incident(hazard="lift.entrapment", equipment="b1/lift-1", at=57.4, lead="lift_maintainer", **more):
    return Incident("i-" + hazard, hazard, equipment, EPOCH + at, lead, **more)


def test_a_hazard_answered_in_time_by_the_right_party():
    report = score(truth(TRAPPED, COOKING), [incident(supports=("property_manager",))], Readings(sent=9, stored=9))
    (answer,) = report.answers
    assert answer.detected
    assert answer.life_safety
    assert answer.lead_right
    assert answer.supports == ("property_manager",)
    assert answer.seconds_from_onset == pytest.approx(7.4)
    assert answer.seconds_from_defined == pytest.approx(0.4)
    assert (report.nuisances, report.false_tasks, report.good) == (1, (), True)
    assert json.loads(json.dumps(report.as_dict()))["good"] is True


def test_a_missed_hazard_a_wrong_lead_and_a_false_task_are_each_counted():
    assert [answer.fault for answer in score(truth(TRAPPED), []).missed] == ["f1"]
    assert not score(truth(TRAPPED), [incident(lead="household")]).good
    smoke = incident("fire.smoke", "b1/smoke-1", at=80.0, lead="fire_control_room")
    report = score(truth(TRAPPED, COOKING), [incident(), smoke])
    assert [(false.hazard, false.opened_at_s) for false in report.false_tasks] == [("fire.smoke", 80.0)]
    assert not report.good


@pytest.mark.parametrize("at", [40.0, 151.0])
def test_the_right_hazard_at_the_wrong_time_answers_nothing(at):
    assert not score(truth(TRAPPED), [incident(at=at)]).answers[0].detected


def test_the_right_hazard_on_another_lift_answers_nothing_and_is_false():
    report = score(truth(TRAPPED), [incident(equipment="b1/lift-2")])
    assert not report.answers[0].detected
    assert len(report.false_tasks) == 1


def test_what_a_fault_is_known_to_cause_is_not_false_and_joins_may_carry_the_hazard():
    stopped = Alert("lift.stopped-off-level", "b1/lift-1", EPOCH + 95)
    trapped = Alert("lift.entrapment", "b1/lift-1", EPOCH + 99)
    joined = incident("lift.stopped-off-level", at=95.0, alerts=(stopped, trapped))
    report = score(truth(TRAPPED), [joined])
    assert report.answers[0].seconds_from_onset == pytest.approx(49.0)
    assert report.false_tasks == ()
    alone = score(truth(TRAPPED), [incident("lift.stopped-off-level", at=95.0, alerts=(stopped,))])
    assert not alone.answers[0].detected
    assert alone.false_tasks == ()


def test_simulated_time_runs_at_its_speed():
    report = score(truth(TRAPPED, speed=10.0), [incident(at=5.74)])
    assert report.answers[0].seconds_from_onset == pytest.approx(7.4)


def test_a_fault_that_never_came_is_neither_missed_nor_an_excuse():
    report = score(truth(NEVER), [])
    assert (report.answers, report.unfinished, report.good) == ((), ("f3",), True)


def test_lost_batches_spoil_the_score_and_exercises_do_not():
    assert not score(truth(TRAPPED), [incident()], Readings(lost=1)).good
    exercise = incident("fire.smoke", "b1/smoke-1", at=10.0, mode="exercise")
    assert score(truth(TRAPPED), [incident(), exercise]).good


def test_the_clouds_answers_are_read_as_its_interface_gives_them():
    party = {"kind": "lift_maintainer"}
    whole = {
        "task": {
            "incident_id": "i1",
            "hazard": "lift.entrapment",
            "equipment": {"id": "b1/lift-1"},
            "opened_at": "2027-01-15T08:00:57.400000+00:00",
            "mode": "real",
            "assignments": [
                {"role": "lead", "party": party},
                {"role": "support", "party": {"kind": "property_manager"}},
                {"role": "observer", "party": {"kind": "residents_committee"}},
            ],
        },
        "alerts": [{"hazard": "lift.entrapment", "equipment": {"id": "b1/lift-1"}, "started_at": None}],
    }
    read = parse_incident(whole)
    assert (read.lead, read.supports, read.opened) == ("lift_maintainer", ("property_manager",), EPOCH + 57.4)
    assert read.alerts == (Alert("lift.entrapment", "b1/lift-1", EPOCH + 57.4),)
    counts = parse_nodes(
        [
            {
                "node": {"stored": 5, "lost": 1, "refused": 0, "duplicate": 2, "void": 0},
                "telemetry": {"stored": 40, "missing": 2, "refused": 3, "duplicate": 1, "readings": 4000},
            },
            {
                "node": {"stored": 1, "lost": 0, "refused": 0, "duplicate": 0, "void": 0},
                "telemetry": None,
            },
        ]
    )
    assert counts == Readings(sent=49, stored=46, refused=3, lost=3, duplicate=3, readings=4000)
