"""Every hazard of the equipment tables: the default rules raise it when they must, and not just before."""

import pytest

from schemas.default_rules import default_rules
from schemas.equipment import AccessGate, Lift, SmokeDetector
from schemas.hazards import HAZARDS, Severity
from schemas.points import POINTS
from tests.unit.schemas.timeline import Watch

GATE = AccessGate(id="b1/front-door", kind="access_gate", contact={"pin": 4})
DETECTOR = SmokeDetector(id="b1/smoke-1", kind="smoke_detector", alarm_relay={"pin": 17})
LIFT = Lift(id="b1/lift-1", kind="lift", controller={"host": "192.0.2.7"})


def gate():
    return Watch(
        GATE, open=False, open_unauthorised=False, granted=False, denied=False, unpaid_passage=False, tamper=False,
        release_commanded=False, released=False,
    )  # fmt: skip


def detector():
    return Watch(
        DETECTOR, alarm=False, fault=False, circuit_fault=False, stuck=False, battery_low=False, tamper=False,
        call_point=False, obscuration_per_metre=0.001, co_dose=0.0, clean_air=0.001,
    )  # fmt: skip


def lift(**differently):
    """A lift in service, standing at level with its door closed."""
    points = {
        "service_mode": 1, "normal_service": True, "in_maintenance": False, "moving": False, "at_level": True,
        "door_open": False, "door_reversals": 0, "fault_code": 0, "main_power": True, "alarm_button": False,
        "speed_ratio": 0.0, "confined_pulses": 0, "off_level_pulses": 0,
    }  # fmt: skip
    return Watch(LIFT, **(points | differently))


@pytest.mark.parametrize("watch", [gate, detector, lift])
def test_equipment_in_order_raises_nothing(watch):
    assert watch().wait(1e6).raised == {}


@pytest.mark.parametrize("item", [GATE, DETECTOR, LIFT])
def test_rules_ask_only_of_points_that_their_equipment_has(item):
    rules = default_rules(item)
    assert len({rule.id for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.points <= POINTS[item.kind].keys(), rule.id
        assert rule.hazard in HAZARDS
        assert rule.id.startswith(f"{item.id}/")


def test_every_hazard_that_one_node_can_know_has_a_rule():
    ruled = {rule.hazard for item in (GATE, DETECTOR, LIFT) for rule in default_rules(item)}
    elsewhere = {
        "fire.presumed",  # the cloud's: a second detector, a call point, or silence from the site
        "fire.exit-obstructed",  # a resident's report, or an exit's own rule
        "lift.maintenance-overdue",  # from dates that the cloud keeps
        "lift.inspection-due",
    }
    of_equipment = {name for name, hazard in HAZARDS.items() if hazard.family in ("access", "fire", "lift")}
    assert ruled == of_equipment - elsewhere


# Access gate


def test_forced_open():
    watch = gate().read(10.0, open=True, open_unauthorised=True)
    assert watch.raised == {"forced-open": [10.0]}
    watch.read(12.0, open=False, open_unauthorised=False).wait(12.9)
    assert watch.on == {"forced-open"}
    assert watch.wait(13.0).on == set()


def test_opened_after_a_grant_is_not_forced():
    assert gate().pulse(10.0, "granted").read(11.0, open=True).read(15.0, open=False).wait(1e4).raised == {}


def test_held_open_for_30_s_after_the_last_grant():
    watch = gate().pulse(100.0, "granted").read(105.0, open=True)
    assert watch.wait(134.9).raised == {}
    assert watch.wait(135.0).raised == {"held-open": [135.0]}
    assert watch.read(140.0, open=False).on == set()


def test_a_door_through_which_people_keep_coming_is_not_held_open():
    watch = gate().pulse(100.0, "granted").read(101.0, open=True)
    for moment in (120.0, 145.0, 170.0):
        watch.pulse(moment, "granted")
    assert watch.wait(199.9).raised == {}
    assert watch.wait(200.0).raised == {"held-open": [200.0]}


def test_a_door_that_was_never_granted_is_held_open_too():
    assert gate().read(5.0, open=True).wait(35.0).raised == {"held-open": [35.0]}


def test_held_open_becomes_major_after_10_min():
    watch = gate().pulse(100.0, "granted").read(100.0, open=True)
    assert watch.wait(699.9).on == {"held-open"}
    assert watch.wait(700.0).on == {"held-open", "held-open-long"}
    severities = {name: timeline.rule.effective_severity for name, timeline in watch.rules.items()}
    assert (severities["held-open"], severities["held-open-long"]) == (Severity.MINOR, Severity.MAJOR)


def test_tailgating():
    watch = gate().pulse(10.0, "granted").read(11.0, open=True).pulse(13.0, "unpaid_passage").read(14.0, open=False)
    assert watch.raised == {"tailgating": [13.0]}
    assert watch.wait(23.0).on == set()


@pytest.mark.parametrize(
    ("denials", "raised"),
    [
        ([0, 15, 30, 45, 59], [59.0]),
        ([0, 15, 30, 45], []),
        ([0, 15, 30, 45, 60], []),
        ([0, 15, 30, 45, 60, 61], [61.0]),
    ],
)
def test_5_denials_in_60_s(denials, raised):
    watch = gate()
    for moment in denials:
        watch.pulse(100.0 + moment, "denied")
    assert watch.raised.get("denied-burst", []) == [100.0 + moment for moment in raised]


def test_tamper_loop_open_for_1_s():
    assert gate().read(10.0, tamper=True).read(10.9, tamper=False).wait(100).raised == {}
    assert gate().read(10.0, tamper=True).wait(100).raised == {"reader-tamper": [11.0]}


def test_the_lock_did_not_release_in_2_s():
    assert gate().read(10.0, release_commanded=True).read(11.9, released=True).wait(1e3).raised == {}
    watch = gate().read(10.0, release_commanded=True).wait(60.0)
    assert watch.raised == {"release-failed": [12.0]}
    assert watch.read(61.0, released=True).on == set()


# Smoke detector


def test_the_alarm_relay_raises_at_once():
    watch = detector().read(10.0, alarm=True)
    assert watch.raised == {"smoke-relay": [10.0]}
    assert watch.read(20.0, alarm=False).wait(29.9).on == {"smoke-relay"}
    assert watch.wait(30.0).on == set()


def test_a_node_that_boots_into_a_fire_says_so():
    assert Watch(DETECTOR, alarm=True).raised == {"smoke-relay": [0.0]}


@pytest.mark.parametrize("jitter", [-0.2, 0.0, 0.2])
def test_smoke_for_3_samples_of_1_s(jitter):
    def sampled(*values):
        watch = detector()
        for number, value in enumerate(values):
            watch.read(10.0 + number + (jitter if number % 2 else 0.0), obscuration_per_metre=value)
        return watch.wait(19.9).raised

    assert sampled(0.05, 0.05, 0.03) == {}
    assert sampled(0.05, 0.03, 0.05, 0.03) == {}
    assert sampled(0.049, 0.049, 0.049, 0.049, 0.03) == {}
    assert sampled(0.05, 0.05, 0.05, 0.03) == {"smoke-obscuration": [12.5]}


def test_smoke_is_heard_of_well_within_10_s():
    watch = detector()
    for second in range(10):
        watch.read(10.0 + second, obscuration_per_metre=0.08)
    assert watch.raised["smoke-obscuration"][0] - 10.0 < 10.0


def test_smoke_clears_beyond_its_deadband_only():
    watch = detector().read(10.0, obscuration_per_metre=0.06).read(15.0, obscuration_per_metre=0.045).wait(100.0)
    assert "smoke-obscuration" in watch.on
    assert watch.read(100.0, obscuration_per_metre=0.01).wait(110.0).on == set()


def test_prealarm_at_two_thirds_for_10_s():
    assert detector().read(10.0, obscuration_per_metre=0.0333).wait(1e3).raised == {"smoke-prealarm": [20.0]}
    assert detector().read(10.0, obscuration_per_metre=0.0332).wait(1e3).raised == {}
    watch = detector().read(10.0, obscuration_per_metre=0.04).read(19.9, obscuration_per_metre=0.02)
    assert watch.wait(1e3).raised == {}


def test_manual_call_point():
    watch = detector().read(10.0, call_point=True)
    assert watch.raised == {"call-point": [10.0]}
    assert watch.rules["call-point"].rule.hazard == "fire.manual-call-point"


def test_carbon_monoxide_by_its_dose():
    assert detector().read(10.0, co_dose=0.99).wait(1e4).raised == {}
    watch = detector().read(10.0, co_dose=1.0)
    assert watch.raised == {"co": [10.0]}
    assert watch.read(20.0, co_dose=0.6).wait(1e3).on == {"co"}


@pytest.mark.parametrize("fault", ["fault", "circuit_fault", "stuck", "battery_low", "tamper"])
def test_every_fault_of_a_detector(fault):
    watch = detector().read(10.0, **{fault: True})
    assert watch.wait(12.9).raised == {}
    assert watch.wait(13.0).raised == {"fault": [13.0]}
    assert watch.rules["fault"].transitions[0].point == fault.replace("_", "-")
    assert watch.read(20.0, **{fault: False}).wait(30.0).on == set()


def test_contaminated_at_a_third_for_an_hour():
    assert detector().read(10.0, clean_air=0.0166).wait(1e5).raised == {}
    assert detector().read(10.0, clean_air=0.0167).wait(1e5).raised == {"contaminated": [3610.0]}


# Lift


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
    assert watch.read(10.5, at_level=False).raised == {"unintended-movement": [10.5]}


def test_maintenance_holds_back_no_life_safety():
    watch = lift(in_maintenance=True, normal_service=False, service_mode=2, door_open=True)
    watch.read(10.0, moving=True).read(10.5, at_level=False)
    assert watch.raised == {"unintended-movement": [10.5]}


@pytest.mark.parametrize(
    "seen",
    [
        {"at_level": False},
        {"moving": True, "at_level": False},
        {"door_open": True},
        {"door_reversals": 9},
        {"main_power": False},
        {"fault_code": 2},
        {"fault_code": 6},
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
