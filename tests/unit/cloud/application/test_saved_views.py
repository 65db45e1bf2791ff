"""Members keep filters of the board under names of their own: nobody else's, a few, and nothing that is no name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.estates.saved_views import SavedViews
from cloud.application.estates.sign_in import Identity
from cloud.domain.community.access import Purpose
from cloud.domain.community.saved_view import MAX_VIEWS
from cloud.entrypoints.web.filters import Filter
from cloud.errors import Conflict, Invalid, NotFound
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state


@pytest.fixture
def scene(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Scene(SqlUnitsOfWork(engine))
    engine.dispose()


@pytest.fixture
def views(scene):
    return SavedViews(scene.units, scene.clock, scene.ids)


def who(scene, member, *estates):
    with scene.units.reading() as uow:
        found = uow.registers.find(ESTATE).members[member]
    return Identity(found, Purpose.SESSION, frozenset(), estates or (ESTATE,))


def test_what_is_saved_again_under_a_name_takes_its_place(scene, views):
    guard = who(scene, "guard")
    first = views.save(ESTATE, "  Nights \n at the gate ", "hazard=access", guard)
    again = views.save(ESTATE, "Nights at the gate", "hazard=access&mine=1", guard)
    assert (first.id, again.query) == (again.id, "hazard=access&mine=1")
    assert views.of(ESTATE, guard) == [again]


def test_a_view_is_its_members_alone(scene, views):
    guard, manager = who(scene, "guard"), who(scene, "manager")
    view = views.save(ESTATE, "Nights", "hazard=lift", guard)
    assert views.of(ESTATE, manager) == []
    with pytest.raises(NotFound):
        views.remove(ESTATE, view.id, manager)
    with pytest.raises(NotFound):
        views.of(ESTATE, who(scene, "guard", "another"))
    views.remove(ESTATE, view.id, guard)
    assert views.of(ESTATE, guard) == []


def test_there_is_room_for_as_many_as_can_be_told_apart(scene, views):
    guard = who(scene, "guard")
    for n in range(MAX_VIEWS):
        views.save(ESTATE, f"view {n}", "mine=1", guard)
    with pytest.raises(Conflict, match="Remove one"):
        views.save(ESTATE, "one more", "mine=1", guard)
    views.save(ESTATE, "view 3", "hazard=lift", guard)


@pytest.mark.parametrize(("name", "query"), [("", "mine=1"), (" \t", "mine=1"), ("x" * 61, "mine=1"), ("\x07", "mine=1"), ("all", "")])  # fmt: skip
def test_what_is_no_name_or_no_filter_is_refused(scene, views, name, query):
    with pytest.raises(Invalid):
        views.save(ESTATE, name, query, who(scene, "guard"))


KEYS = st.none() | st.text(min_size=1, max_size=20)


@given(st.builds(Filter, KEYS, KEYS, KEYS, KEYS, KEYS, st.booleans()), st.sampled_from([None, "example"]))
def test_a_saved_filter_comes_back_as_it_was(wanted, estate):
    back = Filter.saved(wanted.query, estate)
    assert (back.kept, back.estate, back.flood) == (wanted.kept, estate, None)
    assert back.narrows == bool(wanted.query)
