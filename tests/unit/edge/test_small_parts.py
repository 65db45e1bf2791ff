"""Debounce, passages, exception reporting, clock trust, packs, dose: each on its own."""

import asyncio
import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.adapters.cancellation import heeding_cancellation
from edge.adapters.edge_times import EdgeTimes
from edge.application.packing import MAX_RECORDS, Distinct, ReadingTaken, packs_of
from edge.domain.analog import measured
from edge.domain.car_travel import CarTravel
from edge.domain.clock_trust import EARLIEST_BELIEVABLE, HOLDOVER_S, ClockTrust
from edge.domain.co_dose import CoDose, alarm_after_s
from edge.domain.confinement import Confinement
from edge.domain.debounce import Debounce
from edge.domain.exception_reporting import ExceptionReporting
from edge.domain.lift_codes import code_meaning, direction_name, mode_meaning
from schemas import senml
from schemas.batch import ClockState
from schemas.equipment import AnalogInput
from schemas.telemetry import MONO_LABEL

SYNC, UNSYNC = ClockState.SYNCHRONISED, ClockState.UNSYNCHRONISED


class TestDebounce:
    def test_the_first_level_counts_at_once(self):
        debounce = Debounce(0.05)
        assert debounce.observe(True, 0.0) is True
        assert debounce.due is None

    def test_a_level_counts_when_it_stood_still(self):
        debounce = Debounce(0.05)
        debounce.observe(False, 0.0)
        assert debounce.observe(True, 1.0) is None
        assert debounce.due == pytest.approx(1.05)
        assert debounce.tick(1.049) is None
        assert debounce.tick(1.05) is True
        assert debounce.tick(1.06) is None

    def test_a_level_read_again_does_not_begin_anew(self):
        debounce = Debounce(0.05)
        debounce.observe(False, 0.0)
        debounce.observe(True, 1.0)
        debounce.observe(True, 1.04)
        assert debounce.due == pytest.approx(1.05)

    def test_a_press_that_is_told_all_at_once_was_a_press(self):
        debounce = Debounce(0.05)
        debounce.observe(False, 0.0, 0.0)
        assert debounce.observe(True, 9.000, 5.0) is None
        assert debounce.observe(False, 9.001, 5.5) is True
        assert debounce.tick(9.051) is False

    def test_a_bounce_told_all_at_once_was_a_bounce(self):
        debounce = Debounce(0.05)
        debounce.observe(False, 0.0, 0.0)
        assert debounce.observe(True, 9.000, 5.0) is None
        assert debounce.observe(False, 9.001, 5.01) is None
        assert debounce.due is None

    def test_without_a_quiet_time_every_edge_counts(self):
        debounce = Debounce(0.0)
        debounce.observe(False, 0.0)
        assert debounce.observe(True, 1.0) is True
        assert debounce.observe(False, 1.0) is False

    @given(st.lists(st.tuples(st.booleans(), st.floats(0.0, 0.2)), min_size=1, max_size=60))
    def test_accepted_changes_are_at_least_the_quiet_time_apart(self, edges):
        debounce, mono, accepted = Debounce(0.05), 0.0, []
        debounce.observe(False, mono)
        for level, wait in edges:
            mono += wait
            if debounce.due is not None and debounce.due <= mono:
                at = debounce.due
                if debounce.tick(at) is not None:
                    accepted.append(at)
            if debounce.observe(level, mono) is not None:
                accepted.append(mono)
        assert all(later - earlier >= 0.05 - 1e-9 for earlier, later in itertools.pairwise(accepted))


class TestExceptionReporting:
    def test_silence_longer_than_allowed_is_told(self):
        report = ExceptionReporting(0.0, 60.0)
        assert report.silent_for(1000.0) is None, "never observed is not silent: it may not be wired"
        assert report.worth_reporting(True, 0.0)
        assert report.silent_for(60.0) is None
        assert report.silent_for(61.0) == 61.0

    def test_a_slow_drift_is_measured_from_what_was_reported(self):
        report = ExceptionReporting(5.0, math.inf)
        reported = [value for value in range(20) if report.worth_reporting(value, value)]
        assert reported == [0, 6, 12, 18]

    def test_a_number_that_becomes_text_is_another(self):
        report = ExceptionReporting(10.0, math.inf)
        assert report.worth_reporting(1.0, 0)
        assert report.worth_reporting("up", 1)
        assert report.worth_reporting(1.0, 2)


class TestClockTrust:
    def test_believed_while_synchronised_and_for_a_day_after(self):
        trust, wall = ClockTrust(), EARLIEST_BELIEVABLE + 1e8
        assert trust.judge(synchronised=False, wall=wall, mono=0.0) is UNSYNC
        assert trust.judge(synchronised=True, wall=wall, mono=0.0) is SYNC
        assert trust.judge(synchronised=False, wall=wall + 3600, mono=3600.0) is SYNC
        late = HOLDOVER_S + 1
        assert trust.judge(synchronised=False, wall=wall + late, mono=late) is UNSYNC

    def test_a_clock_set_by_hand_after_its_source_was_lost_is_not(self):
        trust, wall = ClockTrust(), EARLIEST_BELIEVABLE + 1e8
        trust.judge(synchronised=True, wall=wall, mono=0.0)
        assert trust.judge(synchronised=False, wall=wall + 3600, mono=10.0) is UNSYNC
        assert trust.judge(synchronised=False, wall=wall + 10, mono=10.0) is UNSYNC
        assert trust.judge(synchronised=True, wall=wall + 11, mono=11.0) is SYNC

    def test_1970_is_not_believed_whoever_says_so(self):
        assert ClockTrust().judge(synchronised=True, wall=12.0, mono=12.0) is UNSYNC


class TestPacks:
    @staticmethod
    def taken(count: int, *, timed: bool = True) -> list[ReadingTaken]:
        return [
            ReadingTaken(
                f"b1/lift-{number % 3}", "speed", number / 10, "m/s", 1.8e9 + number if timed else None, 50.0 + number
            )
            for number in range(count)
        ]

    @given(st.integers(1, 30), st.booleans())
    def test_a_pack_resolves_to_what_was_read(self, count, timed):
        taken = self.taken(count, timed=timed)
        (pack,) = packs_of(taken)
        resolved = senml.resolve(pack, now=0.0, understood=frozenset({MONO_LABEL}))
        expected = sorted(
            (f"{item.equipment}/speed", item.value, "m/s", item.t if timed else 0.0, item.mono) for item in taken
        )
        found = sorted((r.name, r.value, r.unit, r.time, r.extensions[MONO_LABEL]) for r in resolved)
        assert found == expected

    def test_packs_are_bounded_and_never_mix_known_and_unknown_time(self):
        packs = packs_of([*self.taken(MAX_RECORDS + 1), *self.taken(2, timed=False)])
        assert [len(pack) for pack in packs] == [MAX_RECORDS, 1, 2]
        assert ["bt" in pack[0] for pack in packs] == [True, True, False]

    def test_truth_numbers_and_text_have_labels_of_their_own(self):
        taken = [ReadingTaken("a/b", f"p{n}", value, None, None, 1.0) for n, value in enumerate((True, 1.5, "up"))]
        (pack,) = packs_of(taken)
        assert [next(key for key in record if key[0] == "v") for record in pack] == ["vb", "v", "vs"]

    @given(st.lists(st.floats(0, 0.01), min_size=2, max_size=50))
    def test_no_two_stamps_of_a_point_are_equal(self, steps):
        distinct, mono, stamps = Distinct(), 1000.0, []
        for step in steps:
            mono += step
            stamps.append(distinct.stamp("a", "b", mono, 1.8e9 + mono))
        assert len({at for at, _ in stamps}) == len(stamps)
        assert len({t for _, t in stamps}) == len(stamps)


class TestDose:
    @pytest.mark.parametrize(
        ("ppm", "low_min", "high_min"),
        [(30, 120, math.inf), (50, 60, 90), (100, 10, 40), (300, 0, 3), (29, math.inf, math.inf)],
    )
    def test_the_standards_points(self, ppm, low_min, high_min):
        assert low_min * 60 <= alarm_after_s(ppm) <= high_min * 60

    def test_more_is_never_slower(self):
        times = [alarm_after_s(ppm) for ppm in range(30, 1000)]
        assert times == sorted(times, reverse=True)

    def test_time_without_samples_is_not_invented(self):
        dose = CoDose()
        dose.observe(300, 0.0)
        assert dose.observe(300, 3600.0) == pytest.approx(0.5)

    def test_clean_air_forgets_half_in_an_hour(self):
        dose = CoDose(0.8)
        for second in range(0, 3601, 60):
            dose.observe(0.0, float(second))
        assert dose.dose == pytest.approx(0.4)


def test_ticks_that_wrap_or_come_out_of_order_keep_their_distances():
    times = EdgeTimes(lambda later, earlier: ((later - earlier) % 2**32) / 1e6)
    told = [2**32 - 1000, 1000, 500, 2_001_000]
    assert [round(times.at(tick), 6) for tick in told] == [0.0, 0.002, 0.0015, 2.002]


def test_volts_mean_what_the_configuration_says():
    wired = AnalogInput(channel=0, at_zero=-10.0, at_full=10.0, fault_below_v=0.3, fault_above_v=3.2)
    assert measured(wired, 1.65) == pytest.approx(0.0)
    assert measured(wired, 0.29) is None
    assert measured(wired, 3.21) is None


def test_a_car_is_taken_for_standing_when_no_sensor_moved_for_the_longest_way():
    travel = CarTravel(rated_speed_m_s=1.0)
    travel.observe("level_up", True, 0.0)
    assert travel.at_level is None
    travel.observe("level_down", True, 0.0)
    assert (travel.at_level, travel.moving) == (True, False)
    travel.observe("level_up", False, 10.0)
    assert travel.moving is True
    assert travel.due == pytest.approx(18.0)
    travel.tick(17.9)
    assert travel.moving is True
    travel.tick(18.0)
    assert travel.moving is False


def test_presence_is_counted_in_separate_pulses_only():
    confinement = Confinement()
    confinement.place(at_level=True, door_open=False, moving=False)
    for second in range(10):
        confinement.presence(present=True, mono=float(second))
    assert confinement.counts(10.0)[0].value == 1
    assert confinement.due == 90.0
    assert confinement.counts(90.0)[0].value == 0


def test_codes_have_names_and_strangers_are_said_to_be():
    assert code_meaning(5) == "unintended car movement"
    assert code_meaning(77) == "maker's own code"
    assert mode_meaning(2) == "inspection"
    assert mode_meaning(99) == "unknown"
    assert [direction_name(number) for number in (0, 1, 2, 9)] == ["none", "up", "down", "unknown"]


def test_a_task_told_to_end_in_the_turn_of_its_answer_ends():
    async def story() -> bool:
        answer = asyncio.get_running_loop().create_future()

        async def ask() -> None:
            while True:
                await heeding_cancellation(asyncio.wait_for(answer, 10))
                await asyncio.sleep(3600)

        asking = asyncio.create_task(ask())
        await asyncio.sleep(0)
        answer.set_result(None)
        asking.cancel()
        done, _ = await asyncio.wait([asking], timeout=1)
        return bool(done)

    assert asyncio.run(story())
