"""The tree of places, who serves where, and when."""

from datetime import UTC, datetime, time

import pytest

from cloud.domain.community.hours import ALWAYS, Hours
from cloud.domain.community.names import Names
from cloud.domain.community.party import Party, PartyKind, PartyRef
from cloud.domain.community.place import Place, PlaceKind, PlaceTree, ancestry, is_within
from cloud.errors import Invalid, NotFound
from tests.fakes.estate import HOME, places, register


def test_an_address_reads_large_to_small_in_chinese_and_small_to_large_in_english():
    tree = PlaceTree(places())
    assert tree.address(f"{HOME}/b1/f2") == Names("示例小区1号楼2层", "Floor 2, Building 1, Example estate")
    assert tree.address(f"{HOME}/b1/f2", PlaceKind.STREET).zh.startswith("示例街道示例社区")


def test_the_tree_knows_what_lies_in_what():
    tree = PlaceTree(places())
    assert tree.nearest(f"{HOME}/b1/f2", PlaceKind.BUILDING).id == f"{HOME}/b1"
    assert tree.nearest(HOME, PlaceKind.BUILDING) is None
    assert list(ancestry("a/b/c")) == ["a/b/c", "a/b", "a"]
    assert is_within("a/b", "a")
    assert not is_within("ab", "a")
    assert is_within("anything", "")


def test_a_place_that_is_missing_is_named():
    with pytest.raises(NotFound, match="moon"):
        PlaceTree(places()).get("moon")


@pytest.mark.parametrize(
    ("place", "remedy"),
    [
        (Place("Street", PlaceKind.STREET, Names("", "")), "lower-case"),
        (Place("street/x/y", PlaceKind.ESTATE, Names("", "")), "add the place 'street/x'"),
        (Place(f"{HOME}/b1/grid", PlaceKind.GRID, Names("", "")), "a grid cannot lie in a building"),
    ],
)
def test_a_tree_that_does_not_hold_together_says_where_and_what_to_do(place, remedy):
    with pytest.raises(Invalid, match=remedy):
        PlaceTree((*places(), place))


def test_the_party_whose_area_is_drawn_closest_is_meant():
    everywhere = Party("far", PartyKind.LIFT_MAINTAINER, Names("", ""), ("street",))
    near = Party("near", PartyKind.LIFT_MAINTAINER, Names("", ""), ("street", HOME))
    assert everywhere.closeness(f"{HOME}/b1") < near.closeness(f"{HOME}/b1")
    assert near.closeness("elsewhere") == -1


def test_a_duty_names_a_party_by_kind_by_id_or_by_number():
    party = Party("fire-119", PartyKind.EXTERNAL, Names("", ""), phone="119")
    assert PartyRef("kind", "external").matches(party)
    assert PartyRef("id", "fire-119").matches(party)
    assert PartyRef("phone", "119").matches(party)
    assert [str(PartyRef("kind", "police")), str(PartyRef("id", "x"))] == ["police", "party:x"]


MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "day", "hour", "covered"),
    [
        (ALWAYS, 23, 3, True),
        (Hours(frozenset({1}), time(8), time(18)), 23, 8, True),
        (Hours(frozenset({1}), time(8), time(18)), 23, 18, False),
        (Hours(frozenset({1}), time(8), time(18)), 24, 9, False),
        (Hours(frozenset({1}), time(22), time(6)), 23, 23, True),
        (Hours(frozenset({1}), time(22), time(6)), 24, 5, True),
        (Hours(frozenset({1}), time(22), time(6)), 23, 5, False),
        (Hours(frozenset({1}), time(22), time(6)), 24, 7, False),
    ],
)
def test_a_night_shift_belongs_to_the_day_it_began(hours, day, hour, covered):
    assert hours.cover(MONDAY.replace(day=day, hour=hour)) is covered


def test_only_hours_without_bounds_are_always():
    assert ALWAYS.always
    assert not Hours(frozenset({1})).always


def test_equipment_nobody_registered_stands_where_its_node_does():
    known = register()
    assert known.whereabouts("b1/smoke-1", "b1-node") == f"{HOME}/b1/f2"
    assert known.whereabouts("new", "b2-node") == f"{HOME}/b2"
    assert known.whereabouts("node/b2-node", None) == f"{HOME}/b2"
    assert known.whereabouts("new", "stray") == HOME
    assert known.names_of("new") == Names("new", "new")
    assert known.building_of(HOME) == HOME
    assert known.knows("node/b1-node")
    assert not known.knows("b1-node")
    assert known.party("gone").names.en == "gone"
    assert [member.id for member in known.members_of("property")] == ["manager", "guard", "neighbour"]


def test_a_name_is_read_in_the_readers_language():
    assert [Names("门", "Door").of("zh"), Names("门", "Door").of("en")] == ["门", "Door"]
