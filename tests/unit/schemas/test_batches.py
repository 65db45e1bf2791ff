"""A batch keeps its bytes and its digest, however often it is sent; its readings and its facts come out as they went in."""

import hashlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.batch import digest, seal, stamp
from schemas.events import AlarmCleared, AlarmRaised, EventBatch, NodeLifecycle, SequenceVoided
from schemas.senml import SenmlError
from schemas.telemetry import MONO_LABEL, Reading, TelemetryBatch, readings

OUTBOX, BOOT, OTHER_BOOT = (f"0197a6b0-0000-7000-8000-{number:012}" for number in (1, 2, 3))
NOW = 1_800_000_000.0
ENVELOPE = {"outbox": OUTBOX, "boot": BOOT, "seq": 7, "sealed_mono": 88123.5, "clock": "synchronised"}


def telemetry(*pack, **fields):
    return TelemetryBatch(**(ENVELOPE | fields), pack=list(pack))


NASTY = st.sampled_from(
    ['","sent_mono":1.000,"sent_boot":"ab","backlog":true}', "sent_mono", '"', "\\", "}", "门", "\x00", "\ud7ff"]
)
PACKS = st.lists(
    st.dictionaries(
        st.sampled_from(["n", "v", "vs", "sent_mono", "sent_boot", "backlog"]),
        st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8) | NASTY | st.booleans(),
        max_size=6,
    ),
    min_size=1,
    max_size=4,
)
STAMPS = st.fixed_dictionaries(
    {"sent_mono": st.floats(0, 1e9), "sent_boot": st.sampled_from([BOOT, OTHER_BOOT]), "backlog": st.booleans()}
)


@given(PACKS, STAMPS, STAMPS)
def test_the_digest_is_the_same_whatever_the_stamp(pack, first, second):
    sealed = seal(telemetry(*pack))
    assert digest(stamp(sealed, **first)) == digest(stamp(sealed, **second)) == digest(sealed)
    assert digest(sealed) == hashlib.sha256(sealed).digest()


@given(PACKS, STAMPS)
def test_a_stamped_batch_is_the_sealed_one_and_its_stamp(pack, given_stamp):
    batch = telemetry(*pack)
    sealed = seal(batch)
    payload = stamp(sealed, **given_stamp)
    assert payload.startswith(sealed[:-1])
    read = TelemetryBatch.model_validate_json(payload)
    assert read.model_dump(exclude={"sent_mono", "sent_boot", "backlog"}) == batch.model_dump(
        exclude={"sent_mono", "sent_boot", "backlog"}
    )
    assert (read.sent_boot, read.backlog) == (given_stamp["sent_boot"], given_stamp["backlog"])
    assert read.sent_mono == pytest.approx(given_stamp["sent_mono"], abs=0.0006)
    assert seal(read) == sealed


def test_another_content_has_another_digest():
    assert digest(seal(telemetry({"n": "a", "v": 1}))) != digest(seal(telemetry({"n": "a", "v": 2})))


def test_age_is_told_by_the_monotonic_clock_of_one_boot():
    sealed = seal(telemetry({"n": "a", "v": 1}))
    sent = TelemetryBatch.model_validate_json(stamp(sealed, sent_mono=88130.0, sent_boot=BOOT, backlog=False))
    assert sent.age(88120.0) == 10.0
    assert sent.age(88131.0) == 0.0
    later = TelemetryBatch.model_validate_json(stamp(sealed, sent_mono=5.0, sent_boot=OTHER_BOOT, backlog=True))
    assert later.age(88120.0) is None
    assert telemetry({"n": "a", "v": 1}).age(0.0) is None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"seq": 0}, "seq"),
        ({"seq": 2**53}, "seq"),
        ({"outbox": "../etc"}, "outbox"),
        ({"boot": ""}, "boot"),
        ({"sealed_mono": -1}, "sealed_mono"),
        ({"sealed_mono": math.nan}, "sealed_mono"),
        ({"clock": "roughly"}, "clock"),
        ({"pack": []}, "pack"),
        ({"pack": [1]}, "pack.0"),
        ({"pack": [{"n": "a", "v": 1}] * 1001}, "pack"),
    ],
)
def test_an_envelope_that_does_not_fit_is_refused_by_field(fields, says):
    with pytest.raises(ValidationError) as refused:
        TelemetryBatch(**({**ENVELOPE, "pack": [{"n": "a", "v": 1}]} | fields))
    assert says in str(refused.value)


def test_a_field_of_a_newer_node_is_ignored():
    assert TelemetryBatch(**ENVELOPE, pack=[{"n": "a", "v": 1}], novelty=1).seq == 7


# Readings


def test_readings_come_out_in_order_with_both_times():
    batch = telemetry(
        {"bn": "b3/lift-7/", "bt": NOW, "n": "speed", "u": "m/s", "v": 1.52, MONO_LABEL: 88122.1},
        {"n": "door-open", "t": 0.5, "vb": False, MONO_LABEL: 88122},
        {"n": "direction", "t": 0.5, "vs": "up", MONO_LABEL: 88122.6},
    )
    assert readings(batch, now=NOW + 60) == [
        Reading("b3/lift-7/speed", NOW, 88122.1, 1.52, "m/s"),
        Reading("b3/lift-7/door-open", NOW + 0.5, 88122.0, False, None),
        Reading("b3/lift-7/direction", NOW + 0.5, 88122.6, "up", None),
    ]


@pytest.mark.parametrize("clock", ["synchronised", "unsynchronised"])
def test_a_record_without_wall_time_has_only_its_monotonic_time(clock):
    (reading,) = readings(telemetry({"n": "a", "v": 1, MONO_LABEL: 5.0}, clock=clock), now=NOW)
    assert (reading.time, reading.mono) == (None, 5.0)


def test_a_device_without_any_clock_measured_when_it_arrived():
    (reading,) = readings(telemetry({"n": "a", "v": 1}, clock="unsynchronised"), now=NOW)
    assert (reading.time, reading.mono) == (NOW, None)


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"n": "b", "vd": "aGkgCg"}, "carries no number, text or truth value"),
        ({"n": "b", "s": 5}, "carries no number, text or truth value"),
        ({"n": "b", "v": 1, "mono_": -1}, "mono_ is no number of seconds"),
        ({"n": "b", "v": 1, "mono_": True}, "mono_ is no number of seconds"),
        ({"n": "b", "v": 1, "mono_": "5"}, "mono_ is no number of seconds"),
        ({"n": "b", "v": 1, "mono_": None}, "mono_ is no number of seconds"),
        ({"n": "b", "v": 1, "mono_": math.inf}, "mono_ is no number of seconds"),
        ({"n": "b", "v": 1, "mono_": math.nan}, "mono_ is no number of seconds"),
        ({"n": "b", "v": 1, "other_": 1}, "must be understood"),
        ({"n": "b"}, "no value and no sum"),
    ],
)
def test_what_is_no_reading_is_refused_with_its_place_in_the_pack(record, says):
    with pytest.raises(SenmlError) as refused:
        readings(telemetry({"bn": "b1/"}, {"n": "a", "v": 1}, record), now=NOW)
    assert refused.value.record == 2
    assert says in refused.value.reason


# Facts

RAISED = {
    "kind": "alarm.raised",
    "mono": 88120.0,
    "occurrence": OUTBOX,
    "rule": "b1/smoke-1/smoke-relay",
    "hazard": "fire.smoke",
    "severity": "critical",
    "equipment": "b1/smoke-1",
}


def facts(*events):
    return json.dumps({**ENVELOPE, "events": list(events)})


def test_each_kind_of_fact_becomes_its_own_model():
    batch = EventBatch.model_validate_json(
        facts(
            RAISED,
            {**RAISED, "kind": "alarm.cleared", "reason": "rule-changed"},
            {"kind": "node.started", "mono": 1},
            {"kind": "void", "mono": 1, "stream": "telemetry", "first": 3, "last": 9, "reason": "quota"},
        )
    )
    assert [type(event) for event in batch.events] == [AlarmRaised, AlarmCleared, NodeLifecycle, SequenceVoided]
    assert EventBatch.model_validate_json(seal(batch)) == batch


@pytest.mark.parametrize(
    ("event", "where", "says"),
    [
        (
            {**RAISED, "kind": "alarm.risen"},
            ("events", 0),
            "Input tag 'alarm.risen' found using 'kind' does not match any of the expected tags: 'alarm.raised'",
        ),
        ({key: RAISED[key] for key in RAISED if key != "kind"}, ("events", 0), "Unable to extract tag"),
        ({**RAISED, "severity": "dire"}, ("events", 0, "alarm.raised", "severity"), "'notice', 'warning'"),
        ({**RAISED, "hazard": "Fire!"}, ("events", 0, "alarm.raised", "hazard"), "pattern"),
        ({**RAISED, "mono": -1}, ("events", 0, "alarm.raised", "mono"), "greater than or equal to 0"),
        (
            {key: RAISED[key] for key in RAISED if key != "occurrence"},
            ("events", 0, "alarm.raised", "occurrence"),
            "required",
        ),
        (
            {"kind": "void", "mono": 1, "stream": "events", "first": 3, "last": 2, "reason": ""},
            ("events", 0, "void"),
            "from first to last, not from 3 to 2",
        ),
    ],
)
def test_a_fact_that_does_not_fit_is_refused_by_place_and_reason(event, where, says):
    with pytest.raises(ValidationError) as refused:
        EventBatch.model_validate_json(facts(event))
    (error,) = refused.value.errors()
    assert error["loc"] == where
    assert says in error["msg"]


def test_a_hazard_that_this_version_does_not_know_is_kept():
    (event,) = EventBatch.model_validate_json(facts({**RAISED, "hazard": "crane.swinging"})).events
    assert event.hazard == "crane.swinging"
