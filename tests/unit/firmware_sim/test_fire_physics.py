"""Fires grow with the square of time, smoke arrives late and leaves, and detectors close and open their relays."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware_sim.fire import ALARM_OBSCURATION, Detector, Growth, Room

DT = 0.05


def burn(room, growth, seconds):
    """The room's history, one entry a second."""
    room.ignite(growth, 0.0)
    history = []
    for step in range(1, round(seconds / DT) + 1):
        room.step(step * DT, DT)
        if step % round(1 / DT) == 0:
            history.append((room.heat_kw, room.at_detector))
    return history


@pytest.mark.parametrize(("growth", "seconds"), [("slow", 600), ("medium", 300), ("fast", 150), ("ultra-fast", 75)])
def test_a_fire_reaches_1055_kw_in_the_time_that_names_it(growth, seconds):
    assert burn(Room(), Growth.named(growth), seconds)[-1][0] == pytest.approx(1055, rel=1e-6)


def test_heat_grows_with_the_square_of_time_and_smoke_with_the_cube_at_first():
    history = burn(Room(leakage=0.0, transport_s=0.0), Growth.FAST, 20)
    assert history[19][0] / history[9][0] == pytest.approx(4.0, rel=1e-6)
    # Soot is the integral of heat: eight times as much after twice the time, while the air is still clear.
    assert history[7][1].obscuration / history[3][1].obscuration == pytest.approx(8.0, rel=0.05)


@settings(deadline=None)
@given(
    growth=st.sampled_from(list(Growth)),
    volume=st.floats(40, 400),
    transport=st.floats(0, 20),
)
def test_smoke_only_rises_while_it_burns_and_arrives_after_its_way(growth, volume, transport):
    history = burn(Room(volume=volume, transport_s=transport), growth, 40)
    smoke = [air.obscuration for _, air in history]
    assert all(b >= a for a, b in itertools.pairwise(smoke))
    assert all(0 <= value <= 1 for value in smoke)
    assert all(value == 0 for value in smoke[: int(transport)])


def test_the_air_clears_once_the_fire_is_out():
    room = Room()
    burn(room, Growth.FAST, 40)
    peak = room.at_detector.obscuration
    assert peak > ALARM_OBSCURATION
    room.extinguish()
    for step in range(1, round(200 / DT)):
        room.step(40 + step * DT, DT)
    assert room.at_detector.obscuration < ALARM_OBSCURATION / 2
    assert room.at_detector.temperature == pytest.approx(22.0)


def test_the_relay_closes_at_its_threshold_and_opens_at_half_of_it():
    detector = Detector("d", Room(), random.Random(1), threshold=0.05)
    closed = []
    for step, dust in enumerate([0.0, 0.049, 0.05, 0.03, 0.026, 0.024, 0.04]):
        detector.dust = dust
        detector.step(step * DT, DT)
        closed.append(detector.alarm)
    assert closed == [False, False, True, True, True, False, False]


def test_cooking_stays_below_the_pre_alarm_and_goes_away():
    room = Room()
    room.cook(0.02)
    for step in range(1, round(120 / DT)):
        room.step(step * DT, DT)
    assert 0.015 < room.at_detector.obscuration < ALARM_OBSCURATION * 2 / 3
    room.cook(0.0)
    for step in range(1, round(120 / DT)):
        room.step(120 + step * DT, DT)
    assert room.at_detector.obscuration < 0.001


def test_a_leaking_flue_fills_the_room_with_co_and_no_smoke():
    room = Room()
    room.leak_co(400 / 60, 400)
    for step in range(1, round(90 / DT)):
        room.step(step * DT, DT)
    assert room.at_detector.co == pytest.approx(400, rel=0.02)
    assert room.at_detector.obscuration == 0
