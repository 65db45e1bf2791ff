"""From an event to the task of the right party: grouping, folding, hiding, late news, strangers."""

from datetime import timedelta

import pytest

from cloud.domain.incidents.alert import AlertState
from cloud.domain.records.ledger_chain import verify
from cloud.domain.tasks.assignment import AssignmentRole
from cloud.errors import NotFound
from schemas.batch import ClockState
from schemas.events import AccessDecided, SequenceVoided
from schemas.hazards import Severity
from schemas.topics import NodeAddress
from tests.fakes.estate import ESTATE, cleared, raised


def parts(task):
    return {a.party.id: a.role for a in task.assignments}


def test_entrapment_goes_to_the_lift_maintainer_with_property_supporting_and_the_committee_told(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    task = scene.only_task()
    assert task.life_safety
    assert task.responsible.id == "lift-firm"
    assert parts(task) == {
        "lift-firm": AssignmentRole.LEAD,
        "property": AssignmentRole.SUPPORT,
        "committee": AssignmentRole.OBSERVER,
    }
    assert (task.address.zh, task.address.en) == ("1号楼1号梯", "Lift 1, Building 1")
    assert scene.told() == [("lift-firm", "asked_to_lead"), ("property", "asked_to_support"), ("committee", "told")]


@pytest.mark.parametrize(
    ("hazard", "equipment", "lead"),
    [
        ("fire.smoke", "b1/smoke-1", "fire-room"),
        ("access.forced-open", "b1/door", "property"),
        ("access.held-open", "b2/door", "property"),
        ("lift.door-fault", "b1/lift-2", "lift-firm"),
        ("lift.overspeed", "b1/lift-2", "property"),
        ("point.stale", "b1/smoke-1", "operator"),
    ],
)
def test_each_hazard_reaches_the_party_its_duty_names(scene, hazard, equipment, lead):
    scene.rings(hazard, equipment)
    assert scene.only_task().responsible.id == lead


def test_five_hazards_in_one_estate_are_five_incidents(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.rings("access.forced-open", "b1/door")
    scene.rings("access.held-open", "b2/door")
    scene.rings("lift.door-fault", "b1/lift-2")
    scene.rings("fire.smoke", "b1/smoke-1")
    shown = {(task.hazard, task.equipment.id): task.hidden_by is not None for task in scene.board()}
    assert shown == {
        ("lift.entrapment", "b1/lift-1"): False,
        ("fire.smoke", "b1/smoke-1"): False,
        ("access.held-open", "b2/door"): False,
        ("lift.door-fault", "b1/lift-2"): False,
        ("access.forced-open", "b1/door"): True,
    }


def test_two_hazards_of_one_lift_are_one_incident_led_by_the_worse(scene):
    scene.rings("lift.stopped-off-level", "b1/lift-1")
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.rings("lift.door-fault", "b1/lift-1")
    task = scene.only_task()
    assert (task.hazard, task.alerts, task.life_safety) == ("lift.entrapment", 3, True)
    assert "incident.worsened" in scene.kinds(task)


def test_a_second_detector_in_the_building_corroborates_and_opens_nothing(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.rings("fire.smoke", "b1/smoke-2")
    assert scene.only_task().alerts == 2


def test_a_detector_fault_is_no_fire(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.rings("fire.detector-fault", "b1/smoke-2")
    assert {task.responsible.id for task in scene.board()} == {"fire-room", "property"}


def test_forced_and_held_open_of_one_door_are_one_incident(scene):
    scene.rings("access.held-open", "b1/door")
    scene.rings("access.forced-open", "b1/door")
    assert scene.only_task().hazard == "access.forced-open"


def test_an_exercise_never_mixes_with_what_is_real(scene):
    scene.rings("fire.smoke", "b1/smoke-1", mode="exercise")
    scene.rings("fire.smoke", "b1/smoke-1")
    assert sorted(task.mode for task in scene.board()) == ["exercise", "real"]


def test_a_repeated_batch_changes_nothing(scene):
    arrival = scene.node.batch(raised("fire.smoke", "b1/smoke-1", 1))
    scene.record(arrival)
    before = scene.ledger()
    again = scene.record(arrival)
    assert again.duplicate
    assert scene.ledger() == before
    assert scene.queries.nodes(ESTATE, None)[0].duplicate == 1


def test_two_rules_of_one_hazard_are_two_occurrences_of_one_alert(scene):
    relay = scene.rings("fire.smoke", "b1/smoke-1")
    obscuration = scene.rings("fire.smoke", "b1/smoke-1")
    scene.falls_quiet("fire.smoke", "b1/smoke-1", relay)
    (alert,) = scene.incident(scene.only_task()).alerts
    assert (alert.state, alert.raises) == (AlertState.FIRING, 2)
    scene.falls_quiet("fire.smoke", "b1/smoke-1", obscuration)
    (alert,) = scene.incident(scene.only_task()).alerts
    assert alert.state == AlertState.RESOLVED


def test_severity_is_the_worst_of_the_active_occurrences(scene):
    minor = scene.rings("access.held-open", "b1/door")
    major = scene.rings("access.held-open", "b1/door", severity=Severity.MAJOR)
    assert scene.only_task().severity is Severity.MAJOR
    scene.falls_quiet("access.held-open", "b1/door", major)
    assert scene.incident(scene.only_task()).alerts[0].severity is Severity.MINOR
    scene.falls_quiet("access.held-open", "b1/door", minor)
    assert scene.only_task().quiet_since is not None


def test_a_clear_before_its_raise_leaves_a_tombstone_and_nothing_fires(scene):
    scene.send(cleared("access.forced-open", "b1/door", 7))
    assert scene.board() == []
    scene.send(raised("access.forced-open", "b1/door", 7))
    task = scene.only_task()
    assert (task.firing, task.quiet_since is not None) == (0, True)


def test_another_content_under_a_known_number_is_stored_too_and_raises_identity_conflict(scene):
    scene.send(raised("access.forced-open", "b1/door", 1), seq=5)
    result = scene.send(raised("access.forced-open", "b2/door", 2), seq=5)
    assert result.conflict
    assert {task.hazard for task in scene.board()} == {"access.forced-open", "node.identity-conflict"}
    conflict = next(task for task in scene.board() if task.hazard == "node.identity-conflict")
    assert conflict.responsible.id == "operator"
    scene.passes(hours=1)
    assert next(t for t in scene.board() if t.id == conflict.id).state == "new", "a person has to look"


def test_unknown_equipment_reaches_the_fallback_party_and_whom_the_duty_names_supports(scene):
    scene.rings("lift.entrapment", "b9/lift-9")
    task = scene.only_task()
    assert task.responsible.id == "property"
    assert parts(task)["lift-firm"] is AssignmentRole.SUPPORT
    assert not task.equipment.known
    assert any(line.kind == "fallback" for line in scene.incident(task).trace)


def test_equipment_of_another_node_is_not_believed(scene):
    scene.rings("lift.door-fault", "b2/door")
    assert any(line.kind == "fallback" for line in scene.incident(scene.only_task()).trace)


def test_a_hazard_nobody_knows_is_taken_as_life_safety(scene):
    scene.rings("lift.something-new", "b1/lift-1", severity=Severity.MINOR)
    assert scene.only_task().life_safety


def test_an_unknown_estate_is_said_to_be_unknown(scene):
    scene.node.address = NodeAddress("elsewhere", "b1-node")
    with pytest.raises(NotFound, match="elsewhere"):
        scene.rings("fire.smoke", "b1/smoke-1")


def test_old_news_of_what_is_over_becomes_a_dated_incident_and_calls_nobody(scene):
    scene.send(raised("access.forced-open", "b1/door", 1), age=3600.0, backlog=True)
    task = scene.only_task()
    assert task.late
    assert task.opened_at == scene.clock.now() - timedelta(hours=1)
    assert scene.told() == []
    assert task.next_step_at is None


def test_old_news_of_what_still_stands_calls_people(scene):
    scene.is_born(1, (1, "access.forced-open", "b1/door"))
    scene.send(raised("access.forced-open", "b1/door", 1), age=3600.0)
    assert not scene.only_task().late
    assert scene.told() == [("property", "asked_to_lead")]


def test_news_that_joins_a_dated_incident_calls_whom_nobody_called(scene):
    scene.send(raised("access.forced-open", "b1/door", 1), age=3600.0, backlog=True)
    assert scene.told() == []
    scene.clock.advance(minutes=5)
    scene.send(raised("access.forced-open", "b1/door", 2))
    task = scene.only_task()
    assert scene.told() == [("property", "asked_to_lead")]
    assert not task.late
    assert task.next_step_at is not None, "and its ladder begins"


def test_an_alarm_of_a_node_that_believes_it_is_1970_pages_at_once(scene):
    scene.send(raised("fire.smoke", "b1/smoke-1", 1, t=1000.0), clock=ClockState.UNSYNCHRONISED, age=2.0)
    assert scene.only_task().opened_at == scene.clock.now() - timedelta(seconds=2)
    assert scene.told()


def test_a_synchronised_wall_clock_dates_the_event(scene):
    at = scene.clock.now() - timedelta(seconds=9)
    scene.send(raised("fire.smoke", "b1/smoke-1", 1, t=at.timestamp()), clock=ClockState.SYNCHRONISED)
    assert scene.only_task().opened_at == at


@pytest.mark.parametrize("ahead", [3600.0, 9e10])
def test_a_future_time_is_uncertain_and_the_arrival_counts(scene, ahead):
    told = scene.clock.now().timestamp() + ahead
    scene.send(raised("fire.smoke", "b1/smoke-1", 1, t=told), clock=ClockState.SYNCHRONISED)
    assert scene.only_task().opened_at == scene.clock.now()
    with scene.units.reading() as uow:
        assert uow.batches.events(ESTATE)[0].uncertain


def test_what_a_node_dropped_is_explained_and_what_is_missing_is_shown(scene):
    scene.send(raised("access.forced-open", "b1/door", 1), seq=1)
    scene.send(SequenceVoided(mono=1.0, stream="events", first=2, last=3, records=4, reason="full"), seq=5)
    (node, *_) = scene.queries.nodes(ESTATE, None)
    assert (node.stored, node.void, node.missing, node.lost) == (2, 4, 1, 0)


def test_facts_that_are_no_alarm_are_stored_and_trouble_nobody(scene):
    fact = AccessDecided(mono=1.0, kind="access.granted", equipment="b1/door", reason="listed")
    assert scene.send(fact).tasks == ()
    with scene.units.reading() as uow:
        (event,) = uow.batches.events(ESTATE, equipment="b1/door")
    assert event.kind == "access.granted"
    assert scene.board() == []


def test_a_fire_hides_open_doors_of_its_building_only_and_says_so(scene):
    scene.rings("access.held-open", "b1/door")
    fire = scene.rings("fire.smoke", "b1/smoke-1")
    scene.rings("access.held-open", "b2/door")
    doors = {task.equipment.id: task.hidden_by for task in scene.board() if task.hazard == "access.held-open"}
    smoke = next(task for task in scene.board() if task.hazard == "fire.smoke")
    assert doors == {"b1/door": smoke.incident_id, "b2/door": None}
    assert scene.incident(smoke).hides == [next(i for e, i in _ids(scene) if e == "b1/door")]
    assert "alert.hidden" in scene.kinds(smoke)
    scene.falls_quiet("fire.smoke", "b1/smoke-1", fire)
    assert {task.hidden_by for task in scene.board()} == {None}


def _ids(scene):
    return [(task.equipment.id, task.incident_id) for task in scene.board()]


def test_a_door_that_opens_during_a_fire_joins_it_and_stands_alone_when_it_outlives_it(scene):
    fire = scene.rings("fire.smoke", "b1/smoke-1")
    door = scene.rings("access.forced-open", "b1/door")
    task = scene.only_task()
    assert task.alerts == 2
    assert [alert.suppressed_by is not None for alert in scene.incident(task).alerts] == [False, True]
    scene.falls_quiet("fire.smoke", "b1/smoke-1", fire)
    assert {task.hazard for task in scene.board()} == {"fire.smoke", "access.forced-open"}
    assert next(t for t in scene.board() if t.hazard == "fire.smoke").quiet_since is not None
    scene.falls_quiet("access.forced-open", "b1/door", door)
    assert all(task.firing == 0 for task in scene.board())


def test_a_second_fire_goes_on_hiding_what_the_first_hid(scene):
    first = scene.rings("fire.smoke", "b1/smoke-1")
    scene.rings("access.forced-open", "b1/door")
    scene.rings("fire.smoke", "b1/smoke-2")
    scene.falls_quiet("fire.smoke", "b1/smoke-1", first)
    assert len(scene.board()) == 1


def test_life_safety_is_never_hidden(scene):
    scene.rings("fire.smoke", "b1/smoke-1")
    scene.rings("access.release-failed", "b1/door")
    assert {task.hidden_by for task in scene.board()} == {None}
    assert len(scene.board()) == 2


def test_the_ledger_always_verifies(scene):
    number = scene.rings("lift.entrapment", "b1/lift-1")
    scene.falls_quiet("lift.entrapment", "b1/lift-1", number)
    scene.passes(minutes=10)
    assert verify(scene.ledger()) is None


def test_the_same_occurrence_in_another_batch_changes_nothing(scene):
    number = scene.rings("fire.smoke", "b1/smoke-1")
    before = len(scene.ledger())
    scene.send(raised("fire.smoke", "b1/smoke-1", number))
    scene.falls_quiet("fire.smoke", "b1/smoke-1", number)
    after = len(scene.ledger())
    scene.falls_quiet("fire.smoke", "b1/smoke-1", number)
    assert (before, after, len(scene.ledger())) == (4, 6, 6)


def test_a_door_that_does_not_open_in_a_fire_is_not_hidden_with_the_door_that_stands_open(scene):
    """What hides a symptom never hides the threat to life that comes to govern its incident."""
    scene.rings("access.held-open", "b1/door")
    scene.rings("fire.smoke", "b1/smoke-1")
    assert [task.hazard for task in scene.board() if task.hidden_by is not None] == ["access.held-open"]
    scene.rings("access.release-failed", "b1/door")
    failed = next(task for task in scene.board() if task.hazard == "access.release-failed")
    assert (failed.hidden_by, failed.life_safety) == (None, True)


def test_a_fire_of_an_exercise_hides_nothing(scene):
    scene.rings("access.held-open", "b1/door")
    scene.rings("fire.smoke", "b1/smoke-1", mode="exercise")
    assert {task.hidden_by for task in scene.board()} == {None}


def test_a_repeated_raise_that_was_lost_and_found_keeps_one_task(scene):
    for _ in range(12):
        number = scene.rings("access.held-open", "b1/door")
        scene.falls_quiet("access.held-open", "b1/door", number)
    assert scene.only_task().raises == 12


def test_a_clock_that_counts_millennia_is_no_reason_to_refuse_its_alarm(scene):
    scene.send(raised("fire.smoke", "b1/smoke-1", 77), age=1e11)
    assert scene.only_task().hazard == "fire.smoke"


def test_what_is_stored_is_told_in_batches_so_that_several_events_in_one_hide_no_gap(scene):
    scene.send(raised("access.forced-open", "b1/door", 1), raised("fire.smoke", "b1/smoke-1", 2), seq=1)
    scene.send(raised("access.held-open", "b1/door", 3), seq=3)
    (node, *_) = scene.queries.nodes(ESTATE, None)
    assert (node.stored, node.missing) == (2, 1)


def test_old_news_calls_nobody_and_does_not_keep_the_next_fire_from_calling(scene):
    """A late alarm leaves a task without a ladder; one that rings now on the same detector must call all the same."""
    scene.send(raised("fire.smoke", "b1/smoke-1", 900), age=7200.0)
    scene.send(cleared("fire.smoke", "b1/smoke-1", 900), age=7190.0)
    assert scene.told() == []
    assert scene.only_task().late
    scene.rings("fire.smoke", "b1/smoke-1")
    task = scene.only_task()
    assert not task.late
    assert ("fire-room", "asked_to_lead") in scene.told()
    assert task.next_step_at is not None
