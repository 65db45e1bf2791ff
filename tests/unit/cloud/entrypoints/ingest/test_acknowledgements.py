"""Telemetry is acknowledged together within half a second, in ranges, per outbox."""

from cloud.entrypoints.ingest.acknowledgements import Acknowledgements, ranges
from schemas.batch import Stream
from schemas.delivery import Ack
from schemas.topics import NodeAddress

A, B = NodeAddress("example", "a"), NodeAddress("example", "b")
BOX = "0197a600-0000-7000-8000-000000000001"
DIGEST, ANOTHER = b"\0\0\0\7" + bytes(28), b"\0\0\1\0" + bytes(28)
OTHER = "0197a600-0000-7000-8000-000000000002"


class Wire:
    def __init__(self, up=True):
        self.said, self.up = [], up

    def __call__(self, topic, payload):
        self.said.append((topic, Ack.model_validate_json(payload)))
        return self.up


def test_ranges_join_neighbours():
    assert ranges({5, 1, 2, 9, 3}) == [(1, 3), (5, 5), (9, 9)]
    assert ranges(set()) == []


def test_every_number_is_said_with_the_mark_of_its_batch_and_a_second_batch_under_it_beside():
    wire = Wire()
    acks = Acknowledgements(Stream.TELEMETRY, wire)
    for seq, digest in ((4, DIGEST), (5, DIGEST), (5, ANOTHER), (5, DIGEST)):
        acks.note(A, BOX, seq, digest, now=10.0)
    acks.say(11.0)
    ((_, ack),) = wire.said
    assert [(answer.stored, answer.marks) for answer in ack.streams] == [([(4, 5)], [7, 7]), ([(5, 5)], [256])]


def test_nothing_is_said_before_its_time_and_everything_then():
    wire = Wire()
    acks = Acknowledgements(Stream.TELEMETRY, wire)
    acks.note(A, BOX, 1, DIGEST, now=10.0)
    acks.note(A, BOX, 2, DIGEST, now=10.4)
    assert acks.say(10.49) == 0
    assert abs(acks.due_in(10.4) - 0.1) < 1e-9
    assert acks.say(10.5) == 2
    ((topic, ack),) = wire.said
    assert topic == "tocsin/v1/example/a/ack"
    assert ack.outbox == BOX
    assert ack.streams[0].stored == [(1, 2)]
    assert acks.due_in(10.5) is None


def test_many_are_said_at_once():
    wire = Wire()
    acks = Acknowledgements(Stream.TELEMETRY, wire, enough=3)
    for seq in (1, 2, 3):
        acks.note(A, BOX, seq, DIGEST, now=10.0)
    acks.note(B, OTHER, 1, DIGEST, now=10.0)
    assert acks.say(10.0) == 3
    assert len(acks) == 1


def test_outboxes_are_kept_apart_even_of_one_node():
    wire = Wire()
    acks = Acknowledgements(Stream.TELEMETRY, wire)
    acks.note(A, BOX, 1, DIGEST, now=1.0)
    acks.note(A, OTHER, 1, DIGEST, now=1.0)
    assert acks.say(1.0, everything=True) == 2
    assert {ack.outbox for _, ack in wire.said} == {BOX, OTHER}


def test_what_was_refused_is_named_among_what_need_not_come_again():
    wire = Wire()
    acks = Acknowledgements(Stream.EVENTS, wire, credit=lambda: 4)
    acks.note(A, BOX, 1, DIGEST, now=1.0)
    acks.note(A, BOX, 2, DIGEST, now=1.0, refused=True)
    acks.say(1.0, everything=True)
    answer = wire.said[0][1].streams[0]
    assert (answer.stored, answer.refused, wire.said[0][1].credit) == ([(1, 2)], [2], 4)


def test_without_a_connection_nothing_counts_as_said_and_nothing_is_kept():
    acks = Acknowledgements(Stream.TELEMETRY, Wire(up=False))
    acks.note(A, BOX, 1, DIGEST, now=1.0)
    assert acks.say(9.0) == 0
    assert len(acks) == 0
