"""Every hazard of a lift, from registers and sensors through interpreter and default rules to the alarm."""

import pytest

from schemas.events import EquipmentReported
from tests.fakes.edge_bench import RUNNING, STANDING, Bench
from tests.unit.edge.equipment import BOX, LIFT, boxed_lift, lift


def bench(item=None) -> Bench:
    node = Bench(item or lift()).rest(level_up=True, level_down=True).power_on()
    if node.interpreters[LIFT]._lift.controller is not None:
        node.says(LIFT, STANDING)
    return node


def hazards(node: Bench) -> list[str]:
    return [hazard for hazard, _ in node.raised]


def ride(node: Bench, floors: int = 3) -> None:
    """Doors open and close, the car runs up, arrives, opens, and comes back empty."""
    for state, seconds in ((1, 2), (2, 4), (3, 3)):
        node.keeps_saying(LIFT, STANDING | {"door_state": state, "presence": 1}, seconds)
    node.keeps_saying(LIFT, STANDING | {"presence": 1}, 1)
    for floor in range(floors):
        node.keeps_saying(LIFT, RUNNING | {"floor": 3 + floor, "presence": floor % 2, "load": 75}, 3)
    node.keeps_saying(LIFT, STANDING | {"floor": 3 + floors, "door_state": 1}, 2)
    node.keeps_saying(LIFT, STANDING | {"floor": 3 + floors}, 5)
    node.keeps_saying(LIFT, RUNNING | {"floor": 3 + floors, "speed": -1500}, 3.0 * floors)
    node.keeps_saying(LIFT, STANDING, 5)


def test_ordinary_rides_raise_nothing():
    with bench() as node:
        for _ in range(5):
            ride(node)
        assert node.raised == []


def test_an_alarm_button_held_for_three_seconds_is_an_entrapment():
    with bench() as node:
        began = node.clock.mono()
        node.keeps_saying(LIFT, STANDING | {"alarm_button": 1}, 5)
        assert node.raised == [("lift.entrapment", began + 3.0)]
        node.keeps_saying(LIFT, STANDING, 10)
        assert node.standing == ["lift.entrapment"], "a finger that lets go frees nobody"
        node.keeps_saying(LIFT, STANDING | {"door_state": 2}, 1)
        assert node.standing == []


def test_an_alarm_button_pressed_by_mistake_is_none():
    with bench() as node:
        node.keeps_saying(LIFT, STANDING | {"alarm_button": 1}, 2)
        node.keeps_saying(LIFT, STANDING, 20)
        assert node.raised == []


def moves_behind_the_door(node: Bench, pulses: int, registers, apart: float) -> None:
    for _ in range(pulses):
        node.keeps_saying(LIFT, registers | {"presence": 1}, 1)
        node.keeps_saying(LIFT, registers | {"presence": 0}, apart - 1)


def test_somebody_who_moves_behind_a_closed_door_is_trapped_at_the_fourth_pulse():
    with bench() as node:
        moves_behind_the_door(node, 3, STANDING, 10)
        assert node.raised == []
        moves_behind_the_door(node, 1, STANDING, 10)
        assert hazards(node) == ["lift.entrapment"]


def test_pulses_more_than_ninety_seconds_apart_are_no_entrapment():
    with bench() as node:
        moves_behind_the_door(node, 8, STANDING, 35)
        assert node.raised == []


def test_an_opening_door_forgives_the_pulses_before_it():
    with bench() as node:
        moves_behind_the_door(node, 3, STANDING, 5)
        node.keeps_saying(LIFT, STANDING | {"door_state": 2}, 2)
        moves_behind_the_door(node, 3, STANDING, 5)
        assert node.raised == []


def test_two_pulses_within_fifteen_seconds_off_level_are_an_entrapment():
    stuck = STANDING | {"at_level": 0}
    with bench() as node:
        node.says(LIFT, stuck)
        moves_behind_the_door(node, 1, stuck, 4)
        assert node.raised == []
        moves_behind_the_door(node, 1, stuck, 4)
        assert hazards(node) == ["lift.entrapment"]


def test_a_car_stopped_off_level_for_forty_five_seconds():
    with bench() as node:
        node.keeps_saying(LIFT, RUNNING, 4)
        began = node.clock.mono()
        node.keeps_saying(LIFT, STANDING | {"at_level": 0}, 50)
        assert node.raised == [("lift.stopped-off-level", began + 45.0)]
        node.keeps_saying(LIFT, STANDING, 3)
        assert node.standing == []


def test_a_car_that_leaves_its_floor_with_the_door_open():
    with bench() as node:
        node.keeps_saying(LIFT, STANDING | {"door_state": 2}, 5)
        node.says(LIFT, STANDING | {"door_state": 2, "speed": 200, "at_level": 0})
        node.wait(0.4)
        assert hazards(node) == ["lift.unintended-movement"]


def test_a_door_that_closed_and_a_car_that_left_between_two_reads_is_an_ordinary_start():
    with bench() as node:
        node.says(LIFT, STANDING | {"door_state": 3})
        node.wait(1)
        node.says(LIFT, RUNNING)
        assert node.raised == []


@pytest.mark.parametrize("speed", [1800, -1800])
def test_overspeed_either_way_for_half_a_second(speed):
    with bench() as node:
        node.keeps_saying(LIFT, RUNNING | {"speed": 1700}, 3)
        assert node.raised == []
        began = node.clock.mono()
        node.keeps_saying(LIFT, RUNNING | {"speed": speed}, 1, period=0.1)
        assert node.raised == [("lift.overspeed", began + 0.5)]


def test_a_door_open_for_more_than_a_minute():
    with bench() as node:
        node.keeps_saying(LIFT, STANDING | {"door_state": 2}, 59)
        assert node.raised == []
        node.keeps_saying(LIFT, STANDING | {"door_state": 2}, 2)
        assert hazards(node) == ["lift.door-fault"]


def test_a_door_that_reverses_more_than_five_times():
    with bench() as node:
        node.says(LIFT, STANDING | {"door_state": 1, "door_reversals": 5})
        assert node.raised == []
        node.says(LIFT, STANDING | {"door_state": 1, "door_reversals": 6})
        assert hazards(node) == ["lift.door-fault"]


@pytest.mark.parametrize(
    ("code", "hazard"),
    [(2, "lift.door-fault"), (3, "lift.door-fault"), (5, "lift.unintended-movement"), (6, "lift.run-timeout")],
)
def test_codes_of_the_controller_raise_what_they_say(code, hazard):
    with bench() as node:
        node.says(LIFT, STANDING | {"fault_code": code})
        assert hazards(node) == [hazard]
        (reported,) = [event for event in node.events if isinstance(event, EquipmentReported)]
        assert (reported.kind, reported.code) == ("equipment.code", code)


def test_a_car_that_runs_for_more_than_a_minute():
    with bench() as node:
        node.keeps_saying(LIFT, RUNNING, 61)
        assert hazards(node) == ["lift.run-timeout"]


@pytest.mark.parametrize("gone", [{"service_mode": 0}, {"main_power": 0}])
def test_out_of_service_for_five_minutes(gone):
    with bench() as node:
        node.keeps_saying(LIFT, STANDING | gone, 299, period=1)
        assert node.raised == []
        node.keeps_saying(LIFT, STANDING | gone, 2, period=1)
        assert hazards(node) == ["lift.out-of-service"]


def test_a_change_of_service_mode_is_reported_once():
    with bench() as node:
        node.keeps_saying(LIFT, STANDING | {"service_mode": 2}, 3)
        modes = [(event.code, event.meaning) for event in node.events if isinstance(event, EquipmentReported)]
        assert modes == [(2, "inspection")]


def test_inspection_holds_back_what_is_not_life_safety_and_nothing_else():
    with bench() as node:
        inspected = STANDING | {"service_mode": 2, "at_level": 0}
        node.keeps_saying(LIFT, inspected | {"door_state": 2}, 70)
        assert node.raised == []
        node.keeps_saying(LIFT, inspected | {"alarm_button": 1}, 4)
        assert hazards(node) == ["lift.entrapment"]


def test_a_controller_that_falls_silent_invents_nothing():
    with bench() as node:
        node.keeps_saying(LIFT, STANDING | {"at_level": 0}, 30)
        for _ in range(60):
            node.wait(2)
            node.falls_silent(LIFT)
        assert node.raised == [], "half a delay seen and half of it assumed is not an alarm"
        node.keeps_saying(LIFT, STANDING | {"at_level": 0}, 46)
        assert hazards(node) == ["lift.stopped-off-level"]


def test_one_lost_answer_breaks_no_delay():
    with bench() as node:
        node.keeps_saying(LIFT, STANDING | {"at_level": 0}, 30)
        node.falls_silent(LIFT)
        node.wait(1)
        node.keeps_saying(LIFT, STANDING | {"at_level": 0}, 15)
        assert hazards(node) == ["lift.stopped-off-level"]


def test_a_lost_controller_leaves_what_the_box_knows():
    with bench(lift(sensors=BOX)) as node:
        node.says(LIFT, STANDING | {"presence": 1})
        for _ in range(4):
            node.wait(2)
            node.falls_silent(LIFT)
        node.set(LIFT, "presence")
        node.wait(1)
        assert node.values(f"{LIFT}/presence")[-1] is True
        assert node.values(f"{LIFT}/confined-pulses")[-1] >= 1


def test_negative_floors_and_speeds_are_read_as_such():
    with bench() as node:
        node.says(LIFT, RUNNING | {"floor": -2, "speed": -1234, "direction": 2})
        assert node.values(f"{LIFT}/floor")[-1] == -2
        assert node.values(f"{LIFT}/speed")[-1] == -1.234
        assert node.values(f"{LIFT}/direction")[-1] == "down"


class TestRetrofitBox:
    def leaves_level(self, node: Bench) -> None:
        node.set(LIFT, "level_up", False)
        node.wait(0.3)
        node.set(LIFT, "level_down", False)
        node.wait(0.1)

    def reaches_level(self, node: Bench) -> None:
        node.set(LIFT, "level_up")
        node.wait(0.2)
        node.set(LIFT, "level_down")
        node.wait(0.1)

    def test_rides_raise_nothing(self):
        with bench(boxed_lift()) as node:
            for _ in range(4):
                node.set(LIFT, "door_open")
                node.wait(5)
                node.set(LIFT, "door_open", False)
                node.wait(1)
                for _ in range(3):
                    self.leaves_level(node)
                    node.wait(2)
                    self.reaches_level(node)
                    node.wait(0.2)
                node.wait(2)
            assert node.raised == []
            assert node.values(f"{LIFT}/moving") == [False] + [True, False] * 4

    def test_a_car_stuck_between_floors(self):
        with bench(boxed_lift()) as node:
            self.leaves_level(node)
            node.wait(70)
            assert hazards(node) == ["lift.stopped-off-level"]
            self.reaches_level(node)
            node.wait(5)
            assert node.standing == []

    def test_somebody_in_it(self):
        with bench(boxed_lift()) as node:
            self.leaves_level(node)
            node.wait(10)
            node.press(LIFT, "presence", 2)
            node.wait(2)
            node.press(LIFT, "presence", 2)
            assert hazards(node) == ["lift.entrapment"]
            self.reaches_level(node)
            node.set(LIFT, "door_open")
            node.wait(1)
            assert node.standing == []

    def test_its_button(self):
        with bench(boxed_lift()) as node:
            node.set(LIFT, "alarm_button")
            node.wait(4)
            assert hazards(node) == ["lift.entrapment"]

    def test_leaving_with_the_door_open(self):
        with bench(boxed_lift()) as node:
            node.set(LIFT, "door_open")
            node.wait(5)
            node.set(LIFT, "level_up", False)
            node.wait(0.4)
            assert hazards(node) == ["lift.unintended-movement"]

    def test_a_door_that_stays_open(self):
        with bench(boxed_lift()) as node:
            node.set(LIFT, "door_open")
            node.wait(61)
            assert hazards(node) == ["lift.door-fault"]
            node.set(LIFT, "door_open", False)
            node.wait(6)
            assert node.standing == []

    def test_beside_a_controller_it_speaks_when_the_controller_does_not(self):
        with bench(lift(sensors=BOX)) as node:
            node.wait(1)
            for _ in range(5):
                node.wait(2)
                node.falls_silent(LIFT)
            node.set(LIFT, "door_open")
            node.wait(0.1)
            assert node.values(f"{LIFT}/door-open")[-1] is True
            node.set(LIFT, "door_open", False)
            node.set(LIFT, "alarm_button")
            node.wait(4)
            assert hazards(node) == ["lift.entrapment"]

    def test_a_box_without_presence_or_button_still_clears_its_alarms(self):
        few = {name: BOX[name] for name in ("level_up", "level_down", "door_open")}
        with bench(boxed_lift(sensors=few)) as node:
            node.set(LIFT, "door_open")
            node.wait(61)
            node.set(LIFT, "door_open", False)
            node.wait(6)
            assert hazards(node) == ["lift.door-fault"]
            assert node.standing == []

    def test_a_car_on_its_way_when_the_node_starts_is_not_taken_to_stand(self):
        with Bench(boxed_lift()).rest().power_on() as node:
            for _ in range(3):
                node.press(LIFT, "presence", 0.5)
            assert node.raised == []
            assert node.values(f"{LIFT}/moving") == []
            node.wait(6)
            assert node.values(f"{LIFT}/moving") == [False]
