"""`point.stuck`: a signal that stands still while it cannot; and never one that may."""

from __future__ import annotations

import random

import pytest

from edge.domain.interpreters import memories_of
from edge.domain.position_check import LevelPairCheck, TripCheck
from edge.domain.sensor_life import FLAT_FOR_S, MOVES_TO_BE_KNOWN, Flatline
from firmware_sim.mcp3008 import REFERENCE_VOLTS, Mcp3008
from schemas.node_config import NodeConfig
from tests.fakes.edge_bench import RUNNING, STANDING, Bench
from tests.unit.edge.equipment import LIFT, SMOKE, boxed_lift, detector, lift, volts
from tests.unit.firmware_sim.test_staged_faults import NODE, an_estate

STUCK = "point.stuck"
HOUR = 3600.0


class TestTemperature:
    """By the habits of the point itself, sampled every ten minutes here."""

    @staticmethod
    def days(flat: Flatline, count: float, level, begin: float = 0.0) -> tuple[list[bool | None], float]:
        samples = round(count * 144)
        return [flat.observe(level(n), begin + n * 600.0) for n in range(samples)], begin + samples * 600.0

    @staticmethod
    def living(n: int) -> float:
        """A room by day and night, in whole codes."""
        return round(0.8 + 0.1 * random.Random(n).random() + 0.05 * (n // 72 % 2), 2)

    def test_a_value_that_lived_and_is_the_same_for_a_day_is_stuck_and_lives_again(self):
        flat = Flatline("t", {})
        said, now = self.days(flat, 2, self.living)
        assert True not in said
        said, now = self.days(flat, 2, lambda _: 0.83, now)
        began = said.index(True) * 600.0
        assert FLAT_FOR_S <= began <= FLAT_FOR_S + HOUR
        assert flat.observe(0.84, now) is False

    def test_a_value_that_never_moved_is_not_judged(self):
        said, _ = self.days(Flatline("t", {}), 30, lambda _: 0.83)
        assert set(said) == {None}

    def test_a_room_that_is_often_still_for_long_is_given_three_times_that(self):
        flat = Flatline("t", {})

        def still_for_16_hours(n: int) -> float:
            return 0.8 if n % 144 < 96 else self.living(n)

        said, now = self.days(flat, 4, still_for_16_hours)
        assert True not in said
        said, _ = self.days(flat, 4, lambda _: 0.8, now)
        assert said.index(True) * 600.0 >= 2 * 16 * HOUR

    def test_a_restart_begins_no_day_anew_and_a_stuck_value_stays_stuck(self):
        flat = Flatline("t", {})
        _, now = self.days(flat, 2, self.living)
        _, now = self.days(flat, 0.9, lambda _: 0.83, now)
        later = Flatline("t", flat.memory())
        said, _ = self.days(later, 0.3, lambda _: 0.83)
        assert said[0] is None, "not looked at yet"
        assert said[-1] is True
        assert Flatline("t", later.memory()).observe(0.83, 5.0) is True
        assert Flatline("t", later.memory()).observe(0.84, 5.0) is False

    def test_how_long_it_was_dead_is_none_of_its_habits(self):
        flat = Flatline("t", {})
        _, now = self.days(flat, 2, self.living)
        _, now = self.days(flat, 9, lambda _: 0.83, now)
        _, now = self.days(flat, 1, self.living, now)
        said, _ = self.days(flat, 2, lambda _: 0.9, now)
        assert True in said

    def test_the_alarm_stands_over_a_restart_and_clears_itself(self):
        def sampled(node: Bench, number: int, value) -> None:
            for n in range(number):
                node.turn(SMOKE, "temperature", value(n))
                node.wait(600.0)

        with Bench(detector()).rest().power_on() as node:
            sampled(node, MOVES_TO_BE_KNOWN + 10, lambda n: volts(20 + n % 3, "temperature"))
            sampled(node, 160, lambda _: volts(22, "temperature"))
            assert node.raised == [(STUCK, node.raised[0][1])]
            memory = memories_of(node.interpreters)[SMOKE]
            outbox, clock = node.outbox, node.clock
        with Bench(detector(), clock=clock, outbox=outbox, alive_at=clock.mono()).rest().power_on() as again:
            again.interpreters[SMOKE].__init__(
                NodeConfig.model_validate({"equipment": [detector()]}).equipment[0], memory
            )
            assert again.standing == [STUCK]
            again.turn(SMOKE, "temperature", volts(22, "temperature"))
            assert again.standing == [STUCK]
            again.turn(SMOKE, "temperature", volts(22.5, "temperature"))
            assert again.standing == []
            assert [hazard for hazard, _ in again.raised] == [STUCK], "raised once, whatever was restarted"


class TestTrips:
    """A controller's floor, speed and level, from stop to stop."""

    @staticmethod
    def trip(
        node: Bench, to: int, *, shown: int | None = None, seconds: float = 8.0, speed: int = 1500, **also
    ) -> None:
        said = to if shown is None else shown
        node.keeps_saying(LIFT, RUNNING | {"speed": speed, "floor": said} | also, seconds)
        node.keeps_saying(LIFT, STANDING | {"floor": said} | {k: v for k, v in also.items() if k == "at_level"}, 4)

    @pytest.fixture
    def node(self):
        with Bench(lift()).rest().power_on() as node:
            node.keeps_saying(LIFT, STANDING, 5)
            yield node

    def test_a_floor_that_stands_still_while_the_car_travels_is_stuck_after_two_trips_and_clears_itself(self, node):
        self.trip(node, 9, shown=3)
        assert node.raised == []
        self.trip(node, 3, shown=3, speed=-1500)
        assert node.standing == [STUCK]
        self.trip(node, 7)
        assert node.standing == []

    def test_a_speed_that_stands_still_while_the_car_changes_floors_is_stuck(self, node):
        for floor in (5, 2):
            self.trip(node, floor, speed=0)
        assert node.standing == [STUCK]

    def test_a_level_signal_that_never_goes_is_stuck(self, node):
        for floor in (9, 3):
            self.trip(node, floor, at_level=1)
        assert node.standing == [STUCK]

    def test_ordinary_trips_long_and_short_say_nothing(self, node):
        for floor, seconds in ((4, 2.5), (9, 10), (3, 12), (3, 0.5), (2, 2.0)):
            self.trip(node, floor, seconds=seconds, speed=1500 if floor > 3 else -1500)
        assert node.raised == []
        assert node.values(f"{LIFT}/position-stuck")[-1] is False

    def test_one_trip_that_was_misread_is_none(self, node):
        for _ in range(3):
            self.trip(node, 9, shown=3)
            self.trip(node, 8, seconds=4.0)
            self.trip(node, 3, speed=-1500)
        assert node.raised == []

    def test_an_idle_lift_at_night_contradicts_nothing(self, node):
        node.keeps_saying(LIFT, STANDING, 10 * HOUR, period=30.0)
        node.keeps_saying(LIFT, STANDING, 600)
        assert node.raised == []

    def test_what_happened_while_the_controller_was_silent_or_inspected_is_not_held_against_it(self, node):
        for _ in range(3):
            node.keeps_saying(LIFT, RUNNING, 4)
            node.falls_silent(LIFT)
            node.wait(20)
            node.falls_silent(LIFT)
            node.keeps_saying(LIFT, STANDING, 4)
            node.keeps_saying(LIFT, RUNNING | {"service_mode": 2, "speed": 300}, 40)
            node.keeps_saying(LIFT, STANDING | {"service_mode": 2}, 4)
            node.keeps_saying(LIFT, STANDING, 4)
        assert STUCK not in [hazard for hazard, _ in node.raised]

    def test_after_a_restart_it_is_looked_at_again_before_it_clears(self, node):
        for _ in range(2):
            self.trip(node, 9, shown=3)
        assert node.raised, "and kept"
        with Bench(lift(), clock=node.clock, outbox=node.outbox, alive_at=node.clock.mono()).rest().power_on() as again:
            again.keeps_saying(LIFT, STANDING, 60)
            assert again.standing == [STUCK]
            self.trip(again, 9)
            assert again.standing == []
            assert len([1 for hazard, _ in again.raised if hazard == STUCK]) == 1

    def test_a_turn_on_the_way_is_no_way(self):
        check = TripCheck()
        for at in range(10):
            check.observe(floor=3, speed_m_s=0.0, at_level=True, mono=float(at))
        for at, speed in enumerate([1.5] * 8 + [-1.5] * 8, 10):
            check.observe(floor=3, speed_m_s=speed, at_level=False, mono=float(at))
        for at in range(26, 40):
            assert check.observe(floor=3, speed_m_s=0.0, at_level=True, mono=float(at)) is None


class TestLevelPair:
    """The two level sensors of a retrofit box."""

    @staticmethod
    def floors(check: LevelPairCheck, count: int, *sensors: str, off_s: float = 4.0, begin: float = 0.0) -> float:
        now = begin
        for _ in range(count):
            for active, seconds in ((False, off_s), (True, 1.0)):
                for sensor in sensors:
                    check.observe(sensor, active, now)
                now += seconds
        return now

    def test_one_that_stays_while_the_other_passes_floor_after_floor_is_stuck_until_it_moves(self):
        check = LevelPairCheck()
        check.observe("level_up", True, 0.0)
        check.observe("level_down", True, 0.0)
        now = self.floors(check, 3, "level_down")
        assert check.observe("level_down", True, now) is None
        now = self.floors(check, 1, "level_down", begin=now)
        assert check.observe("level_down", True, now) is True
        assert check.observe("level_up", False, now) is False

    def test_levelling_anew_moves_one_alone(self):
        check = LevelPairCheck()
        check.observe("level_up", True, 0.0)
        check.observe("level_down", True, 0.0)
        self.floors(check, 50, "level_down", off_s=1.5)
        assert check.observe("level_down", True, 1e6) is None

    def test_both_that_pass_are_well(self):
        check = LevelPairCheck()
        now = self.floors(check, 20, "level_up", "level_down")
        assert check.observe("level_up", True, now) is False

    def test_it_is_raised_at_a_lift_without_a_controller_and_clears_itself(self):
        with Bench(boxed_lift()).rest(level_up=True, level_down=True).power_on() as node:
            for _ in range(5):
                node.set(LIFT, "level_down", False)
                node.wait(5.0)
                node.set(LIFT, "level_down", True)
                node.wait(1.5)
            assert STUCK in node.standing
            node.set(LIFT, "level_up", False)
            node.wait(5.0)
            assert STUCK not in node.standing

    def test_a_car_that_stands_for_a_night_says_nothing(self):
        with Bench(boxed_lift()).rest(level_up=True, level_down=True).power_on() as node:
            node.wait(12 * HOUR)
            assert node.raised == []


class Simulated:
    """A building of the simulator, read as its node would: ten bits a second, registers twice."""

    LIFT, DETECTOR = "b1/lift-1", "b1/smoke-1"

    def __init__(self, *faults, background: bool = True, hours: float = 1.0, noise: bool = True) -> None:
        self.estate = an_estate(*faults, duration=hours * HOUR, background=background)
        self.building = self.estate.buildings[0]
        config = NODE.config
        items = [item.model_dump(mode="json", exclude_none=True) for item in config.equipment]
        self.node = Bench(*(item for item in items if item["kind"] != "access_gate"))
        self.box = next(item for item in config.equipment if item.id == "b1/lift-2").sensors
        if not noise:
            for loop in self.building.loops:
                loop.noise = lambda _: 0.0

    def live(self, until=lambda: False) -> None:
        with self.node.rest(level_up=True, level_down=True).power_on() as node:
            ticks = 0
            while not (self.estate.over or until()):
                self.estate.step()
                ticks += 1
                if ticks % 5 == 0:
                    node.wait(0.25)
                    self.show_box()
                if ticks % 10 == 0:
                    node.says(self.LIFT, self.building.lifts[self.LIFT].registers())
                if ticks % 20 == 0:
                    self.convert()

    def convert(self) -> None:
        chip = Mcp3008()
        for name, channel in (("obscuration", 0), ("temperature", 1), ("co", 3)):
            chip.set_voltage(channel, self.building.board.volts[0, channel])
            self.node.turn(self.DETECTOR, name, chip.code(channel) / 1023 * REFERENCE_VOLTS)

    def show_box(self) -> None:
        shown = self.building.lifts["b1/lift-2"].sensors()
        for name in ("level_up", "level_down", "door_open"):
            self.node.set("b1/lift-2", name, getattr(shown, name))

    @property
    def false_alarms(self) -> list[str]:
        return [hazard for hazard, _ in self.node.raised if hazard in (STUCK, "fire.detector-fault")]


def test_a_simulated_evening_with_people_in_the_lifts_raises_nothing():
    here = Simulated(hours=0.4)
    here.live()
    assert here.false_alarms == []
    assert here.node.values(f"{LIFT}/position-stuck").count(True) == 0
    assert False in here.node.values(f"{LIFT}/position-stuck"), "trips were there, and judged"


def test_a_simulated_night_in_which_nothing_moves_raises_nothing():
    here = Simulated(hours=0.2, background=False)
    here.live()
    assert here.false_alarms == []


@pytest.mark.parametrize(
    ("kind", "on", "hazard", "seconds"),
    [
        ("stuck-floor", Simulated.LIFT, STUCK, 60.0),
        ("stuck-detector", Simulated.DETECTOR, "fire.detector-fault", 3700.0),
    ],
)
def test_a_stuck_sensor_is_found_when_it_is_defined_and_clears_itself(kind, on, hazard, seconds):
    here = Simulated({"at": 60.0, "kind": kind, "equipment": on, "for": seconds}, hours=1.5)
    fault = here.estate.truth.faults["f1"]
    over = []

    def a_while_after_its_end() -> bool:
        if fault.ended is not None and not over:
            over.append(here.node.clock.mono())
        return bool(over) and here.node.clock.mono() > over[0] + 30.0

    began = here.node.clock.mono()
    here.live(a_while_after_its_end)
    assert [(name, pytest.approx(fault.defined, abs=8.0)) for name, _ in here.node.raised] == [
        (name, at - began) for name, at in here.node.raised
    ]
    assert {name for name, _ in here.node.raised} == {hazard}
    assert here.node.standing == []
