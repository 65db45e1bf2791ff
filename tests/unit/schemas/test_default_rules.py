"""Every hazard of the equipment tables: the default rules raise it when they must, and not just before."""

import pytest

from schemas.default_rules import default_rules
from schemas.hazards import HAZARDS, Severity
from schemas.points import POINTS
from tests.unit.schemas.equipment_in_order import DETECTOR, GATE, LIFT, detector, gate, lift
from tests.unit.schemas.timeline import Watch


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
        "lift.maintenance-overdue",  # from dates that the cloud keeps
        "lift.inspection-due",
    }
    of_equipment = {name for name, hazard in HAZARDS.items() if hazard.family in ("access", "fire", "lift")}
    assert ruled == (of_equipment - elsewhere) | {"point.stuck"}


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


def test_an_exit_that_is_obstructed_for_a_minute():
    assert gate().read(10.0, obstructed=True).read(69.9, obstructed=False).wait(1e3).raised == {}
    assert gate().read(10.0, obstructed=True).wait(1e3).raised == {"exit-obstructed": [70.0]}


def test_the_lock_did_not_release_in_2_s():
    assert gate().read(10.0, release_commanded=True).read(11.9, released=True).wait(1e3).raised == {}
    watch = gate().read(10.0, release_commanded=True).wait(60.0)
    assert watch.raised == {"release-failed": [12.0]}
    assert watch.read(61.0, released=True).wait(61.9).on == {"release-failed"}
    assert watch.wait(62.0).on == set()


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
