"""The machine's clock may be set; what is told never runs backward (docs/adr/0014)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.adapters.accounts.one_time_codes import TimeCodes
from tests.fakes.clocks import START, MachineThatIsSet


@pytest.fixture
def machine():
    return MachineThatIsSet()


@pytest.fixture
def clock(machine):
    return machine.boots()


def test_time_goes_on_as_the_machine_says(machine, clock):
    machine.passes(hours=3)
    assert clock.now() == clock.outside.now() == START + timedelta(hours=3)
    assert (clock.take_steps(), clock.ahead(), clock.doubted_until()) == ([], timedelta(0), None)


def test_set_back_it_goes_on_from_where_it_was_nine_seconds_in_ten(machine, clock):
    machine.is_set(hours=-1)
    assert clock.now() == START
    machine.passes(minutes=10)
    assert clock.now() == START + timedelta(minutes=9)
    assert clock.ahead() == timedelta(minutes=59)
    assert [(step.by, step.at) for step in clock.take_steps()] == [(timedelta(hours=-1), START)]
    assert clock.take_steps() == [], "each is taken once"


def test_the_machine_catches_up_and_both_agree(machine, clock):
    machine.is_set(hours=-1)
    machine.passes(hours=10)
    assert clock.ahead() == timedelta(0)
    machine.passes(hours=1)
    assert clock.now() == START + timedelta(hours=10)


def test_set_forward_it_is_followed_at_once_and_doubted_for_an_hour(machine, clock):
    """systemd-timesyncd's first step after a boot without a clock is such a one."""
    machine.is_set(days=3)
    assert clock.now() == START + timedelta(days=3)
    assert clock.doubted_until() == START + timedelta(days=3, hours=1)
    assert [step.by for step in clock.take_steps()] == [timedelta(days=3)]


def test_set_forward_by_mistake_and_put_right_it_is_doubted_until_the_machine_has_caught_up(machine, clock):
    machine.is_set(hours=2)
    clock.now()
    machine.is_set(hours=-2)
    machine.passes(hours=19)
    assert clock.doubted_until() > clock.now()
    machine.passes(hours=3)
    assert clock.ahead() == timedelta(0)
    assert clock.doubted_until() < clock.now()


def test_what_a_time_daemon_does_every_day_is_no_step(machine, clock):
    for _ in range(100):
        machine.is_set(seconds=-1)
        machine.passes(minutes=1)
        clock.now()
    assert clock.take_steps() == []
    assert clock.ahead() < timedelta(seconds=1)


def test_a_process_that_was_held_up_between_the_two_clocks_reads_them_again(machine, clock):
    class HeldUp(MachineThatIsSet):
        def __init__(self) -> None:
            super().__init__()
            self.stops = 0

        def wall_ns(self) -> int:
            told = super().wall_ns()
            if self.stops:
                self.stops -= 1
                self.passes(minutes=1)
            return told

    machine = HeldUp()
    clock = machine.boots()
    machine.stops = 1
    assert clock.now() == START + timedelta(minutes=1)
    assert (clock.take_steps(), clock.ahead()) == ([], timedelta(0))


def test_a_process_goes_on_from_the_last_moment_on_record(machine):
    """The machine was an hour ahead when that was written, and has been put right while nobody ran."""
    clock = machine.boots()
    clock.goes_on_from(START + timedelta(hours=1))
    assert clock.now() == START + timedelta(hours=1)
    machine.passes(minutes=10)
    assert clock.now() == START + timedelta(hours=1, minutes=9)
    assert [(step.by, step.believed) for step in clock.take_steps()] == [(timedelta(hours=-1), False)]


def test_a_moment_on_record_that_lies_days_ahead_was_the_wrong_one(machine):
    clock = machine.boots()
    clock.goes_on_from(START + timedelta(days=400))
    assert clock.now() == START
    assert [step.believed for step in clock.take_steps()] == [True]
    assert clock.doubted_until() == START + timedelta(hours=1)


@pytest.mark.parametrize(("pause", "doubted"), [({"minutes": 5}, False), ({"hours": 2}, True)])
def test_a_start_long_after_the_last_moment_is_doubted_like_a_step_forward(machine, pause, doubted):
    clock = machine.boots()
    clock.goes_on_from(START - timedelta(**pause))
    assert (clock.now(), clock.take_steps()) == (START, [])
    assert (clock.doubted_until() is not None) is doubted


CHANGES = st.lists(st.tuples(st.sampled_from(["passes", "is_set"]), st.integers(-400_000, 400_000)), max_size=30)


@given(CHANGES)
def test_whatever_is_done_to_the_machine_told_time_never_runs_backward_nor_stands_still(changes):
    machine = MachineThatIsSet()
    clock = machine.boots()
    before = clock.now()
    for what, seconds in changes:
        span = abs(seconds) if what == "passes" else seconds
        getattr(machine, what)(seconds=span)
        now = clock.now()
        least = timedelta(seconds=span) * 0.9 if what == "passes" else timedelta(0)
        assert now - before >= least - timedelta(microseconds=1)
        assert now >= clock.outside.now()
        before = now


def test_codes_of_a_phone_are_right_by_its_clock_not_by_ours(machine, clock):
    codes = TimeCodes(clock.ahead)
    secret = codes.new_secret()
    machine.is_set(hours=-1)
    import pyotp

    shown = pyotp.TOTP(secret).at(clock.outside.now())
    assert codes.step_of(secret, shown, clock.now()) is not None
    assert TimeCodes().step_of(secret, shown, clock.now()) is None
