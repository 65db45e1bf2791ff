"""A lift car keeps to its limits, stops level, and carries people where they want to go."""

import itertools
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.lift import FaultCode, Lift, Passenger
from firmware_sim.lift_calls import Calls
from firmware_sim.lift_car import UNLOCKING_ZONE_M, Motion
from firmware_sim.motion import Limits, Trip

DT = 0.05
LEVELS = tuple(3.0 * index for index in range(10))

limits = st.builds(
    Limits,
    speed=st.floats(0.3, 6.0),
    acceleration=st.floats(0.3, 1.5),
    jerk=st.floats(0.4, 2.5),
)


@settings(deadline=None)
@given(start=st.floats(-20, 120), distance=st.floats(0.05, 120), down=st.booleans(), limits=limits)
def test_a_trip_never_exceeds_speed_acceleration_or_jerk_and_ends_at_rest_on_target(start, distance, down, limits):
    target = start - distance if down else start + distance
    trip = Trip.between(start, target, limits)
    steps = [trip.at(trip.duration * index / 400) for index in range(401)]
    assert all(abs(step.speed) <= limits.speed + 1e-9 for step in steps)
    assert all(abs(step.acceleration) <= limits.acceleration + 1e-9 for step in steps)
    interval = trip.duration / 400
    for before, after in itertools.pairwise(steps):
        assert abs(after.acceleration - before.acceleration) <= limits.jerk * interval + 1e-6
        assert abs(after.position - before.position) <= (limits.speed + 1e-9) * interval + 1e-9
        assert (after.position - before.position) * (-1 if down else 1) >= -1e-9
    assert steps[0].position == pytest.approx(start)
    assert trip.at(trip.duration + 1) == (target, 0.0, 0.0)
    assert steps[-1].position == pytest.approx(target, abs=1e-6)


@settings(deadline=None)
@given(distance=st.floats(1, 60), limits=limits, share=st.floats(0, 1))
def test_position_is_the_integral_of_speed(distance, limits, share):
    trip = Trip.between(0.0, distance, limits)
    until = trip.duration * share
    parts = 2000
    integral = sum(trip.at((index + 0.5) * until / parts).speed for index in range(parts)) * until / parts
    assert trip.at(until).position == pytest.approx(integral, abs=1e-3)


@settings(deadline=None)
@given(limits=limits, share=st.floats(0, 1), stop=st.floats(0.1, 39.9))
def test_a_trip_cut_short_is_continuous_or_refused(limits, share, stop):
    trip = Trip.between(0.0, 40.0, limits)
    t = trip.duration * share
    shorter = trip.stopping_at(stop, t)
    if shorter is None:
        return
    assert shorter.at(t).position == pytest.approx(trip.at(t).position, abs=1e-6)
    assert shorter.at(t).speed == pytest.approx(trip.at(t).speed, abs=1e-6)
    assert shorter.at(shorter.duration).position == pytest.approx(stop, abs=1e-6)


def test_the_time_of_a_long_trip_is_what_the_textbook_says():
    """v/a + a/j longer than at full speed all the way."""
    trip = Trip.between(0.0, 30.0, Limits(speed=1.75, acceleration=0.8, jerk=1.2))
    assert trip.duration == pytest.approx(30 / 1.75 + 1.75 / 0.8 + 0.8 / 1.2)


def a_lift(seed=1, speed=1.75):
    return Lift("b1/lift-1", LEVELS, Limits(speed=speed), random.Random(seed))


def run(lift, seconds, each=lambda: None, start=None):
    begin = lift.now if start is None else start
    for step in range(1, round(seconds / DT) + 1):
        lift.step(begin + step * DT, DT)
        each()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), rides=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_everyone_arrives_whatever_they_call_and_the_car_is_safe_all_the_way(seed, rides):
    lift = a_lift(seed)
    people = [Passenger(70.0) for _ in rides]
    for person, (origin, destination) in zip(people, rides, strict=True):
        if origin != destination:
            lift.stage.play(lift.ride(origin, destination, person))
    seen = set()

    def watch():
        car = lift.car
        seen.update(lift.aboard)
        assert abs(car.speed) <= 1.75 + 1e-9
        assert car.doors.closed or (car.at_level and car.speed == 0), "doors open only at a standstill at a landing"
        assert lift.registers()["speed"] == round(car.speed * 1000)
        if lift.presence and not lift.aboard:
            assert lift.now - last_aboard[0] < 5.0
        if lift.aboard:
            last_aboard[0] = lift.now

    last_aboard = [0.0]
    run(lift, 700, watch)
    assert lift.idle
    assert abs(lift.car.offset) < 1e-9
    assert seen == {person for person, (a, b) in zip(people, rides, strict=True) if a != b}
    assert lift.stage.playing == 0


def test_collective_control_picks_up_who_goes_the_same_way_and_then_turns():
    calls = Calls()
    calls.car.add(6)
    calls.press(3, 8)
    calls.press(5, 0)
    assert calls.next_stop(1, 1) == (3, 1)
    calls.answered(3, 1)
    assert calls.next_stop(3, 1) == (6, 1)
    calls.answered(6, 1)
    assert calls.next_stop(6, 1) == (5, -1)
    calls.answered(5, -1)
    assert not calls
    assert calls.next_stop(5, -1) is None


def test_a_call_on_the_way_stops_a_car_that_still_can():
    lift = a_lift()
    lift.calls.car.add(9)
    run(lift, 3.0)
    assert lift.car.motion is Motion.TRAVELLING
    lift.calls.press(6, 9)
    stops = []
    run(lift, 40, lambda: stops.append(lift.car.nearest) if lift.car.boardable else None)
    assert list(dict.fromkeys(stops)) == [6, 9]


def test_the_sensors_tell_level_from_above_and_below():
    lift = a_lift()
    for offset, expected in [(0.0, (True, True)), (0.3, (True, False)), (-0.3, (False, True)), (1.5, (False, False))]:
        lift.car.position = 9.0 + offset
        shown = lift.sensors()
        assert (shown.level_up, shown.level_down) == expected
    assert math.isclose(UNLOCKING_ZONE_M, 0.2)


def test_a_halted_car_stands_off_level_until_it_is_rescued():
    lift = a_lift()
    person = Passenger(80.0)
    lift.stage.play(lift.ride(0, 9, person))
    run(lift, 14)
    while lift.car.motion is not Motion.TRAVELLING or abs(lift.car.braked_offset) < 0.6:
        run(lift, DT)
    expected = lift.car.braked_offset
    lift.halt(FaultCode.STOPPED_OFF_LEVEL)
    run(lift, 30)
    assert lift.car.standing
    assert lift.car.offset == pytest.approx(expected, abs=0.05)
    assert lift.registers()["fault_code"] == 4
    assert lift.registers()["at_level"] == 0
    assert lift.aboard == [person]
    lift.stage.play(lift.rescue())
    run(lift, 60)
    assert lift.idle
    assert lift.registers()["fault_code"] == 0
    assert lift.registers()["load"] == 0
