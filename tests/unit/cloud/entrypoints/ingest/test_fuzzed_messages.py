"""Whatever bytes arrive: an answer that says why, and the next message is served."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.adapters.packet_socket import PacketSocket
from cloud.application.intake.boot_times import BootTimes
from cloud.application.intake.dead_letters import PutDeadLetter
from cloud.application.intake.identity_conflict import ReportConflict
from cloud.application.intake.record_event import EventArrival
from cloud.application.intake.record_telemetry import BatchArrived, RecordTelemetry
from cloud.application.timeseries import to_micros
from cloud.entrypoints.ingest.decoding import Arrival, Decoded, Unusable, decode
from cloud.entrypoints.ingest.importing import ImportOutbox
from cloud.errors import CloudError
from schemas.batch import Batch, digest
from schemas.examples import MESSAGES
from schemas.presence import Born, Died, Health
from schemas.telemetry import TelemetryBatch
from schemas.topics import FROM_NODE, Channel
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.fakes.mutants import TOPICS, mutants
from tests.fakes.scene import Scene
from tests.fakes.timeseries import InMemoryReadings

VALID = [(channel, json.loads(message.model_dump_json())) for channel in FROM_NODE for message in MESSAGES[channel]]
almost = st.sampled_from(VALID).flatmap(lambda valid: st.tuples(st.just(valid[0]), mutants(valid[1])))


class House:
    """All that stands behind the decoder, in memory."""

    def __init__(self):
        self.scene, self.readings = Scene(), InMemoryReadings()
        self.letters = PutDeadLetter(self.scene.units, self.scene.clock, self.scene.ids)
        conflicts = ReportConflict(self.scene.units, self.scene.ids)
        self.telemetry = RecordTelemetry(self.readings, self.letters, conflicts, BootTimes(self.scene.units))

    def takes(self, decoded: Decoded) -> None:
        arrival, address, message, refused = decoded
        match message:
            case TelemetryBatch():
                known = digest(arrival.payload)
                batch = BatchArrived(address, message, known, arrival.topic, arrival.payload, arrival.at)
                (recorded,) = self.telemetry([batch], arrival.at)
                assert recorded.seq == message.seq
            case Batch():
                self.scene.record(EventArrival(address, message, digest(arrival.payload), arrival.at, refused))
                with self.scene.units.reading() as uow:
                    late = arrival.at + timedelta(minutes=1)
                    assert all(event.at <= late for event in uow.batches.events(ESTATE, limit=10_000))
            case Born() | Died():
                self.scene.presence(address, message, arrival.at)
            case Health():
                self.scene.health(address, message, arrival.at)


@given(TOPICS, st.binary(max_size=300))
def test_any_topic_and_any_bytes_have_an_answer(topic, payload):
    found = decode(Arrival(topic, payload, START))
    assert isinstance(found, Unusable | Decoded)
    if isinstance(found, Unusable):
        assert found.refused.reason


@settings(max_examples=400, deadline=None)
@given(almost)
def test_messages_that_are_almost_right_are_taken_or_refused_with_a_reason(message):
    channel, payload = message
    house = House()
    found = decode(Arrival(f"tocsin/v1/{ESTATE}/b1-node/{channel}", payload, START))
    if isinstance(found, Decoded):
        house.takes(found)
        for point in house.readings.points(ESTATE):
            for sample in house.readings.read(ESTATE, point, -(2**63), 2**63):
                assert -(2**63) <= sample.time <= to_micros(START) + 5_000_000
    else:
        assert found.refused.reason
        house.letters(found.refused)
    house.scene.rings("fire.smoke", "b1/smoke-1")
    assert house.scene.board(), "the next message is served"


@pytest.mark.parametrize("depth", [100, 10_000, 30_000])
@pytest.mark.parametrize("bracket", ["[", '{"a":'])
def test_depth_without_end_is_refused(depth, bracket):
    for channel in Channel:
        found = decode(Arrival(f"tocsin/v1/{ESTATE}/b1-node/{channel}", (bracket * depth).encode(), START))
        assert isinstance(found, Unusable)


class Stream:
    """A socket that gives what it holds in pieces."""

    def __init__(self, pieces):
        self._pieces = list(pieces)

    def setsockopt(self, *_):
        pass

    def recv(self, _):
        return self._pieces.pop(0)

    def send(self, data):
        return len(data)


packets = st.lists(
    st.binary(max_size=12)
    | st.builds(lambda head, body: bytes([head, len(body)]) + body, st.integers(0x30, 0x3F), st.binary(max_size=20)),
    max_size=6,
).map(b"".join)


@given(packets, st.integers(1, 7))
def test_a_broker_that_speaks_no_mqtt_breaks_the_connection_and_nothing_else(data, size):
    heard = []
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    sock = PacketSocket(Stream(pieces), lambda topic, payload: heard.append((topic, payload)))
    for _ in pieces:
        try:
            sock.fill()
        except ConnectionError:
            return
    assert all(isinstance(topic, str) and isinstance(payload, bytes) for topic, payload in heard)


lines = st.lists(
    st.sampled_from(
        [
            '{"format": "tocsin-outbox", "version": 1, "node": "example/b1-node"}', '{"format": "tocsin-outbox"}', "[]", "1",
            '{"stream": "events", "sealed": "{}"}', '{"stream": "telemetry", "sealed": "\\udcff"}', '{"stream": [], "sealed": 1}',
            "[" * 5000,
        ]
    )
    | st.text(max_size=40),
    max_size=5,
)  # fmt: skip


@settings(deadline=None)
@given(lines)
def test_a_file_that_is_no_export_is_refused_in_a_sentence(lines):
    house = House()
    try:
        ImportOutbox(house.telemetry, house.scene.record, house.letters, house.scene.clock)(lines)
    except CloudError as refused:
        assert str(refused)  # noqa: PT017 - most of these files are refused, and each for a reason
