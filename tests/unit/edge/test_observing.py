"""Readings by exception, signs of life, missed edges, and time that never runs backwards."""

import pytest

from edge.domain.debounce import Debounce
from schemas.telemetry import Reading
from tests.fakes.edge_bench import RUNNING, STANDING, Bench
from tests.fakes.edge_clock import EPOCH, NEXT_BOOT, SteppedClock
from tests.unit.edge.equipment import GATE, LIFT, SMOKE, detector, gate, lift, volts


def test_a_contact_is_read_when_power_comes_and_when_it_moves():
    with Bench(gate()).rest(tamper=True).power_on() as node:
        node.press(GATE, "rex")
        assert node.values(f"{GATE}/tamper") == [True]
        assert node.values(f"{GATE}/rex") == [False, True, False]


def test_a_pulse_is_true_for_one_reading_and_a_microsecond_later_false():
    with Bench(gate()).rest().power_on() as node:
        node.press(GATE, "rex")
        granted = [reading for reading in node.readings if reading.point == f"{GATE}/granted"]
        assert [reading.value for reading in granted] == [False, True, False]
        assert granted[2].time - granted[1].time == pytest.approx(1e-6, abs=5e-7)
        assert granted[2].mono - granted[1].mono == pytest.approx(1e-6, abs=1e-9)


def test_no_point_has_two_readings_of_one_time():
    with Bench(gate(), detector(), lift()).rest().power_on() as node:
        for _ in range(3):
            node.press(GATE, "rex")
            node.says(LIFT, STANDING)
            node.says(LIFT, RUNNING)
            node.turn(SMOKE, "obscuration", 1.0)
            node.turn(SMOKE, "obscuration", 1.5)
        times = [(reading.point, reading.time) for reading in node.readings]
        monos = [(reading.point, reading.mono) for reading in node.readings]
        assert len(times) == len(set(times))
        assert len(monos) == len(set(monos))


def test_numbers_are_reported_when_they_leave_their_deadband_and_after_their_silence():
    sampling = {"period_s": 1, "max_silence_s": 60, "deadbands": {"temperature": 0.5}}
    with Bench(detector(sampling=sampling)).rest().power_on() as node:
        for tenth in range(10):
            node.turn(SMOKE, "temperature", volts(20 + tenth / 10, "temperature"))
            node.wait(1)
        assert node.values(f"{SMOKE}/temperature") == [pytest.approx(20.0), pytest.approx(20.6)]
        for _ in range(70):
            node.turn(SMOKE, "temperature", volts(20.9, "temperature"))
            node.wait(1)
        assert len(node.values(f"{SMOKE}/temperature")) == 3


def test_contacts_that_stand_still_give_a_sign_of_life_once_a_minute():
    with Bench(gate()).rest().power_on() as node:
        for _ in range(25):
            node.wait(5)
            node.look_again()
        assert node.values(f"{GATE}/open") == [False] * 3
        assert node.values(f"{GATE}/granted") == [False], "pulses have no standing value to repeat"
        assert node.observer.stale_points(node.clock.mono()) == {}


def test_an_edge_that_was_missed_is_made_good_at_the_next_look():
    with Bench(gate()).rest().power_on() as node:
        pin = node.factory.pin(4)
        pin.when_changed = None
        node.set(GATE, "contact")
        node.wait(5)
        node.look_again()
        node.wait(1.1)
        assert [hazard for hazard, _ in node.raised] == ["access.forced-open"]


def test_a_look_that_an_edge_overtook_does_not_undo_the_edge():
    """Contacts are read on a thread of their own: an edge may be told while old levels are still on their way."""
    with Bench(gate()).rest().power_on() as node:
        node.wait(5)
        begun, read = node.clock.mono(), node.board.levels()
        node.set(GATE, "rex")
        node.observer.levels(read, begun)
        node.wait(0.5)
        node.set(GATE, "rex", False)
        node.wait(1)
        node.set(GATE, "contact")
        node.wait(2)
        assert node.raised == []


def test_a_press_whose_beginning_a_look_saw_first_counts_although_it_is_told_with_its_end():
    debounce = Debounce(0.05)
    debounce.observe(False, 10.0)
    debounce.observe(True, 10.2)
    assert debounce.observe(True, 10.21, at=3.0) is None
    assert debounce.observe(False, 10.21, at=3.5) is True


def test_a_point_that_falls_silent_is_stale():
    with Bench(lift()).power_on() as node:
        node.says(LIFT, STANDING)
        node.wait(61)
        stale = node.observer.stale_points(node.clock.mono())
        assert stale[f"{LIFT}/speed"] == 61.0
        node.says(LIFT, STANDING)
        assert node.observer.stale_points(node.clock.mono()) == {}


def test_readings_carry_wall_time_while_the_clock_is_believed_and_monotonic_time_always():
    clock = SteppedClock(synchronised=False)
    with Bench(gate(), clock=clock).rest().power_on() as node:
        first: Reading = node.readings[0]
        assert (first.time, first.mono) == (None, 1000.0)
        clock.in_step = True
        node.timestamps.refresh()
        node.wait(1)
        node.press(GATE, "rex")
        last = node.readings[-1]
        assert last.time == pytest.approx(EPOCH + last.mono - 1000.0, abs=0.001)


def test_a_clock_that_jumps_raises_clears_and_reorders_nothing():
    with Bench(gate()).rest().power_on() as node:
        node.set(GATE, "contact")
        node.wait(2)
        for jump in (3600.0, -86400.0 * 3650, 86400.0 * 7300):
            node.clock.jump(jump)
            node.timestamps.refresh()
            node.wait(5)
        assert [hazard for hazard, _ in node.raised] == ["access.forced-open"]
        monos = [reading.mono for reading in node.readings if reading.point == f"{GATE}/open"]
        assert monos == sorted(monos)


def test_a_stamp_overtaken_by_a_timer_does_not_turn_time_back():
    with Bench(gate()).rest().power_on() as node:
        node.wait(10)
        node.observer.edge((GATE, "contact"), True, node.clock.mono() - 0.5)
        node.wait(0.06)
        assert node.values(f"{GATE}/open") == [False, True]


class TestAcrossRestarts:
    def test_the_present_boot_resumes_within_a_moment_where_it_stood(self):
        with Bench(gate()).rest().power_on() as node:
            node.press(GATE, "rex")
            opened = node.clock.mono()
            node.set(GATE, "contact")
            node.wait(20)
            assert node.events
        again = Bench(gate(), clock=node.clock, outbox=node.outbox, factory=node.factory, alive_at=node.clock.mono())
        with again.power_on() as node:
            node.wait(15)
            assert node.raised == [("access.held-open", round(opened + 30.05, 3))]

    def test_after_an_absence_delays_begin_anew(self):
        with Bench(gate()).rest().power_on() as node:
            node.press(GATE, "rex")
            node.set(GATE, "contact")
            node.wait(20)
            assert node.events
            alive_at = node.clock.mono()
        node.clock.set(alive_at + 600)
        again = Bench(gate(), clock=node.clock, outbox=node.outbox, factory=node.factory, alive_at=alive_at)
        with again.power_on() as node:
            node.wait(29)
            assert node.raised == []
            node.wait(2)
            assert [hazard for hazard, _ in node.raised] == ["access.held-open"]

    def test_a_power_cut_raises_nothing_again_and_clears_what_is_over(self):
        with Bench(detector()).rest(alarm_relay=True).power_on() as node:
            (first,) = [event.occurrence for event in node.events]
        later = SteppedClock(mono=12.0, boot=NEXT_BOOT)
        with Bench(detector(), clock=later, outbox=node.outbox).rest(alarm_relay=True).power_on() as node:
            node.wait(60)
            assert len(node.raised) == 1
            (active,) = node.alarms.active
            assert (active.occurrence, active.since_mono) == (first, None)
            node.set(SMOKE, "alarm_relay", False)
            node.wait(11)
            assert [(event.kind, event.occurrence) for event in node.events][-1] == ("alarm.cleared", first)

    def test_an_alarm_of_a_rule_that_is_gone_is_cleared_with_that_reason(self):
        with Bench(detector()).rest(alarm_relay=True).power_on() as node:
            assert len(node.raised) == 1
        with Bench(detector(), clock=node.clock, outbox=node.outbox, default_rules_for=[]).rest().power_on() as node:
            assert node.events[-1].reason == "rule-removed"
            assert node.standing == []
        with Bench(detector(), clock=node.clock, outbox=node.outbox, default_rules_for=[]).rest().power_on() as node:
            assert [event.kind for event in node.events] == ["alarm.raised", "alarm.cleared"]

    def test_an_alarm_of_a_rule_that_was_edited_is_cleared_and_judged_anew(self):
        edited = {
            "id": f"{SMOKE}/smoke-relay", "equipment": SMOKE, "hazard": "fire.smoke", "on_delay_s": 3,
            "when": {"kind": "state", "point": "alarm"},
        }  # fmt: skip
        with Bench(detector()).rest(alarm_relay=True).power_on() as node:
            assert len(node.raised) == 1
        again = Bench(detector(), clock=node.clock, outbox=node.outbox, rules=[edited], alive_at=node.clock.mono())
        with again.rest(alarm_relay=True).power_on() as node:
            node.wait(5)
            kinds = [(event.kind, getattr(event, "reason", None)) for event in node.events]
            assert kinds == [("alarm.raised", None), ("alarm.cleared", "rule-changed"), ("alarm.raised", None)]
            assert len({event.occurrence for event in node.events}) == 2

    def test_a_kept_state_that_cannot_be_read_begins_anew_without_raising_again(self):
        with Bench(detector()).rest(alarm_relay=True).power_on() as node:
            assert len(node.raised) == 1
        for name, rule in node.outbox._rules.items():
            node.outbox._rules[name] = type(rule)(rule.rule, rule.boot, "{damaged", rule.active)
        with Bench(detector(), clock=node.clock, outbox=node.outbox).rest(alarm_relay=True).power_on() as node:
            node.wait(60)
            assert len(node.raised) == 1
            assert node.standing == ["fire.smoke"]

    @staticmethod
    def again(node: Bench, *equipment, **resting) -> Bench:
        """The agent stops, and starts a moment later in the same boot."""
        assert node.events is not None
        here = {"clock": node.clock, "outbox": node.outbox, "factory": node.factory, "alive_at": node.clock.mono()}
        return Bench(*equipment, **here, **resting)

    def test_a_door_that_was_forced_is_forced_until_it_closes_whoever_restarts(self):
        with Bench(gate()).rest().power_on() as node:
            node.set(GATE, "contact")
            node.wait(5)
            assert [hazard for hazard, _ in node.raised] == ["access.forced-open"]
        with self.again(node, gate()).power_on() as node:
            node.wait(20)
            assert node.standing == ["access.forced-open"]
            node.set(GATE, "contact", False)
            node.wait(1.1)
            assert node.standing == []
            assert len(node.raised) == 1

    def test_a_gate_that_was_not_released_is_not_raised_twice(self):
        with Bench(gate()).rest(fire_input=True).power_on() as node:
            node.wait(5)
            assert [hazard for hazard, _ in node.raised] == ["access.release-failed"]
        with self.again(node, gate()).power_on() as node:
            node.wait(60)
            assert [event.kind for event in node.events if event.kind.startswith("alarm")] == ["alarm.raised"]

    def test_a_sensor_that_was_stuck_is_stuck_until_it_moves(self):
        with Bench(detector()).rest().power_on() as node:
            node.hold(SMOKE, "obscuration", 0.8, 3601, noise=0.0)
            node.turn(SMOKE, "co", 0.0)
            node.wait(5)
            assert [hazard for hazard, _ in node.raised] == ["fire.detector-fault"]
        with self.again(node, detector()).power_on() as node:
            node.turn(SMOKE, "co", 0.0)
            node.hold(SMOKE, "obscuration", 0.8, 60, noise=0.0)
            assert node.standing == ["fire.detector-fault"]
            node.hold(SMOKE, "obscuration", 0.8, 12)
            assert node.standing == []
            assert len(node.raised) == 1

    def test_a_controller_that_is_silent_after_a_restart_leaves_nothing_to_fall_due(self):
        with Bench(lift()).power_on() as node:
            node.keeps_saying(LIFT, STANDING | {"at_level": 0}, 20)
        with self.again(node, lift()).power_on() as node:
            node.wait(6)
            node.falls_silent(LIFT)
            node.wait(120)
            assert node.raised == []


def test_a_controller_that_never_answered_is_stale():
    with Bench(lift()).power_on() as node:
        node.wait(59)
        assert node.observer.stale_points(node.clock.mono()) == {}
        node.wait(2)
        assert node.observer.stale_points(node.clock.mono())[f"{LIFT}/at-level"] == 61.0


def test_a_level_read_before_an_edge_does_not_undo_it():
    with Bench(gate()).rest().power_on() as node:
        read, levels = node.clock.mono(), node.board.levels()
        node.wait(0.001)
        node.set(GATE, "contact")
        node.observer.levels(levels, read)
        node.wait(1.2)
        assert [hazard for hazard, _ in node.raised] == ["access.forced-open"]
