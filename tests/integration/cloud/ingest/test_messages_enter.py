"""What nodes say over a real broker: stored, acknowledged, once; what can never succeed is kept with its reason."""

import json
import os

import pytest

from cloud.domain.duties.oversight import UNCOVERED
from cloud.entrypoints.crowd import files_wanted
from tests.fakes.mqtt_wire import Wire
from tests.fakes.wire_node import WireNode
from tests.integration.cloud.ingest.conftest import until

pytestmark = pytest.mark.mosquitto


@pytest.fixture
def node(broker, cloud):
    with WireNode(broker.port, "b1-gateway") as node:
        yield node


def counts(cloud, node):
    return cloud.services.reading_counts(node.address.estate, node.address.node)


def letters(cloud):
    with cloud.units.reading() as uow:
        return list(uow.dead_letters.latest())


def tasks(cloud):
    """What is open, but for the holes in coverage that the cloud finds by itself meanwhile."""
    with cloud.units.reading() as uow:
        found = [uow.incidents.get(task.incident_id).hazard for task in uow.tasks.open("example")]
    return [hazard for hazard in found if hazard != UNCOVERED]


def test_a_batch_is_stored_then_acknowledged(cloud, node):
    node.say(node.telemetry(1, value=1.25))
    node.hear(1)
    latest = cloud.services.readings.latest("example", ["b1/lift-1/speed", "b1/lift-1/floor"])
    assert latest["b1/lift-1/speed"].value == 1.25
    assert latest["b1/lift-1/floor"].value == 1.0
    assert counts(cloud, node).stored == 1


def test_acknowledgements_of_telemetry_are_said_together(node):
    for seq in range(1, 9):
        node.say(node.telemetry(seq))
    node.hear(*range(1, 9))
    assert len(node.acks) < 8
    assert node.acks[0].credit > 0


def test_a_repeat_is_acknowledged_again_and_stored_once(cloud, node):
    payload = node.telemetry(1)
    node.say(payload)
    node.hear(1)
    node.acks.clear()
    node.say(payload)
    node.hear(1)
    assert (counts(cloud, node).stored, counts(cloud, node).duplicate) == (1, 1)


def test_another_batch_under_a_known_number_is_stored_as_well_and_raises_a_conflict(cloud, node):
    node.say(node.telemetry(1, value=1.0))
    node.hear(1)
    node.acks.clear()
    node.say(node.telemetry(1, value=2.0))
    node.hear(1)
    assert counts(cloud, node).conflict == 1
    assert tasks(cloud) == ["node.identity-conflict"]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\xff\xfe", "JSON"),
        (b"[" * 5000, "JSON"),
        (b"{}", "outbox"),
        (b"x" * 70_000, "70000 bytes"),
    ],
)
def test_what_cannot_be_read_is_a_dead_letter_and_the_next_message_is_served(cloud, node, payload, reason):
    node.say(payload)
    node.say(node.telemetry(1))
    node.hear(1)
    (letter,) = letters(cloud)
    assert reason in letter.reason
    assert letter.topic == "tocsin/v1/example/b1-gateway/telemetry"


def test_a_malformed_batch_whose_envelope_can_be_read_is_acknowledged_as_refused(cloud, node):
    node.say(node.telemetry(1).replace(b'"pack":[', b'"pack":[17,'))
    node.hear(1)
    assert node.refused() == {1}
    assert "pack.0" in letters(cloud)[0].reason
    assert counts(cloud, node).refused == 1


def test_a_sealed_batch_cut_short_is_refused_too(cloud, node):
    node.say(node.telemetry(7)[:150])
    node.hear(7)
    assert node.refused() == {7}
    assert len(letters(cloud)) == 1


def test_a_bad_record_costs_itself_and_not_its_neighbours(cloud, node):
    node.say(node.telemetry(1).replace(b'"n":"floor"', b'"n":"fl oor"'))
    node.hear(1)
    assert node.refused() == set()
    assert "record 1" in letters(cloud)[0].reason
    latest = cloud.services.readings.latest("example", ["b1/lift-1/speed"])
    assert latest["b1/lift-1/speed"].value == 1.5


def test_an_oversized_batch_is_refused_and_the_node_may_forget_it(cloud, node):
    node.say(node.telemetry(1).replace(b'"n":"floor"', b'"n":"' + b"f" * 70_000 + b'"'))
    node.hear(1)
    assert node.refused() == {1}
    assert len(letters(cloud)[0].payload) == 64 * 1024


def test_a_topic_that_names_no_node_is_a_dead_letter(cloud, node):
    node.say_on("tocsin/v1/example/-bad-/telemetry", b"{}")
    until(lambda: letters(cloud), "the dead letter")
    assert "-bad-" in letters(cloud)[0].reason


def test_an_event_becomes_a_task_at_once(cloud, node):
    node.say(node.alarm(1), "events")
    node.hear(1, stream="events")
    assert tasks(cloud) == ["fire.smoke"]


def test_a_repeated_event_raises_nothing_twice(cloud, node):
    payload = node.alarm(1)
    node.say(payload, "events")
    node.hear(1, stream="events")
    node.acks.clear()
    node.say(payload, "events")
    node.hear(1, stream="events")
    assert tasks(cloud) == ["fire.smoke"]


def test_a_refused_event_raises_a_task(cloud, node):
    node.say(node.alarm(1).replace(b'"kind":"alarm.raised"', b'"kind":"alarm.raved"'), "events")
    node.hear(1, stream="events")
    assert node.refused("events") == {1}
    # It names a hazard to life, so it is treated as one.
    assert tasks(cloud) == ["node.event-unreadable"]


def test_an_event_of_unknown_equipment_reaches_somebody(cloud, node):
    node.say(node.alarm(1, equipment="b9/unheard-of"), "events")
    node.hear(1, stream="events")
    with cloud.units.reading() as uow:
        (task,) = [one for one in uow.tasks.open("example") if one.hazard != UNCOVERED]
    assert task.responsible_id


def test_an_unknown_estate_is_told_and_never_acknowledged(broker, cloud):
    with WireNode(broker.port, "n1", estate="elsewhere") as stranger:
        for _ in range(3):
            stranger.say(stranger.alarm(1), "events")
        until(lambda: letters(cloud), "the dead letter")
        stranger.listen(0.3)
        assert stranger.acks == []
    assert len(letters(cloud)) == 1
    assert "elsewhere" in letters(cloud)[0].reason


def test_a_broker_that_dies_and_comes_back_is_found_again(broker, cloud):
    broker.kill()
    until(lambda: "broker" in cloud.readiness.troubles(), "trouble is told")
    assert cloud.failed is None
    broker.start()
    until(lambda: cloud.readiness.ready, "it is well again", within_s=20)
    with WireNode(broker.port, "b1-gateway") as node:
        node.say(node.telemetry(1))
        node.hear(1)


def test_a_broker_is_found_again_by_who_has_more_than_a_thousand_files_open(broker, cloud):
    """Everybody who follows a board has one of the cloud's; beyond 1024 there is select(), which knows no more."""
    broker.kill()
    until(lambda: "broker" in cloud.readiness.troubles(), "trouble is told")
    if files_wanted() < 1400:
        pytest.skip("the system lets nobody open as many files as this needs")
    held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]
    try:
        broker.start()
        until(lambda: cloud.readiness.ready or cloud.failed, "it is well again, or over", within_s=20)
        assert cloud.failed is None
        with WireNode(broker.port, "b1-gateway") as node:
            node.say(node.telemetry(1))
            node.hear(1)
    finally:
        for file in held:
            os.close(file)


def test_an_event_overtakes_the_telemetry_that_waits(cloud, node):
    waiting = [(node.telemetry(seq, records=20), "telemetry") for seq in range(1, 801)]
    node.say_in_a_breath(*waiting, (node.alarm(1), "events"))
    node.hear(1, stream="events")
    node.hear(*range(1, 801), within_s=30)
    before = len(node.acknowledged_before(1, "events"))
    assert before < 800, "the event was acknowledged last"


def test_nodes_are_told_that_a_worker_is_there_and_that_it_has_gone(broker, cloud):
    wire = Wire(broker.port, "onlooker")
    wire.subscribe("tocsin/v1/example/_cloud/+")

    def hints():
        wire.read(0.05)
        return wire.messages

    until(hints, "the hint")
    topic, payload = wire.messages[0]
    assert topic == "tocsin/v1/example/_cloud/cloud-1"
    assert json.loads(payload)["worker"] == "cloud-1"
    cloud.stop()
    until(lambda: hints()[-1][1] == b"", "the hint is taken back")
    wire.close()
    late = Wire(broker.port, "latecomer")
    late.subscribe("tocsin/v1/example/_cloud/+")
    late.read(0.3)
    assert late.messages == []
    late.close()
