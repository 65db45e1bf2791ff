"""What RFC 8428 says of a pack, rule by rule, and what it forbids."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.senml import SenmlError, resolve

NOW = 1_800_000_000.0


def one(*pack, now=NOW, **options):
    return resolve(list(pack), now=now, **options)[-1]


@pytest.mark.parametrize(
    ("pack", "where", "says"),
    [
        ([], 0, "array of one or more"),
        ({}, 0, "array of one or more"),
        ("[]", 0, "array of one or more"),
        (None, 0, "array of one or more"),
        ([[]], 0, "record is an object"),
        ([{"n": "a", "v": 1}, None], 1, "record is an object"),
        ([{}], 0, "4.5.1"),
        ([{"v": 1}], 0, "neither a base name nor a name"),
        ([{"n": "", "v": 1}], 0, "neither a base name nor a name"),
        ([{"n": "-a", "v": 1}], 0, "4.5.1"),
        ([{"bn": "/", "n": "a", "v": 1}], 0, "4.5.1"),
        ([{"n": "a b", "v": 1}], 0, "4.5.1"),
        ([{"n": "a\n", "v": 1}], 0, "4.5.1"),
        ([{"n": "门", "v": 1}], 0, "4.5.1"),
        ([{"n": "a", "v": 1}, {"bn": "ok:", "n": "b#", "v": 1}], 1, "4.5.1"),
        ([{"n": 7, "v": 1}], 0, "n is 7, expected text"),
        ([{"bn": None, "n": "a", "v": 1}], 0, "bn is None, expected text"),
        ([{"n": "a", "u": 1, "v": 1}], 0, "u is 1, expected text"),
        ([{"n": "a", "u": None, "v": 1}], 0, "u is None, expected text"),
        ([{"n": "a", "bu": False, "v": 1}], 0, "bu is False, expected text"),
        ([{"n": "a", "v": 1, "vb": True}], 0, "it has v and vb"),
        ([{"n": "a", "vs": "", "vd": ""}], 0, "it has vs and vd"),
        ([{"n": "a", "v": 1.5, "vs": "x"}], 0, "it has v and vs"),
        ([{"n": "a"}], 0, "no value and no sum"),
        ([{"n": "a", "t": 5}], 0, "no value and no sum"),
        ([{"bn": "a", "u": "V"}], 0, "no value and no sum"),
        ([{"bs": 3, "n": "a"}], 0, "no value and no sum"),
        ([{"bv": 3, "n": "a"}], 0, "no value and no sum"),
        ([{"n": "a", "v": True}], 0, "v is True, expected a finite number"),
        ([{"n": "a", "v": "1"}], 0, "v is '1', expected a finite number"),
        ([{"n": "a", "v": None}], 0, "v is None, expected a finite number"),
        ([{"n": "a", "v": math.nan}], 0, "v is nan"),
        ([{"n": "a", "v": math.inf}], 0, "v is inf"),
        ([{"n": "a", "v": 10**5000}], 0, "v is of type int"),
        ([{"n": "a", "v": [1]}], 0, "v is of type list"),
        ([{"n": "a", "bv": 1e308, "v": 1e308}], 0, "v with bv is inf"),
        ([{"n": "a", "bv": math.nan, "v": 1}], 0, "bv is nan"),
        ([{"n": "a", "bv": "1", "v": 1}], 0, "bv is '1'"),
        ([{"n": "a", "s": "1"}], 0, "s is '1'"),
        ([{"n": "a", "s": math.inf}], 0, "s is inf"),
        ([{"bs": True, "n": "a", "v": 1}], 0, "bs is True"),
        ([{"n": "a", "t": "now", "v": 1}], 0, "t is 'now'"),
        ([{"n": "a", "t": None, "v": 1}], 0, "t is None"),
        ([{"n": "a", "t": math.inf, "v": 1}], 0, "t is inf"),
        ([{"bt": 1e308, "n": "a", "t": 1e308, "v": 1}], 0, "t with bt is inf"),
        ([{"bt": False, "n": "a", "v": 1}], 0, "bt is False"),
        ([{"n": "a", "ut": "1", "v": 1}], 0, "ut is '1'"),
        ([{"n": "a", "vb": 1}], 0, "vb is 1, expected true or false"),
        ([{"n": "a", "vb": "true"}], 0, "vb is 'true'"),
        ([{"n": "a", "vs": 1}], 0, "vs is 1, expected text"),
        ([{"n": "a", "vd": 1}], 0, "vd is 1, expected text"),
        ([{"n": "a", "vd": "aGkgCg=="}], 0, "base64url without padding"),
        ([{"n": "a", "vd": "a+/b"}], 0, "base64url without padding"),
        ([{"n": "a", "vd": "aGkgC"}], 0, "base64url without padding"),
        ([{"n": "a", "vd": "ü"}], 0, "base64url without padding"),
        ([{"bver": 11, "n": "a", "v": 1}], 0, "understands up to 10 (RFC 8428, 4.4)"),
        ([{"bver": 0, "n": "a", "v": 1}], 0, "positive integer"),
        ([{"bver": 9.5, "n": "a", "v": 1}], 0, "positive integer"),
        ([{"bver": True, "n": "a", "v": 1}], 0, "positive integer"),
        ([{"bver": "10", "n": "a", "v": 1}], 0, "positive integer"),
        ([{"bver": math.inf, "n": "a", "v": 1}], 0, "positive integer"),
        ([{"bver": 5, "n": "a", "v": 1}, {"bver": 6, "n": "b", "v": 1}], 1, "began with 5"),
        ([{"n": "a", "v": 1}, {"bver": 5, "n": "b", "v": 1}], 1, "began with 10"),
        ([{"n": "a", "v": 1, "extra_": 0}], 0, "'extra_' must be understood and is not (RFC 8428, 4.4)"),
        ([{"bn": "a", "bx_": 0}, {"v": 1}], 0, "'bx_' must be understood"),
        ([{"n": "a", "v": 1}, {"n": "b", "v": 1, 7: 0}], 1, "must be understood"),
    ],
)
def test_what_the_rfc_forbids_is_refused_with_record_and_rule(pack, where, says):
    with pytest.raises(SenmlError) as refused:
        resolve(pack, now=NOW)
    assert refused.value.record == where
    assert says in refused.value.reason
    assert "RFC 8428" in refused.value.reason
    assert str(refused.value) == f"record {where}: {refused.value.reason}"


def test_a_hostile_value_is_shown_short():
    with pytest.raises(SenmlError) as refused:
        resolve([{"n": "x" * 100_000 + " ", "v": 1}], now=NOW)
    assert len(str(refused.value)) < 250


def test_base_fields_hold_until_given_anew():
    records = resolve(
        [
            {"bn": "a:", "bt": NOW, "bu": "V", "bv": 10, "bs": 100},
            {"n": "x", "v": 1},
            {"bn": "b:", "n": "y", "v": 2, "s": 3, "u": "A", "t": 1},
            {"bu": "Cel", "bv": 0, "n": "z", "v": 3},
        ],
        now=0.0,
    )
    assert [(r.record, r.name, r.time, r.value, r.unit, r.sum) for r in records] == [
        (1, "a:x", NOW, 11.0, "V", 100.0),
        (2, "b:y", NOW + 1, 12.0, "A", 103.0),
        (3, "b:z", NOW, 3.0, "Cel", 100.0),
    ]


def test_a_base_value_is_added_to_numbers_only():
    records = resolve([{"bv": 5, "n": "a", "vb": True}, {"n": "b", "vs": ""}, {"n": "c", "vd": ""}], now=NOW)
    assert [record.value for record in records] == [True, "", b""]


def test_a_sum_may_stand_without_a_value():
    record = one({"n": "energy", "s": 5})
    assert (record.value, record.sum) == (None, 5.0)


def test_numbers_become_doubles():
    assert type(one({"n": "a", "v": 12}).value) is float
    assert type(one({"n": "a", "t": 12, "v": 1}).time) is float


@pytest.mark.parametrize(
    ("given_time", "expected"),
    [(-5, NOW - 5), (0, NOW), (5.5, NOW + 5.5), (2**28 - 1, NOW + 2**28 - 1), (2**28, 2.0**28), (1e9, 1e9)],
)
def test_times_below_2_to_the_28_are_relative_to_now(given_time, expected):
    record = one({"n": "a", "t": given_time, "v": 1})
    assert (record.time, record.timed) == (expected, True)


def test_base_time_and_time_are_added_before_they_are_judged():
    assert one({"bt": 2**28 - 1, "n": "a", "t": 1, "v": 1}).time == 2**28
    assert one({"bt": 2**28, "n": "a", "t": -1, "v": 1}).time == NOW + 2**28 - 1


def test_a_record_without_any_time_is_now_and_says_that_none_was_given():
    record = one({"n": "a", "v": 1})
    assert (record.time, record.timed) == (NOW, False)
    assert one({"bt": 0, "n": "a", "v": 1}).timed


def test_one_moment_has_one_value_however_it_was_split():
    whole = one({"n": "a", "t": 1795420800.4, "v": 1}).time
    assert one({"bt": 1795420800.3, "n": "a", "t": 0.1, "v": 1}).time == whole


@given(
    st.integers(1_700_000_000_000_000, 2_000_000_000_000_000),
    st.integers(-10_000_000_000, 10_000_000_000),
)
def test_a_microsecond_apart_is_never_the_same_time(micros, offset):
    pack = [{"bt": micros / 1e6, "n": "a", "t": offset / 1e6, "v": 1}, {"n": "a", "t": (offset + 1) / 1e6, "v": 1}]
    first, second = resolve(pack, now=0.0)
    assert first.time < second.time
    assert first.time == pytest.approx((micros + offset) / 1e6, abs=1e-6)


def test_labels_nobody_knows_are_ignored():
    record = one({"bn": "a", "bfoo": 1}, {"v": 1, "foo": {"bar": []}})
    assert (record.name, record.value, dict(record.extensions)) == ("a", 1.0, {})


def test_labels_the_caller_knows_are_handed_on():
    record = one({"n": "a", "v": 1, "mono_": 3.5, "other": 1}, understood=frozenset({"mono_", "x_"}))
    assert dict(record.extensions) == {"mono_": 3.5}


def test_units_outside_the_registry_are_handed_on():
    assert one({"n": "a", "v": 1, "u": "furlong"}).unit == "furlong"


def test_the_version_that_adds_only_units_is_understood():
    assert one({"bver": 26, "n": "co", "u": "ppm", "v": 30}).unit == "ppm"
    assert one({"bver": 5, "n": "a", "v": 1}, {"bver": 5.0, "n": "b", "v": 1}).name == "b"


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
LABEL = st.sampled_from(
    ["n", "u", "v", "vb", "vs", "vd", "s", "t", "ut", "bn", "bt", "bu", "bv", "bs", "bver", "x_", "x"]
)


@given(st.lists(st.dictionaries(LABEL, JSON, max_size=6) | JSON, max_size=4))
def test_whatever_comes_is_resolved_or_refused(pack):
    try:
        records = resolve(pack, now=NOW)
    except SenmlError:
        return
    for record in records:
        assert record.name
        assert math.isfinite(record.time)
        assert not isinstance(record.value, float) or math.isfinite(record.value)
