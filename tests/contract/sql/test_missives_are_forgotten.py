"""Messages that belong to no task are kept for a while after they were settled, in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cloud.application.forget_settled import ForgetSettled
from cloud.domain.community.names import Names
from cloud.domain.records.missive import Missive, Subject
from tests.fakes.clocks import START, FakeClock
from tests.fakes.estate import ESTATE

DAY = timedelta(days=1)


def announced(number: int) -> Missive:
    words = Names("演练", "an exercise")
    return Missive(f"m{number}", ESTATE, Subject.EXERCISE_PLANNED, "x1", words, START, START, "property", "guard")


@pytest.fixture
def kept(units):
    """One that was sent, one given up, one withdrawn, each a day after the other; one that waits still."""
    with units.writing() as uow:
        uow.missives.save(announced(1).sent(START))
        uow.missives.save(replace(announced(2), failed_at=START + DAY, next_at=None))
        uow.missives.save(announced(3).withdrawn(START + 2 * DAY))
        uow.missives.save(announced(4))
        uow.commit()
    return units


def left(units):
    with units.reading() as uow:
        return [one.id for one in uow.missives.about("x1")]


def test_what_is_settled_is_forgotten_when_its_time_is_over_and_what_waits_is_not(kept):
    clock = FakeClock()
    forget = ForgetSettled(kept, clock, 30 * DAY, lambda uow: uow.missives)
    assert forget() == 0
    clock.advance(seconds=(30 * DAY).total_seconds() + 1)
    assert (forget(), left(kept)) == (1, ["m2", "m3", "m4"])
    clock.advance(seconds=(300 * DAY).total_seconds())
    assert (forget(), left(kept)) == (2, ["m4"])
    assert forget() == 0


def test_without_a_figure_they_are_kept(kept):
    clock = FakeClock()
    clock.advance(seconds=(3000 * DAY).total_seconds())
    assert ForgetSettled(kept, clock, None, lambda uow: uow.missives)() == 0
    assert left(kept) == ["m1", "m2", "m3", "m4"]


def test_they_are_deleted_a_few_at_a_time(kept):
    with kept.writing() as uow:
        assert uow.missives.forget(START + 9 * DAY, 2) == 2
        assert [one.id for one in uow.missives.about("x1")] == ["m3", "m4"]
