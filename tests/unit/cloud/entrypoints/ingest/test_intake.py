"""Ingest on fakes that break down: what is not durable is not acknowledged, and nothing blocks what follows."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from cloud.adapters.clock import SystemClock
from cloud.application.asking.readiness import Readiness
from cloud.application.estates.load_estate import LoadEstate
from cloud.application.fleet.admission import Admission
from cloud.application.fleet.follow_node import FollowNode
from cloud.application.identifiers import RandomIds
from cloud.application.incidents.consequences import Consequences
from cloud.application.intake.boot_times import BootTimes
from cloud.application.intake.dead_letters import PutDeadLetter
from cloud.application.intake.identity_conflict import ReportConflict
from cloud.application.intake.record_event import RecordEvents
from cloud.application.intake.record_health import RecordHealth
from cloud.application.intake.record_presence import RecordPresence
from cloud.application.intake.record_telemetry import RecordTelemetry
from cloud.application.timeseries import Origin, SeqRange
from cloud.domain.fleet.credential import Credential
from cloud.entrypoints.ingest import storing
from cloud.entrypoints.ingest.decoding import Arrival
from cloud.entrypoints.ingest.fact_lane import UseCases
from cloud.entrypoints.ingest.intake import Intake
from cloud.entrypoints.ingest.measures import Measures
from cloud.entrypoints.ingest.waiting_room import WaitingRoom
from cloud.errors import ReadingsRefused, Unavailable
from schemas.delivery import Ack
from tests.fakes.clocks import FakeClock
from tests.fakes.estate import description
from tests.fakes.timeseries import InMemoryReadings
from tests.fakes.units import FakeUnitsOfWork
from tests.fakes.wire_node import NodeVoice


class Readings(InMemoryReadings):
    """Chokes on a batch whose readings hold a certain value, as a bug of ours would make it."""

    poison: Exception | None = None

    def record(self, batches, at):
        if self.poison and any(sample[2] == 666.0 for batch in batches for sample in batch.samples):
            raise self.poison
        return super().record(batches, at)


class Units(FakeUnitsOfWork):
    locked = False

    def writing(self):
        if self.locked:
            raise Unavailable("the database is locked")
        return super().writing()


class Events:
    """The real use case behind a door that tests exchange."""

    def __init__(self, house):
        self._house = house

    def __call__(self, arrival):
        return self._house.events(arrival)

    def without_faults(self, arrival):
        return self._house.record.without_faults(arrival)


class House:
    def __init__(self):
        self.readings, self.units, self.readiness = Readings(), Units(), Readiness()
        clock, ids, self.registry = SystemClock(), RandomIds(), CollectorRegistry()
        LoadEstate(self.units, clock)(description())
        self.acks: list[Ack] = []
        self.record = self.events = RecordEvents(self.units, clock, ids)
        letters = PutDeadLetter(self.units, clock, ids)
        self.intake = Intake(
            self._send,
            RecordTelemetry(self.readings, letters, ReportConflict(self.units, ids), BootTimes(self.units)),
            letters,
            UseCases(
                Events(self),
                RecordPresence(self.units, clock, ids),
                RecordHealth(self.units, clock, ids),
                FollowNode(self.units, clock),
                letters,
            ),
            admission=Admission(self.units, clock),
            clock=clock,
            readiness=self.readiness,
            measures=Measures(self.registry),
        )
        self.intake.connected()

    def _send(self, _topic, payload):
        self.acks.append(Ack.model_validate_json(payload))
        return True

    def hear(self, node, payload, channel="telemetry"):
        self.intake.received(f"tocsin/v1/{node.address}/{channel}", payload)

    def seqs(self, stream="telemetry", *, refused=False):
        answers = [answer for ack in self.acks for answer in ack.streams if answer.stream == stream]
        if refused:
            return {seq for answer in answers for seq in answer.refused}
        return {seq for answer in answers for first, last in answer.stored for seq in range(first, last + 1)}

    def letters(self):
        with self.units.reading() as uow:
            return list(uow.dead_letters.latest())

    def hazards(self):
        with self.units.reading() as uow:
            return [uow.incidents.get(task.incident_id).hazard for task in uow.tasks.open("example")]


def until(condition, what):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.005)


@pytest.fixture
def house(monkeypatch):
    monkeypatch.setattr(storing, "FIRST_WAIT_S", 0.01)
    monkeypatch.setattr(storing, "LONGEST_WAIT_S", 0.02)
    monkeypatch.setattr(storing, "PAUSE_S", 0.001)
    house = House()
    house.intake.start()
    yield house
    house.intake.stop()


@pytest.fixture
def node():
    return NodeVoice("b1-node")


def test_a_full_disk_acknowledges_nothing_says_so_and_loses_nothing(house, node):
    house.readings.break_down("disk full")
    for seq in range(1, 4):
        house.hear(node, node.telemetry(seq))
    until(lambda: "disk full" in house.readiness.troubles().get("readings", ""), "trouble is told")
    house.hear(node, node.alarm(1), "events")
    until(lambda: house.seqs("events") == {1}, "events have a disk of their own")
    assert house.seqs() == set()
    house.readings.repair()
    until(lambda: house.seqs() == {1, 2, 3}, "all acknowledged")
    assert house.readings.stored_ranges(Origin("example", "b1-node", node.outbox)) == [SeqRange(1, 3)]
    assert house.readiness.ready
    assert house.letters() == []


def test_a_locked_database_acknowledges_no_event(house, node):
    house.units.locked = True
    house.hear(node, node.alarm(1), "events")
    until(lambda: "locked" in house.readiness.troubles().get("state", ""), "trouble is told")
    assert house.acks == []
    house.units.locked = False
    until(lambda: house.seqs("events") == {1}, "acknowledged")
    assert house.hazards() == ["fire.smoke"]


def test_a_dead_letter_that_cannot_be_kept_is_not_acknowledged(house, node):
    house.units.locked = True
    house.hear(node, node.telemetry(1)[:150])
    until(lambda: "locked" in house.readiness.troubles().get("readings", ""), "trouble is told")
    assert house.acks == []
    house.units.locked = False
    until(lambda: house.seqs(refused=True) == {1}, "refused")
    assert len(house.letters()) == 1


@pytest.mark.parametrize("poison", [RuntimeError("a bug"), ReadingsRefused("no column holds it")])
def test_a_batch_on_which_we_fail_five_times_is_kept_aside_and_its_neighbours_are_stored(house, node, poison):
    house.readings.poison = poison
    for seq, value in ((1, 1.0), (2, 666.0), (3, 3.0)):
        house.hear(node, node.telemetry(seq, value=value))
    until(lambda: house.seqs() == {1, 2, 3}, "all acknowledged")
    assert house.seqs(refused=True) == {2}
    (letter,) = house.letters()
    assert str(poison) in letter.reason
    assert house.readings.stored_ranges(Origin("example", "b1-node", node.outbox)) == [SeqRange(1, 3)]
    assert len(house.readings.read("example", "b1/lift-1/speed", 0, 10**18)) == 2


def test_an_event_on_which_we_fail_five_times_becomes_a_task(house, node):
    tries = []

    def broken(_arrival):
        tries.append(1)
        raise RuntimeError("a bug")

    house.events = broken
    house.hear(node, node.alarm(1), "events")
    until(lambda: house.seqs("events", refused=True) == {1}, "refused")
    assert len(tries) == 5
    # It was a fire, so its refusal is treated as one.
    assert house.hazards() == ["node.event-unreadable"]


def altered(payload, change):
    body = json.loads(payload)
    change(body)
    return json.dumps(body, separators=(",", ":")).encode()


def test_a_bad_event_costs_itself_and_not_the_fire_beside_it(house, node):
    door = node.alarm(1, "access.held-open", "b1/door")

    def spoil(body):
        (fire,) = json.loads(node.alarm(1))["events"]
        body["events"] = [{**body["events"][0], "severity": "awful"}, fire]

    bad = altered(door, spoil)
    house.hear(node, bad, "events")
    until(lambda: house.seqs("events") == {1}, "acknowledged")
    assert sorted(house.hazards()) == ["fire.smoke", "node.event-refused"]
    (letter,) = house.letters()
    assert "severity" in letter.reason
    assert json.loads(letter.payload)["equipment"] == "b1/door"
    house.acks.clear()
    house.hear(node, bad, "events")
    until(lambda: house.seqs("events") == {1}, "acknowledged again")
    assert len(house.letters()) == 1
    with house.units.reading() as uow:
        assert [(event.index, event.kind) for event in uow.batches.events("example")] == [(1, "alarm.raised")]


@pytest.mark.parametrize(
    ("record", "hazard"),
    [
        ({"kind": "alarm.raised", "hazard": "fire.smoke"}, "node.event-unreadable"),
        ({"kind": "alarm.raised", "hazard": "fire.of-tomorrow"}, "node.event-unreadable"),
        ({"kind": "alarm.raised"}, "node.event-unreadable"),
        ({"kind": "of-tomorrow"}, "node.event-unreadable"),
        ("gibberish", "node.event-unreadable"),
        ({"kind": "alarm.raised", "hazard": "lift.door-fault"}, "node.event-refused"),
        ({"kind": "access.granted"}, "node.event-refused"),
    ],
)
def test_what_a_bad_event_names_says_how_grave_it_is(house, node, record, hazard):
    house.hear(node, altered(node.alarm(1), lambda body: body.update(events=[record])), "events")
    until(lambda: house.seqs("events", refused=True) == {1}, "refused")
    assert house.hazards() == [hazard]


def test_a_batch_whose_envelope_is_wrong_may_have_held_a_fire(house, node):
    house.hear(node, altered(node.alarm(1), lambda body: body.update(clock="sundial")), "events")
    until(lambda: house.seqs("events", refused=True) == {1}, "refused")
    assert house.hazards() == ["node.event-unreadable"]


def test_an_event_on_which_we_fail_leaves_its_neighbours_alone(house, node, monkeypatch):
    real = Consequences.raised

    def choke(self, sighting):
        if sighting.fingerprint.hazard == "lift.door-fault":
            raise RuntimeError("a bug")
        real(self, sighting)

    monkeypatch.setattr(Consequences, "raised", choke)

    def join(body):
        body["events"] += json.loads(node.alarm(1, "lift.door-fault", "b1/lift-1"))["events"]

    house.hear(node, altered(node.alarm(1), join), "events")
    until(lambda: house.seqs("events") == {1}, "acknowledged")
    assert sorted(house.hazards()) == ["fire.smoke", "node.event-refused"]
    (letter,) = house.letters()
    assert "a bug" in letter.reason


def test_an_event_that_fails_once_is_simply_tried_again(house, node):
    real, tries = house.events, []

    def flaky(arrival):
        tries.append(1)
        if len(tries) == 1:
            raise RuntimeError("a hiccup")
        return real(arrival)

    house.events = flaky
    house.hear(node, node.alarm(1), "events")
    until(lambda: house.seqs("events") == {1}, "acknowledged")
    assert house.letters() == []


def test_an_event_that_cannot_be_read_at_all_is_treated_as_life_safety(house, node):
    house.hear(node, b"\x00\x01", "events")
    until(house.hazards, "a task")
    with house.units.reading() as uow:
        (task,) = uow.tasks.open("example")
    assert task.life_safety
    assert house.acks == []


def test_a_void_is_explained_to_the_readings_before_it_is_acknowledged(house, node):
    house.readings.break_down()
    house.hear(node, node.void(1, first=5, last=9), "events")
    until(lambda: "readings" in house.readiness.troubles(), "the errand waits for the store")
    assert house.acks == []
    house.readings.repair()
    until(lambda: house.seqs("events") == {1}, "acknowledged")
    (void,) = house.readings.void_ranges(Origin("example", "b1-node", node.outbox))
    assert (void.first, void.last, void.reason) == (5, 9, "quota")


def test_stopping_in_the_middle_of_trouble_ends_soon_and_acknowledges_nothing(house, node):
    house.readings.break_down()
    house.units.locked = True
    house.hear(node, node.telemetry(1))
    house.hear(node, node.void(1, first=5, last=9), "events")
    until(lambda: {"readings", "state"} <= house.readiness.troubles().keys(), "both in trouble")
    begun = time.monotonic()
    house.intake.stop()
    assert time.monotonic() - begun < 5
    assert house.acks == []
    assert house.intake.dead is None


def test_a_lane_that_dies_is_noticed(house, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda _args: None)
    monkeypatch.setattr(house.intake._telemetry, "take", lambda _most: 1 / 0)
    house.intake._telemetry.somebody.set()
    until(lambda: house.intake.dead == "ingest-telemetry", "noticed")


def test_nodes_can_be_heard_only_while_connected(house):
    assert house.intake.listening_since() is not None
    house.intake.lost("the broker went")
    assert house.intake.listening_since() is None
    assert house.readiness.troubles()["broker"] == "the broker went"


@pytest.fixture
def listening(house, monkeypatch):
    """An intake on a clock of the test's own, and what waits before it: a room nobody clears but the test."""
    house.clock, house.others = FakeClock(), WaitingRoom(capacity_bytes=1000)
    monkeypatch.setattr(house.intake, "_clock", house.clock)
    monkeypatch.setattr(house.intake, "_others", house.others)
    house.intake.connected()
    return house


def health(at):
    return Arrival("tocsin/v1/example/b1-node/health", b"{}", at)


def test_silence_is_counted_anew_once_ingest_has_caught_up(listening):
    began = listening.clock.now()
    listening.others.put(health(began))
    listening.clock.advance(seconds=9)
    assert listening.intake.listening_since() == began
    listening.clock.advance(minutes=5)
    assert listening.intake.listening_since() is None
    behind = listening.clock.now()
    listening.others.take(1)
    listening.clock.advance(seconds=1)
    assert listening.intake.listening_since() == behind


def test_silence_is_counted_anew_where_a_word_was_turned_away_that_nobody_repeats(listening):
    while listening.others.put(health(listening.clock.now())):
        pass
    listening.others.take(100)
    listening.clock.advance(minutes=5)
    assert listening.intake.listening_since() is None
    assert listening.intake.listening_since() == listening.clock.now()


def test_every_stage_is_counted(house, node):
    payload = node.telemetry(1)
    for _ in range(2):
        house.hear(node, payload)
    house.hear(node, node.alarm(1), "events")
    house.hear(node, b"{}", "health")
    until(lambda: house.seqs() == {1} and house.seqs("events") == {1} and house.letters(), "all done")
    house.intake.stop()
    text = generate_latest(house.registry).decode()
    assert 'tocsin_ingest_received_total{channel="telemetry"} 2.0' in text
    assert 'tocsin_ingest_batches_total{outcome="duplicate",stream="telemetry"} 1.0' in text
    assert 'tocsin_ingest_batches_total{outcome="stored",stream="events"} 1.0' in text
    assert 'tocsin_ingest_refused_total{stream="health"} 1.0' in text
    assert "tocsin_ingest_readings_stored_total 2.0" in text


def shut_out(house, node):
    """The node was enrolled once, and revoked."""
    now = datetime.now(UTC)
    credential = Credential("node-1", "example", node, "c", "digest", "pem", now, now + timedelta(days=90), now, now)
    credential.revoke(now)
    with house.units.writing() as uow:
        uow.enrolments.save(credential)
        uow.commit()


def test_a_revoked_node_is_not_heard_and_said_once(house, node):
    shut_out(house, "b1-node")
    for seq in range(1, 4):
        house.hear(node, node.telemetry(seq))
        house.hear(node, node.alarm(seq), "events")
    other = NodeVoice("b2-node")
    house.hear(other, other.telemetry(1))
    house.hear(other, other.alarm(1), "events")
    until(lambda: house.seqs() == {1} and house.seqs("events") == {1}, "the other node is heard")
    assert sum("is not enrolled, or was revoked" in letter.reason for letter in house.letters()) == 1
    assert house.hazards().count("node.identity-refused") == 1
    assert house.readings.stored_ranges(Origin("example", "b1-node", node.outbox)) == []


def test_the_last_birth_of_a_revoked_node_that_a_broker_repeats_troubles_nobody(house, node):
    shut_out(house, "b1-node")
    house.hear(node, b"{}", "presence")
    house.hear(node, node.telemetry(1))
    until(house.letters, "what a living node says")
    assert len(house.letters()) == 1
    assert house.letters()[0].topic.endswith("telemetry")


def test_a_batch_of_events_that_is_refused_as_a_whole_leaves_no_gap(house, node):
    house.hear(node, node.alarm(1), "events")
    house.hear(node, node.alarm(2).replace(b'"events":', b'"eventz":'), "events")
    house.hear(node, node.alarm(3), "events")
    until(lambda: house.seqs("events") == {1, 2, 3}, "all are answered")
    with house.units.reading() as uow:
        progress = uow.batches.progress(node.outbox, "events")
    assert list(progress.stored) == [(1, 1), (3, 3)]
    assert not progress.missing, "it stands in the dead letters, and is no loss"
