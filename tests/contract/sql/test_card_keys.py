"""Card keys are kept by version, one in force; what was stored of the ones before is gone; commands are forgotten."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.domain.fleet.card_key import CardKey, Holder, Reason
from cloud.domain.fleet.order import Order
from cloud.errors import Conflict
from tests.fakes.clocks import START

FIRST = CardKey("a", 1, "aaaaaaaa", START, "sealed-1", "clock", Reason.FIRST)
SECOND = CardKey("a", 2, "bbbbbbbb", START + timedelta(days=1), "sealed-2", "member:x", Reason.BY_HAND)


def add(units, *keys):
    with units.writing() as uow:
        for key in keys:
            uow.card_keys.add(key)
        uow.commit()


def test_the_highest_version_is_in_force_and_nothing_is_kept_of_the_ones_before(units):
    add(units, FIRST, replace(FIRST, estate="b"))
    add(units, SECOND)
    with units.reading() as uow:
        assert uow.card_keys.current("a") == SECOND
        assert uow.card_keys.current("b") == replace(FIRST, estate="b")
        assert uow.card_keys.current("c") is None
        assert uow.card_keys.history("a") == [SECOND, replace(FIRST, kept="")]


@pytest.mark.parametrize("again", [replace(SECOND, version=1), replace(SECOND, id="aaaaaaaa")])
def test_there_are_never_two_keys_of_one_version_or_one_name(units, again):
    add(units, FIRST)
    with pytest.raises(Conflict):
        add(units, again)
    with units.reading() as uow:
        assert uow.card_keys.history("a") == [FIRST]


def test_a_rotation_that_is_not_committed_was_never_there(units):
    add(units, FIRST)
    with units.writing() as uow:
        uow.card_keys.add(SECOND)
    with units.reading() as uow:
        assert uow.card_keys.current("a") == FIRST


def test_holders_are_kept_and_changed_in_place(units):
    one = Holder("a", "n", "aaaaaaaa", "bbbbbbbb", "order", 3, START)
    with units.writing() as uow:
        uow.card_keys.save(Holder("a", "n", "aaaaaaaa", "aaaaaaaa"))
        uow.card_keys.save(one)
        uow.card_keys.save(Holder("b", "n", "cccccccc", "cccccccc"))
        uow.commit()
    with units.reading() as uow:
        assert uow.card_keys.holders("a") == [one]
        assert [holder.first for holder in uow.card_keys.holders("b")] == ["cccccccc"]


def test_commands_whose_time_was_over_before_are_forgotten_the_oldest_first(units):
    orders = [
        Order(f"order-{day}", "a", "n", "boot", "identify", "system", at, at + timedelta(minutes=1))
        for day in range(5)
        for at in (START + timedelta(days=day),)
    ]
    with units.writing() as uow:
        for order in orders:
            uow.orders.save(order)
        uow.commit()
    with units.writing() as uow:
        assert uow.orders.forget(START + timedelta(days=3), 2) == 2
        assert [one.id for one in uow.orders.of("a", "n")] == ["order-4", "order-3", "order-2"]
        assert uow.orders.forget(START + timedelta(days=3), 2) == 1
        assert uow.orders.forget(START + timedelta(days=3), 2) == 0
        uow.commit()
    with units.reading() as uow:
        assert [one.id for one in uow.orders.of("a", "n")] == ["order-4", "order-3"]
