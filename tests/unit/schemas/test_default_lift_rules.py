"""Every hazard of the lift table: the default rules raise it when they must, and not just before."""

import pytest

from tests.unit.schemas.equipment_in_order import lift


def test_entrapment_by_the_alarm_button_held_3_s():
    assert lift().read(10.0, alarm_button=True).read(12.9, alarm_button=False).wait(1e3).raised == {}
    watch = lift().read(10.0, alarm_button=True).wait(13.0)
    assert watch.raised == {"entrapment": [13.0]}
    assert watch.read(14.0, alarm_button=False).wait(1e3).on == {"entrapment"}, "nobody was let out"
    assert watch.read(2000.0, door_open=True).on == set()


def test_the_alarm_button_with_the_door_open_at_level_traps_nobody():
    assert "entrapment" not in lift(door_open=True).read(10.0, alarm_button=True).wait(50.0).raised


@pytest.mark.parametrize(("point", "at_most"), [("confined_pulses", 3), ("off_level_pulses", 1)])
def test_entrapment_by_presence(point, at_most):
    assert lift().read(10.0, **{point: at_most}).wait(1e3).raised == {}
    watch = lift().read(10.0, **{point: at_most + 1})
    assert watch.raised == {"entrapment": [10.0]}
    assert watch.read(100.0, **{point: 0}).wait(1e3).on == {"entrapment"}
    assert watch.read(2000.0, at_level=True, door_open=True).on == set()


def test_stopped_off_level_for_45_s():
    watch = lift().read(10.0, moving=True, at_level=False).read(20.0, moving=False)
    assert watch.wait(64.9).raised == {}
    assert watch.wait(65.0).raised == {"stopped-off-level": [65.0]}


def test_15_s_off_level_is_no_alarm():
    watch = lift().read(10.0, moving=True, at_level=False).read(20.0, moving=False).read(35.0, moving=True)
    assert watch.read(40.0, at_level=True, moving=False).wait(1e3).raised == {}


def test_unintended_movement_is_leaving_the_unlocking_zone_with_the_door_open():
    watch = lift(door_open=True).read(10.0, moving=True)
    assert watch.raised == {}, "re-levelling at the landing"
    assert watch.read(10.5, at_level=False).raised == {}
    assert watch.wait(10.7).raised == {}, "a moment in which the lines of a retrofit box may cross"
    assert watch.wait(10.9).raised == {"unintended-movement": [10.8]}


def test_maintenance_holds_back_no_life_safety():
    watch = lift(in_maintenance=True, normal_service=False, service_mode=2, door_open=True)
    watch.read(10.0, moving=True).read(10.5, at_level=False).wait(11.0)
    assert watch.raised == {"unintended-movement": [10.8]}


@pytest.mark.parametrize(
    "seen",
    [
        {"at_level": False},
        {"moving": True, "at_level": False},
        {"door_open": True},
        {"door_reversals": 9},
        {"main_power": False},
        {"fault_code": 2},
        {"fault_code": 4},
        {"fault_code": 6},
        {"fault_code": 42},
        {"speed_ratio": 1.3},
    ],
)
def test_maintenance_holds_back_what_is_not_life_safety(seen):
    assert lift(in_maintenance=True).read(10.0, **seen).wait(1e4).raised == {}
    assert lift().read(10.0, **seen).wait(1e4).raised != {}


@pytest.mark.parametrize(
    ("code", "rule"), [(2, "door-fault"), (3, "door-fault"), (5, "unintended-movement"), (6, "run-timeout")]
)
def test_fault_codes(code, rule):
    watch = lift().read(10.0, fault_code=code)
    assert watch.raised == {rule: [10.0]}
    assert watch.read(20.0, fault_code=0).wait(30.0).on == set()


@pytest.mark.parametrize(
    ("code", "rule", "after_s"),
    [
        (90, "entrapment", 3.0),
        (4, "stopped-off-level", 45.0),
        (41, "out-of-service", 300.0),
        (42, "out-of-service", 300.0),
    ],
)
def test_codes_that_must_last_as_long_as_what_they_report(code, rule, after_s):
    assert lift().read(10.0, fault_code=code).read(9.9 + after_s, fault_code=0).wait(1e3).raised == {}
    assert lift().read(10.0, fault_code=code).wait(1e3).raised == {rule: [10.0 + after_s]}


def test_overspeed_for_half_a_second():
    assert lift().read(10.0, speed_ratio=1.14).wait(1e3).raised == {}
    assert lift().read(10.0, speed_ratio=1.16).read(10.4, speed_ratio=1.0).wait(1e3).raised == {}
    assert lift().read(10.0, speed_ratio=1.16).wait(1e3).raised == {"overspeed": [10.5]}


def test_door_open_for_more_than_60_s():
    assert lift().read(10.0, door_open=True).read(69.9, door_open=False).wait(1e3).raised == {}
    assert lift().read(10.0, door_open=True).wait(1e3).raised == {"door-fault": [70.0]}


def test_a_door_open_out_of_service_is_not_a_door_fault():
    watch = lift(service_mode=3, normal_service=False).read(10.0, door_open=True)
    assert watch.wait(1e3).raised == {}


def test_more_than_5_door_reversals_at_one_stop():
    assert lift().read(10.0, door_reversals=5).wait(1e3).raised == {}
    assert lift().read(10.0, door_reversals=6).raised == {"door-fault": [10.0]}


def test_running_for_more_than_60_s():
    assert lift().read(10.0, moving=True).read(69.9, moving=False).wait(1e3).raised == {}
    assert lift().read(10.0, moving=True).wait(1e3).raised == {"run-timeout": [70.0]}


@pytest.mark.parametrize("off", [{"service_mode": 0}, {"main_power": False}])
def test_out_of_service_for_more_than_5_min(off):
    assert lift().read(10.0, **off).wait(309.9).raised == {}
    assert lift().read(10.0, **off).wait(1e3).raised == {"out-of-service": [310.0]}
