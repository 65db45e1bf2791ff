"""Wall screens are kept alike in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from cloud.domain.accounts.screen import Screen
from cloud.domain.community.access import Origin
from tests.fakes.clocks import START

GATE = Screen("1", "a" * 64, "example", "property", "Gate house", "manager", START)


def test_they_are_kept_opened_heard_and_taken_back(units):
    later = START + timedelta(minutes=5)
    desk = replace(GATE, id="2", hash="b" * 64, label="Desk", created_at=later)
    elsewhere = replace(GATE, id="3", hash="c" * 64, estate="twin")
    with units.writing() as uow:
        for one in (GATE, desk, elsewhere):
            uow.screens.save(one)
        uow.commit()
    opened = GATE.opened("d" * 64, Origin("192.0.2.9", "wall browser"), later)
    with units.writing() as uow:
        assert list(uow.screens.of(["example"])) == [desk, GATE]
        assert list(uow.screens.of([])) == []
        assert uow.screens.find("a" * 64) == GATE
        uow.screens.save(opened)
        uow.screens.seen("1", later + timedelta(minutes=2))
        uow.screens.remove("2")
        uow.commit()
    with units.reading() as uow:
        assert uow.screens.find("a" * 64) is None
        assert uow.screens.find("d" * 64) == replace(opened, seen_at=later + timedelta(minutes=2))
        assert [one.id for one in uow.screens.of(["example", "twin"])] == ["3", "1"]
