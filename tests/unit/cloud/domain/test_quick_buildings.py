"""A building in one line of plain words, Chinese or English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.domain.community.place import PlaceKind
from cloud.domain.community.quick_building import QuickBuilding, read_buildings
from cloud.errors import Refused


def one(text: str) -> QuickBuilding:
    (building,) = read_buildings(text)
    return building


@pytest.mark.parametrize(
    "line",
    [
        "building 3, floors -1 to 18, lifts 2",
        "3号楼，-1到18层，2部电梯",
        "3栋、地下1层至18层、电梯2部",
        "Building 3; −1–18 floors; 2 lifts",
        "３号楼，－１～１８层，２部电梯",
    ],
)
def test_what_people_say_is_understood_in_both_languages(line):
    building = one(line)
    assert (building.key, building.names.zh, building.names.en) == ("b3", "3号楼", "Building 3")
    assert (building.lowest, building.highest, building.lifts) == (-1, 18, 2)


def test_in_china_no_floor_is_called_nought_and_in_britain_one_is():
    building = one("block A, floors -1 to 2, doors 1")
    assert building.floors("CN") == (-1, 1, 2)
    assert building.floors("GB") == (-1, 0, 1, 2)
    assert (building.entrance("CN"), building.entrance("GB")) == (1, 0)
    assert [place.names.en for place in building.places("s/e", "GB")] == [
        "Block A", "Basement 1", "Ground floor", "Floor 1", "Floor 2",
    ]  # fmt: skip


def test_floors_are_places_within_their_building():
    places = list(one("7, floors 2").places("street/estate-1", "CN"))
    assert [(place.id, place.kind) for place in places] == [
        ("street/estate-1/b7", PlaceKind.BUILDING),
        ("street/estate-1/b7/f1", PlaceKind.FLOOR),
        ("street/estate-1/b7/f2", PlaceKind.FLOOR),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "at least one building"),
        ("nursery, floors 2", "line 1: 'nursery' is no building"),
        ("3, floors 2\n4, wings 3", "line 2: 'wings 3' is not understood"),
        ("3, floors 9 to 1", "from the lowest to the highest"),
        ("3, floors 999", "1 to 200 floors"),
        ("3, lifts 31", "at most 30 lifts"),
        ("3, lifts 1, 2 lifts", "says again"),
        ("3\n3号楼", "line 2: this building stands above already"),
    ],
)
def test_what_is_not_understood_is_said_with_its_line(text, says):
    with pytest.raises(Refused, match=says) as told:
        read_buildings(text)
    assert told.value.zh


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(text):
    try:
        buildings = read_buildings(text)
    except Refused:
        return
    assert all(len(one.floors("CN")) <= 211 for one in buildings)


@given(st.integers(1, 9999), st.integers(-9, 0), st.integers(1, 200), st.integers(0, 30))
def test_a_line_says_exactly_what_it_says(number, lowest, highest, lifts):
    building = one(f"{number}号楼，{lowest}到{highest}层，电梯{lifts}部")
    assert building == one(f"building {number}, floors {lowest} to {highest}, lifts {lifts}")
    assert (building.lowest, building.highest, building.lifts) == (lowest, highest, lifts)
