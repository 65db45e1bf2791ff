"""Saved views are kept alike in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cloud.domain.community.saved_view import SavedView
from cloud.errors import Conflict
from tests.fakes.clocks import START

NIGHTS = SavedView("1", "example", "guard", "Nights", "hazard=lift", START)


def keeps(units, *views):
    with units.writing() as uow:
        for view in views:
            uow.views.save(view)
        uow.commit()


def kept(units, estate="example", member="guard"):
    with units.reading() as uow:
        return list(uow.views.of(estate, member))


def test_each_members_stand_by_name_and_change_in_place(units):
    doors = replace(NIGHTS, id="2", name="Doors")
    keeps(units, NIGHTS, doors, replace(NIGHTS, id="3", member_id="manager"), replace(NIGHTS, id="4", estate="twin"))
    assert kept(units) == [doors, NIGHTS]
    changed = replace(NIGHTS, query="hazard=lift&mine=1")
    keeps(units, changed)
    assert kept(units) == [doors, changed]
    with units.writing() as uow:
        uow.views.remove("1")
        uow.commit()
    assert kept(units) == [doors]


def test_one_name_stands_for_one_view(units):
    keeps(units, NIGHTS)
    with pytest.raises(Conflict):
        keeps(units, replace(NIGHTS, id="2"))
    assert kept(units) == [NIGHTS]
