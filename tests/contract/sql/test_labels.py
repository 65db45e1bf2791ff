"""Labels are kept alike in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.domain.community.label import Label
from cloud.errors import Conflict
from tests.fakes.clocks import START

LIFT = Label("AAAA0001", "example", "b1/lift-1", START)


def keeps(units, *labels):
    with units.writing() as uow:
        for label in labels:
            uow.labels.add(label)
        uow.commit()


def test_those_that_hold_stand_by_equipment_and_none_is_forgotten(units):
    door = replace(LIFT, code="AAAA0002", equipment_id="b1/door")
    keeps(units, LIFT, door, replace(LIFT, code="AAAA0003", estate="twin"))
    with units.writing() as uow:
        uow.labels.retire(LIFT.code, START + timedelta(days=1))
        uow.labels.add(replace(LIFT, code="AAAA0004"))
        uow.commit()
    with units.reading() as uow:
        assert [one.code for one in uow.labels.of("example")] == ["AAAA0002", "AAAA0004"]
        assert uow.labels.find("AAAA0001") == replace(LIFT, replaced_at=START + timedelta(days=1))
        assert uow.labels.find("AAAA0009") is None


@pytest.mark.parametrize("other", [replace(LIFT, code="AAAA0002"), replace(LIFT, equipment_id="b1/door")])
def test_no_code_is_given_twice_and_a_piece_of_equipment_has_one_that_holds(units, other):
    keeps(units, LIFT)
    with pytest.raises(Conflict):
        keeps(units, other)
