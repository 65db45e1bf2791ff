"""Which storeys a building has, by the ids of its floors and by what its lifts say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.community.names import Names
from cloud.domain.community.place import Place, PlaceKind
from cloud.domain.community.storeys import HIGHEST, LOWEST, storey_number, storeys


def floor(name: str, kind: PlaceKind = PlaceKind.FLOOR) -> Place:
    return Place(f"street/estate/b3/{name}", kind, Names(f"{name}层", f"floor {name}"))


@pytest.mark.parametrize(
    ("name", "number"),
    [("f7", 7), ("7", 7), ("7f", 7), ("floor-12", 12), ("l3", 3), ("b1", -1), ("b2f", -2), ("lg-1", -1), ("f0", 0)],
)
def test_the_id_of_a_floor_says_its_number(name, number):
    assert storey_number(floor(name)) == number


@pytest.mark.parametrize("name", ["roof", "machine-room", "f-7-west", "f999"])
def test_an_id_that_says_no_number_of_a_building_has_none(name):
    assert storey_number(floor(name)) is None


def test_only_a_floor_is_a_storey():
    assert storey_number(floor("b3", PlaceKind.BUILDING)) is None
    assert storey_number(floor("1", PlaceKind.UNIT)) is None


def test_from_the_top_down_without_a_gap_and_without_a_storey_0():
    found = storeys([floor("f2"), floor("b1"), floor("f4"), floor("roof")])
    assert [one.number for one in found] == [None, 4, 3, 2, 1, -1]
    assert [one.names.en for one in found] == ["floor roof", "floor f4", "Floor 3", "floor f2", "Floor 1", "floor b1"]
    assert found[2].place_id is None


def test_a_floor_at_which_a_lift_was_seen_is_drawn_though_nobody_named_it():
    assert [one.number for one in storeys([floor("f1")], [3])] == [3, 2, 1]
    assert [one.names.zh for one in storeys([], [-2, -1])] == ["地下1层", "地下2层"]
    assert [one.number for one in storeys([floor("f1")], [0])] == [1, 0]


@given(st.lists(st.integers(-(10**9), 10**9), max_size=6))
def test_no_number_that_anybody_sends_draws_a_tower_without_end(seen):
    found = storeys([floor("f1")], seen)
    assert len(found) <= HIGHEST - LOWEST + 1
    numbers = [one.number for one in found]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == len(numbers)
