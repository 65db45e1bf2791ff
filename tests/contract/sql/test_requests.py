"""Requests that came with a key, on every storage."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.application.once_ports import KeptRequest
from cloud.domain.incidents.report import Concern, Report
from cloud.errors import Conflict
from tests.fakes.clocks import START

FIRST = KeptRequest("a" * 64, "d" * 64, START)


def test_a_request_comes_back_as_it_was_kept(units):
    with units.writing() as uow:
        uow.kept.put(FIRST)
        uow.kept.acted(FIRST.name)
        uow.kept.acted("of nobody")
        uow.kept.answered(FIRST.name, "sealed")
        uow.commit()
    with units.writing() as uow:
        assert uow.kept.find(FIRST.name) == replace(FIRST, acted=True, answer="sealed")
        assert uow.kept.find("another") is None


def test_nobody_puts_it_twice(units):
    with units.writing() as uow:
        uow.kept.put(FIRST)
        uow.commit()
    with pytest.raises(Conflict), units.writing() as uow:
        uow.kept.put(FIRST)


def test_what_is_old_is_forgotten_and_what_is_dropped_is_gone(units):
    later = replace(FIRST, name="b" * 64, at=START + timedelta(hours=1))
    with units.writing() as uow:
        for one in (FIRST, later):
            uow.kept.put(one)
        uow.kept.forget(START)
        assert (uow.kept.find(FIRST.name), uow.kept.find(later.name)) == (None, later)
        uow.kept.drop(later.name)
        assert uow.kept.find(later.name) is None


def test_reports_are_found_by_estate_and_time_the_latest_first(units):
    def report(number, estate="example"):
        at = START + timedelta(minutes=number)
        return Report(f"r{number}{estate}", estate, Concern.SMOKE, "b1/x", "p", at, f"{number}{estate}")

    made = [report(number) for number in range(4)]
    with units.writing() as uow:
        for one in (*made, report(1, "elsewhere")):
            uow.reports.save(one)
        start, end = START + timedelta(minutes=1), START + timedelta(minutes=3)
        assert list(uow.reports.between("example", start, end, 9)) == [made[2], made[1]]
        assert list(uow.reports.between("example", start, end, 1)) == [made[2]]
