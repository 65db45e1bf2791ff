"""Whatever the bytes, decoding answers: a message of ours, or why it can never be one."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.entrypoints.ingest.decoding import Arrival, Decoded, Unusable, decode
from schemas.events import EventBatch
from schemas.presence import Born, Died
from schemas.telemetry import TelemetryBatch
from schemas.topics import MAX_PAYLOAD_BYTES, Channel

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
OUTBOX = "0197a600-0000-7000-8000-000000000001"
BOOT = "0197a600-0000-7000-8000-0000000000b0"
ENVELOPE = {"outbox": OUTBOX, "boot": BOOT, "seq": 7, "sealed_mono": 1.0, "clock": "synchronised"}


def arrive(payload: bytes | dict, channel: str = "telemetry", node: str = "b1-node"):
    body = payload if isinstance(payload, bytes) else json.dumps(payload, separators=(",", ":")).encode()
    return decode(Arrival(f"tocsin/v1/example/{node}/{channel}", body, NOW))


def test_each_channel_has_its_message():
    assert isinstance(arrive(ENVELOPE | {"pack": [{"n": "a", "v": 1}]}).message, TelemetryBatch)
    void = {"kind": "void", "mono": 1, "stream": "telemetry", "first": 1, "last": 2, "reason": "full"}
    assert isinstance(arrive(ENVELOPE | {"events": [void]}, "events").message, EventBatch)
    died = {"state": "offline", "boot": BOOT, "connection": 1}
    assert isinstance(arrive(died, "presence").message, Died)
    born = {
        "state": "online",
        "outbox": OUTBOX,
        "boot": BOOT,
        "connection": 1,
        "agent_version": "1",
        "config_version": 1,
        "config_hash": "",
        "clock": "synchronised",
        "mono": 1,
        "equipment": [],
    }
    assert isinstance(arrive(born, "presence").message, Born)


def test_what_a_newer_node_adds_is_ignored():
    assert isinstance(arrive(ENVELOPE | {"pack": [{"n": "a", "v": 1}], "news": True}), Decoded)


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "a",
        "tocsin/v2/e/n/telemetry",
        "tocsin/v1/e/n/ack",
        "tocsin/v1/e/_cloud/w",
        "tocsin/v1/E/n/events",
        "x" * 9999,
    ],
)
def test_a_topic_on_which_no_node_speaks_is_refused_and_nobody_is_answered(topic):
    unusable = decode(Arrival(topic, b"{}", NOW))
    assert isinstance(unusable, Unusable)
    assert unusable.identity is None
    levels = topic.split("/")
    named = unusable.refused.address
    assert named is None or [named.estate, named.node] == levels[2:4], "the letter is shown to the estate it names"
    assert unusable.identity is None
    assert unusable.refused.reason


def test_a_refusal_names_what_is_wrong_and_never_repeats_what_was_sent():
    unusable = arrive(ENVELOPE | {"seq": "secret", "pack": []})
    assert "seq" in unusable.refused.reason
    assert "pack" in unusable.refused.reason
    assert "secret" not in unusable.refused.reason


def test_an_envelope_that_can_be_read_lets_the_node_stop_repeating():
    unusable = arrive(ENVELOPE | {"pack": "none"})
    assert (unusable.identity.outbox, unusable.identity.seq) == (OUTBOX, 7)
    assert unusable.refused.readable


@pytest.mark.parametrize("seq", [0, -1, "7", 7.5, True, 2**53, None])
def test_a_number_that_is_none_acknowledges_nothing(seq):
    assert arrive(ENVELOPE | {"seq": seq, "pack": "none"}).identity is None


def test_the_head_of_a_sealed_batch_is_enough_but_only_as_nodes_write_it():
    head = json.dumps(ENVELOPE, separators=(",", ":")).encode()[:-1]
    assert arrive(head).identity.seq == 7
    assert arrive(b" " + head).identity is None
    assert arrive(head.replace(b'"seq":7', b'"seq":07')).identity is None


def test_one_byte_too_many():
    body = json.dumps(ENVELOPE | {"pack": [{"n": "a", "v": 1}]}, separators=(",", ":")).encode()
    assert isinstance(arrive(body + b" " * (MAX_PAYLOAD_BYTES - len(body))), Decoded)
    refused = arrive(body + b" " * (MAX_PAYLOAD_BYTES + 1 - len(body)))
    assert str(MAX_PAYLOAD_BYTES) in refused.refused.reason
    assert refused.identity.seq == 7


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
channels = st.sampled_from([str(channel) for channel in Channel])


@given(channels, st.binary(max_size=300))
def test_any_bytes_get_an_answer(channel, payload):
    assert isinstance(arrive(payload, channel), Decoded | Unusable)


@given(st.text(max_size=80), st.binary(max_size=10))
def test_any_topic_gets_an_answer(topic, payload):
    assert isinstance(decode(Arrival(topic, payload, NOW)), Decoded | Unusable)


@given(
    channels,
    st.sampled_from([*ENVELOPE, "pack", "events", "sent_mono", "sent_boot", "state", "connection", "mono", "kind"]),
    json_values,
)
def test_any_value_in_any_field_gets_an_answer(channel, name, value):
    message = ENVELOPE | {"pack": [{"n": "a", "v": 1}], "events": [], "state": "online", name: value}
    assert isinstance(arrive(message, channel), Decoded | Unusable)


@given(st.integers(1, 400), st.binary(min_size=1, max_size=3))
def test_a_batch_with_some_bytes_overwritten_gets_an_answer(at, damage):
    body = bytearray(json.dumps(ENVELOPE | {"pack": [{"bn": "b1/", "n": "a", "v": 1, "mono_": 3.5}]}).encode())
    body[at : at + len(damage)] = damage
    assert isinstance(arrive(bytes(body)), Decoded | Unusable)
