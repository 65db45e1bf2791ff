"""What webhooks were told is kept for a while after it was settled, in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cloud.application.forget_settled import ForgetSettled
from cloud.domain.records.webhook import Posting, Webhook
from tests.contract.sql.test_units_of_work import loaded
from tests.fakes.clocks import START, FakeClock
from tests.fakes.estate import ESTATE

__all__ = ["loaded"]

DAY = timedelta(days=1)


def posting(number: int, hook: str = "w1") -> Posting:
    return Posting(f"p{number}", hook, ESTATE, number, START, START)


@pytest.fixture
def kept(loaded):
    """Two that were taken, one given up, a day after each other; one that waits still; the only one that another took."""
    with loaded.writing() as uow:
        for hook in ("w1", "w2"):
            uow.webhooks.save(Webhook(hook, ESTATE, "https://hooks.example/", "whsec_c2VjcmV0", "manager", START))
        uow.webhooks.post(
            [posting(1).sent(START), posting(2).sent(START + DAY), posting(3).given_up("410", START + 2 * DAY)]
        )
        uow.webhooks.post([posting(4), posting(5, "w2").sent(START)])
        uow.commit()
    return loaded


def left(units):
    with units.reading() as uow:
        return [n for n in range(1, 6) if uow.webhooks.posting(f"p{n}")]


def test_what_was_taken_or_given_up_is_forgotten_when_its_time_is_over_and_what_waits_is_not(kept):
    clock = FakeClock()
    forget = ForgetSettled(kept, clock, 30 * DAY, lambda uow: uow.webhooks)
    assert forget() == 0
    clock.advance(seconds=(30 * DAY).total_seconds() + 1)
    assert (forget(), left(kept)) == (1, [2, 3, 4, 5])
    clock.advance(seconds=(300 * DAY).total_seconds())
    assert (forget(), left(kept)) == (1, [2, 4, 5]), "the last that each took says when that was"
    assert forget() == 0
    with kept.reading() as uow:
        assert uow.webhooks.tallies(["w1", "w2"])["w2"].taken_at == START


def test_without_a_figure_they_are_kept(kept):
    clock = FakeClock()
    clock.advance(seconds=(3000 * DAY).total_seconds())
    assert ForgetSettled(kept, clock, None, lambda uow: uow.webhooks)() == 0
    assert left(kept) == [1, 2, 3, 4, 5]


def test_what_was_given_up_and_is_sent_again_is_not_forgotten_meanwhile(kept):
    with kept.writing() as uow:
        uow.webhooks.post([uow.webhooks.posting("p3").again(START + 400 * DAY)])
        uow.commit()
    with kept.writing() as uow:
        uow.webhooks.forget(START + 500 * DAY, 99)
        uow.commit()
    assert 3 in left(kept)


def test_they_are_deleted_a_few_at_a_time(kept):
    with kept.writing() as uow:
        assert uow.webhooks.forget(START + 9 * DAY, 1) == 1
        uow.commit()
    assert len(left(kept)) == 4
