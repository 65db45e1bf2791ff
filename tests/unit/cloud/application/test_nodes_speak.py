"""Births, wills and health: what the cloud believes of a node, and what it asks people about."""

import pytest

from cloud.application.intake.dead_letters import PutDeadLetter, Refused
from cloud.domain.tasks.task import ResolutionReason
from cloud.errors import NotFound
from schemas.batch import ClockState
from schemas.presence import StreamDepth
from schemas.topics import Channel, NodeAddress
from tests.fakes.estate import BOOT, ESTATE, NodeOnPaper, cleared, occurrence, raised

OTHER_BOOT = BOOT.replace("b0", "b1")


def letters(scene):
    return PutDeadLetter(scene.units, scene.clock, scene.ids)


def refused(scene, **extra):
    facts = {
        "topic": f"tocsin/v1/{ESTATE}/b1-node/events",
        "payload": b"{\xff",
        "reason": "not JSON",
        "received_at": scene.clock.now(),
        "address": scene.node.address,
        "channel": Channel.EVENTS,
    }
    return Refused(**{**facts, **extra})


def test_a_retained_birth_that_comes_again_changes_nothing(scene):
    assert scene.is_born(1) is True
    assert scene.is_born(1) is False
    assert scene.is_born(2) is True
    assert scene.is_born(1, boot=OTHER_BOOT) is True


def test_what_a_birth_does_not_name_is_lost_track_of_and_resolves_with_that_reason(scene):
    scene.rings("access.held-open", "b1/door")
    scene.clock.advance(minutes=1)
    scene.is_born(1)
    scene.is_well()
    task = scene.only_task()
    (alert,) = scene.incident(task).alerts
    assert (alert.state, alert.lost_track) == ("resolved", True)
    assert "alert.track-lost" in scene.kinds(task)
    assert task.quiet_since is not None


def test_what_a_birth_names_goes_on_firing(scene):
    number = scene.rings("access.held-open", "b1/door")
    scene.clock.advance(minutes=1)
    scene.is_born(1, (number, "access.held-open", "b1/door"))
    active = {"occurrence": occurrence(number), "rule": "r", "hazard": "access.held-open", "severity": "minor"}
    scene.is_well(active=[{**active, "equipment": "b1/door"}])
    assert scene.only_task().firing == 1


def test_a_birth_ends_nothing_that_another_node_raised(scene):
    other = NodeOnPaper(scene.clock.now, "b2-node", "0197a600-0000-7000-8000-000000000002")
    scene.rings("access.held-open", "b1/door")
    scene.record(other.batch(raised("access.held-open", "b1/door", 77)))
    scene.clock.advance(minutes=1)
    scene.is_born(1)
    scene.is_well()
    assert scene.only_task().firing == 1
    scene.node = other
    scene.is_born(1)
    scene.is_well()
    (alert,) = scene.incident(scene.only_task()).alerts
    assert (alert.state, alert.lost_track) == ("resolved", True)


def test_an_alarm_that_overtook_its_birth_is_left_alone(scene):
    scene.rings("access.held-open", "b1/door")
    scene.is_born(1)
    scene.is_well()
    assert scene.only_task().firing == 1


def test_life_safety_that_was_lost_track_of_goes_on_and_a_person_is_asked_once(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.clock.advance(minutes=1)
    scene.is_born(1)
    scene.is_well()
    scene.is_born(2)
    scene.is_well()
    assert scene.only_task().firing == 1
    assert scene.told().count(("lift-firm", "track_lost")) == 1


def test_what_cleared_while_the_link_was_cut_is_not_lost_track_of(scene):
    number = scene.rings("lift.entrapment", "b1/lift-1")
    scene.clock.advance(hours=1)
    scene.is_born(1)
    scene.is_well(events=StreamDepth(batches=1, records=1))
    scene.send(cleared("lift.entrapment", "b1/lift-1", number))
    scene.is_well()
    (alert,) = scene.incident(scene.only_task()).alerts
    assert (alert.state, alert.lost_track) == ("resolved", False)
    assert ("lift-firm", "track_lost") not in scene.told()


def test_two_people_end_what_its_node_lost_track_of(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    scene.clock.advance(minutes=1)
    scene.is_born(1)
    scene.is_well()
    task_id = scene.only_task().id
    scene.act.acknowledge(task_id, "technician")
    scene.act.resolve(task_id, "technician", ResolutionReason.FIXED)
    scene.act.close(task_id, "manager")
    (alert,) = scene.incident(scene.over()[0]).alerts
    assert (alert.state, alert.lost_track) == ("resolved", True)


def test_a_will_of_a_node_that_never_spoke_is_no_news(scene):
    assert scene.dies(1) is False


def test_presence_and_health_of_an_unknown_estate_are_refused(scene):
    scene.node.address = NodeAddress("elsewhere", "b1-node")
    with pytest.raises(NotFound):
        scene.is_born(1)
    with pytest.raises(NotFound):
        scene.is_well()


def test_a_full_outbox_is_a_hazard_until_it_is_clearly_emptier(scene):
    scene.is_well(outbox_bytes=900)
    assert scene.only_task().hazard == "node.storage-low"
    scene.is_well(outbox_bytes=850)
    assert scene.only_task().firing == 1
    scene.is_well(outbox_bytes=700)
    assert scene.only_task().firing == 0
    scene.is_well(outbox_bytes=850)
    assert scene.only_task().firing == 0
    scene.is_well(outbox_quota_bytes=0)


def test_a_clock_that_stays_untrusted_is_a_hazard_and_one_that_finds_its_time_is_none(scene):
    scene.is_well(clock=ClockState.UNSYNCHRONISED)
    scene.clock.advance(minutes=14)
    scene.is_well(clock=ClockState.UNSYNCHRONISED)
    assert scene.board() == []
    scene.clock.advance(minutes=1)
    scene.is_well(clock=ClockState.UNSYNCHRONISED)
    assert scene.only_task().hazard == "node.clock-untrusted"
    scene.is_well()
    assert scene.only_task().firing == 0


def test_the_fleet_shows_what_a_node_last_said(scene):
    scene.is_born(1)
    scene.is_well(temperature_c=48.5)
    nodes = {node.id: node for node in scene.queries.nodes(ESTATE, None)}
    assert nodes["b1-node"].online
    assert nodes["b1-node"].health["temperature_c"] == 48.5
    assert nodes["b1-node"].address.en == "Building 1"
    assert (nodes["b2-node"].online, nodes["b2-node"].registered) == (False, True)


def test_a_stranger_among_the_nodes_is_shown_as_one(scene):
    scene.node.address = NodeAddress(ESTATE, "stray")
    scene.is_born(1)
    stray = next(node for node in scene.queries.nodes(ESTATE, None) if node.id == "stray")
    assert (stray.registered, stray.names.en) == (False, "stray")


def test_a_refused_event_is_kept_with_its_reason_and_opens_an_incident(scene):
    letters(scene)(refused(scene))
    (letter,) = scene.queries.dead_letters(None)
    assert (letter.reason, letter.excerpt, letter.size) == ("not JSON", "{�", 2)
    task = scene.only_task()
    assert (task.hazard, task.life_safety, task.firing) == ("node.event-refused", False, 0)
    assert next(n for n in scene.queries.nodes(ESTATE, None) if n.id == "b1-node").refused == 1


def test_an_event_that_cannot_be_read_is_treated_as_life_safety(scene):
    letters(scene)(refused(scene, readable=False))
    assert scene.only_task().life_safety
    scene.passes(hours=1)
    assert scene.only_task().state == "new"


def test_many_refused_events_of_a_node_are_one_incident(scene):
    for number in range(3):
        letters(scene)(refused(scene, payload=b"%d" % number))
    assert (scene.only_task().raises, len(scene.queries.dead_letters(None))) == (3, 3)


def test_what_the_broker_gives_again_after_a_crash_is_one_refusal(scene):
    first = letters(scene)(refused(scene))
    scene.clock.advance(seconds=30)
    assert letters(scene)(refused(scene)) == first
    assert (scene.only_task().raises, len(scene.queries.dead_letters(None))) == (1, 1)
    scene.clock.advance(minutes=2)
    assert letters(scene)(refused(scene)) != first
    assert scene.only_task().raises == 2


def test_refused_telemetry_is_kept_and_opens_nothing(scene):
    letters(scene)(refused(scene, channel=Channel.TELEMETRY))
    assert scene.board() == []
    assert len(scene.queries.dead_letters(None)) == 1


@pytest.mark.parametrize("address", [None, NodeAddress("elsewhere", "x")])
def test_a_message_of_nobody_known_is_kept_all_the_same(scene, address):
    letters(scene)(refused(scene, address=address, topic="x" * 5000, payload=b"y" * 100_000))
    (letter,) = scene.queries.dead_letters(None)
    assert (letter.size, len(letter.topic)) == (65536, 1024)


def test_equipment_that_is_not_observed_any_more_is_a_task_until_all_of_it_is_seen_again(scene):
    scene.is_well(stale_points={"b1/lift-1/speed": 179.0})
    assert scene.board() == []
    scene.is_well(stale_points={"b1/lift-1/speed": 180.0, "b1/lift-1/floor": 200.0})
    task = scene.only_task()
    assert (task.hazard, task.firing) == ("point.stale", 1)
    scene.is_well(stale_points={"b1/lift-1/floor": 230.0})
    (alert,) = scene.incident(scene.only_task()).alerts
    assert (alert.state, alert.raises) == ("firing", 1)
    scene.is_well()
    assert scene.only_task().firing == 0


def test_a_node_that_is_born_anew_does_not_lose_track_of_what_only_the_cloud_noticed(scene):
    scene.is_well(stale_points={"b1/lift-1/speed": 400.0})
    scene.clock.advance(minutes=1)
    scene.is_born(1)
    scene.is_well(stale_points={"b1/lift-1/speed": 460.0})
    (alert,) = scene.incident(scene.only_task()).alerts
    assert (alert.state, alert.lost_track) == ("firing", False)


def test_each_piece_of_equipment_that_is_not_observed_is_told_by_itself(scene):
    scene.is_well(stale_points={"b1/lift-1/speed": 300.0, "b1/smoke-1/obscuration-per-metre": 300.0})
    alerts = [alert for task in scene.board() for alert in scene.incident(task).alerts]
    assert sorted(alert.equipment.id for alert in alerts) == ["b1/lift-1", "b1/smoke-1"]
    scene.is_well(stale_points={"b1/lift-1/speed": 330.0})
    alerts = [alert for task in scene.board() for alert in scene.incident(task).alerts]
    assert {alert.equipment.id: alert.state for alert in alerts} == {"b1/lift-1": "firing", "b1/smoke-1": "resolved"}
