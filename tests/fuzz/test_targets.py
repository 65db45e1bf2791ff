"""Every harness takes what is right and says why it refuses what is not: a short form of `make fuzz`, which needs no Atheris."""

from __future__ import annotations

import random
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.json_changes import changed
from tests.fuzz.names import NAMES

pytestmark = pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")

damage = st.lists(
    st.tuples(st.integers(0, 2**20), st.sampled_from(["set", "cut", "add"]), st.binary(min_size=1, max_size=3)),
    max_size=4,
)
NO_DECODERS = {"__main__", "names", "target", "json_changes", "test_targets"}


def target(name):
    return import_module(f"tests.fuzz.{name}").TARGET


def damaged(whole: bytes, where) -> bytes:
    found = bytearray(whole)
    for at, how, put in where:
        place = at % (len(found) + 1)
        end = {"set": place + len(put), "cut": len(found), "add": place}[how]
        found[place:end] = put
    return bytes(found)


def test_every_harness_has_its_name():
    assert {path.stem for path in Path(__file__).parent.glob("*.py")} - NO_DECODERS == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_right_is_taken(name):
    found = target(name)
    assert found.seeds
    assert [found.one(seed) for seed in found.seeds] == [True] * len(found.seeds)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_damaged_is_taken_or_refused(name):
    found = target(name)

    @settings(max_examples=25, deadline=None)
    @given(st.sampled_from(list(found.seeds)), damage)
    def ask(seed, where):
        found.one(damaged(seed, where))

    ask()


@pytest.mark.parametrize("name", [name for name in NAMES if target(name).structured])
def test_what_is_changed_as_json_is_taken_or_refused(name):
    found, chance, refused = target(name), random.Random(311), 0
    for _ in range(100):
        data = found.seeds[0]
        for _ in range(chance.randint(1, 4)):
            data = changed(data, chance) or data
        refused += not found.one(data)
    assert refused, "the changes change nothing"
