"""Consents are kept alike in memory, on SQLite and on PostgreSQL, and gone when they are taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from cloud.domain.duties.consent import Called, Consent
from tests.fakes.clocks import START

MINE = Consent(
    "k1", "example", "grandmother", "home", ("b1/flat-door/contact",), START, START, 8, time(7), time(21, 30),
    START + timedelta(days=2), (Called("Daughter", "13800000001"),),
)  # fmt: skip


def saved(units, *given):
    with units.writing() as uow:
        for one in given:
            uow.consents.save(one)
        uow.commit()


def test_one_of_each_person_in_each_estate_and_nothing_stays_of_what_was_taken_back(units):
    other = replace(MINE, key="k2", member_id="widower")
    saved(units, MINE, other, replace(MINE, key="k3", estate="twin"))
    with units.reading() as uow:
        assert list(uow.consents.of("example")) == [MINE, other]
        assert uow.consents.get("example", "grandmother") == MINE
        assert uow.consents.get("example", "nobody") is None
    changed = replace(MINE, hours=12, away_until=None)
    saved(units, changed)
    with units.writing() as uow:
        uow.consents.remove("example", "widower")
        uow.commit()
    with units.reading() as uow:
        assert list(uow.consents.of("example")) == [changed]
