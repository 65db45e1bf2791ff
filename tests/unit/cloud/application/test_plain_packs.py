"""The short way gives what the long way gives, or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.application.intake.plain_packs import NotPlain, PlainPacks
from cloud.application.intake.reading_time import AHEAD_US, samples
from edge.application.packing import ReadingTaken, packs_of
from schemas.batch import seal
from schemas.senml import SenmlError
from schemas.telemetry import TelemetryBatch, readings

ARRIVED = 1_795_420_900_000_000
OFFSET = ARRIVED - 95_000_000
BOOT = "0197a600-0000-7000-8000-0000000000b0"
ENVELOPE = {"outbox": BOOT, "boot": BOOT, "seq": 1, "sealed_mono": 90.0, "sent_mono": 95.0, "sent_boot": BOOT}

micros = st.integers(0, 10**8).map(lambda us: us / 1e6)
odd = st.sampled_from([None, True, "x", 1, 1.0, -3.5, 1e300, 2**60, [1], {"a": 1}])
record = st.fixed_dictionaries(
    {},
    optional={
        "bn": st.sampled_from(["b1/lift-2/", "", "b a d", 3]),
        "n": st.sampled_from(["speed", "floor", "", "b a d", 5]),
        "u": st.sampled_from(["m/s", 1]),
        "v": st.floats(allow_nan=False) | st.integers(-(2**60), 2**60) | odd,
        "vb": st.booleans() | odd,
        "vs": st.text(max_size=3) | odd,
        "t": micros | odd,
        "mono_": micros | odd,
        "x_": st.just(1),
        "s": st.just(1.0),
    },
)
plain = st.fixed_dictionaries(
    {"n": st.sampled_from(["speed", "floor", "door-open"]), "t": micros, "mono_": micros},
    optional={"u": st.just("m/s")},
).flatmap(
    lambda r: st.one_of(
        st.floats(-1e9, 1e9).map(lambda v: r | {"v": v}),
        st.integers(-1000, 1000).map(lambda v: r | {"v": v}),
        st.booleans().map(lambda v: r | {"vb": v}),
        st.text(max_size=3).map(lambda v: r | {"vs": v}),
    )
)
bases = st.fixed_dictionaries(
    {},
    optional={
        "bn": st.sampled_from(["b1/lift-1/", "", 3]),
        "bt": micros.map(lambda t: 1_795_420_800.0 + t) | st.just(1_795_420_800) | odd,
        "bu": st.sampled_from(["m/s", 7]),
        "bv": st.just(2.0),
        "bver": st.just(10),
    },
)


def long_way(pack, clock):
    batch = TelemetryBatch(**ENVELOPE, clock=clock, pack=pack)
    return samples(readings(batch, ARRIVED / 1e6), ARRIVED, believed=clock == "synchronised", offset=OFFSET)


def short_way(pack, clock, packs=None):
    offset = None if clock == "synchronised" else OFFSET
    return (packs or PlainPacks()).samples(pack, offset=offset, horizon=ARRIVED + AHEAD_US)


clocks = st.sampled_from(["synchronised", "unsynchronised"])
PACKS = PlainPacks()
"""One for all examples, so that what it remembers of one pack is tried on the next."""


@given(clocks, bases, st.lists(plain | record, min_size=1, max_size=5))
def test_the_short_way_never_says_anything_else_than_the_long_way(clock, base, records):
    pack = [base | records[0], *records[1:]]
    try:
        short = short_way(pack, clock, PACKS)
    except NotPlain:
        return
    assert short == long_way(pack, clock)


taken = st.builds(
    ReadingTaken,
    equipment=st.sampled_from(["b1/lift-1", "b1/lift-2", "b1/smoke-1"]),
    point=st.sampled_from(["speed", "floor", "door-open"]),
    value=st.floats(-1e9, 1e9) | st.integers(-1000, 1000) | st.booleans() | st.text(max_size=3),
    unit=st.sampled_from([None, "m/s"]),
    t=st.none() | st.integers(0, 90_000).map(lambda ms: 1_795_420_800 + ms / 1000),
    mono=st.integers(0, 90_000).map(lambda ms: ms / 1000),
)


@given(st.lists(taken, min_size=1, max_size=12))
def test_packs_as_nodes_write_them_take_the_short_way(found):
    for written in packs_of(found):
        clock = "synchronised" if "bt" in written[0] else "unsynchronised"
        sealed = seal(TelemetryBatch(**ENVELOPE, clock=clock, pack=written))
        pack = TelemetryBatch.model_validate_json(sealed).pack
        assert short_way(pack, clock) == long_way(pack, clock)


def test_what_the_rfc_forbids_takes_the_long_way_which_says_why():
    pack = [{"bn": "b1/", "bt": 1_795_420_800.0, "n": "a", "v": 1.0}, {"n": "b", "v": 1.0, "vb": True}]
    with pytest.raises(NotPlain):
        short_way(pack, "synchronised")
    with pytest.raises(SenmlError, match="one value"):
        long_way(pack, "synchronised")
