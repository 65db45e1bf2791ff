"""Every kind of fault, staged on a whole estate: its facts come in order, its physics is what it says, and it passes."""

import io
import json

import pytest

from firmware_sim.board import VirtualBoard
from firmware_sim.errors import ScenarioError
from firmware_sim.estate import NodeFile, raise_estate
from firmware_sim.faults import KINDS
from firmware_sim.scenario import parse_scenario
from firmware_sim.truth import GroundTruth, parse_truth
from schemas.hazards import HAZARDS
from schemas.node_config import NodeConfig
from tests.unit.firmware_sim.trace_board import TraceBoard

LOOP = {"at_zero": -0.05, "at_full": 0.225, "fault_below_v": 0.3, "fault_above_v": 3.2}
NODE = NodeFile(
    "b1-node",
    NodeConfig.model_validate(
        {
            "equipment": [
                {
                    "kind": "lift",
                    "id": "b1/lift-1",
                    "rated_speed_m_s": 1.75,
                    "controller": {"host": "127.0.0.1", "port": 15021},
                },
                {
                    "kind": "lift",
                    "id": "b1/lift-2",
                    "rated_speed_m_s": 1.0,
                    "sensors": {
                        "level_up": {"pin": 2},
                        "level_down": {"pin": 3},
                        "door_open": {"pin": 14, "active": "high"},
                        "presence": {"pin": 15},
                        "alarm_button": {"pin": 27},
                    },
                },
                {
                    "kind": "smoke_detector",
                    "id": "b1/smoke-1",
                    "alarm_relay": {"pin": 19},
                    "fault_relay": {"pin": 20},
                    "call_point": {"pin": 23},
                    "obscuration": {"channel": 0, **LOOP},
                    "temperature": {"channel": 1, "at_zero": -20.0, "at_full": 145.0},
                    "co": {"channel": 3, "at_full": 500.0},
                },
                {
                    "kind": "access_gate",
                    "id": "b1/gate-1",
                    "contact": {"pin": 4, "active": "high"},
                    "rex": {"pin": 5},
                    "reader": {"d0": 6, "d1": 12},
                    "granted": {"pin": 13},
                    "tamper": {"pin": 16, "active": "high"},
                    "fire_input": {"pin": 17},
                    "lock_released": {"pin": 18},
                },
            ]
        }
    ),
)
ON = {"lift": "b1/lift-1", "smoke_detector": "b1/smoke-1", "access_gate": "b1/gate-1"}


def an_estate(*faults, seed=7, duration=600.0, background=False, board=None, out=None):
    document = {"nodes": ["n"], "seed": seed, "duration": duration, "background": background, "faults": list(faults)}
    truth = GroundTruth("test", seed, out=out)
    box = []
    estate = raise_estate(
        parse_scenario(document), [NODE], lambda _: board or TraceBoard(lambda: box[0].now if box else 0.0), truth
    )
    box.append(estate)
    truth.begin()
    return estate


def play(estate, until=None):
    while not estate.over and not (until and until()):
        estate.step()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_fault_begins_is_defined_and_ends_in_this_order(kind):
    seconds = max(KINDS[kind].at_least_s, 40.0)
    estate = an_estate(
        {"at": 20.0, "kind": kind, "equipment": ON[KINDS[kind].on], "for": seconds}, duration=seconds + 1500.0
    )
    fault = estate.truth.faults["f1"]
    play(estate, lambda: fault.ended is not None)
    assert fault.hazard == KINDS[kind].hazard
    assert 20.0 <= fault.injected <= 20.1
    assert fault.injected <= fault.onset < fault.ended
    if fault.hazard is None:
        assert fault.defined is None
    else:
        assert fault.onset <= fault.defined <= fault.ended, "long enough for its rule to be fulfilled"
    # The building goes on living: everything is at rest again, and nobody is left out or in.
    for _ in range(round(60 / 0.05)):
        estate.step()
    building = estate.buildings[0]
    assert all(lift.idle and not lift.reserved for lift in building.lifts.values())
    assert all(gate.quiet and not gate.reserved for gate in building.gates.values())
    assert not any(detector.alarm for detector in building.detectors.values())


def test_every_hazard_a_fault_names_is_in_the_vocabulary():
    assert {kind.hazard for kind in KINDS.values() if kind.hazard} | set().union(
        *(kind.also for kind in KINDS.values())
    ) <= set(HAZARDS)


@pytest.mark.parametrize("lift", ["b1/lift-1", "b1/lift-2"])
def test_an_entrapment_is_off_level_with_someone_inside_who_presses_the_button(lift):
    estate = an_estate({"at": 5.0, "kind": "entrapment", "equipment": lift, "for": 60.0})
    fault, car = estate.truth.faults["f1"], estate.buildings[0].lifts[lift]
    play(estate, lambda: fault.onset is not None)
    assert car.aboard
    assert not car.car.at_level
    pressed = stirred = 0
    was = (False, False)
    while fault.ended is None:
        estate.step()
        now = (car.alarm_button, car.presence)
        pressed += now[0] and not was[0]
        stirred += now[1] and not was[1]
        was = now
        if estate.now < fault.onset + 60:
            assert not car.car.at_level
            assert car.car.speed == 0
    assert pressed >= 3
    assert stirred >= 5
    assert car.car.at_level
    assert not car.car.doors.closed


def test_smoke_is_dated_from_the_crossing_at_the_detector_not_from_the_match():
    estate = an_estate({"at": 10.0, "kind": "smoke", "equipment": "b1/smoke-1", "for": 30.0, "panel": True})
    fault, building = estate.truth.faults["f1"], estate.buildings[0]
    room = building.detectors["b1/smoke-1"].room
    before = 0.0
    while fault.onset is None:
        before = room.at_detector.obscuration
        estate.step()
    assert before < 0.05 <= room.at_detector.obscuration
    assert fault.onset > fault.injected + 10
    play(estate, lambda: building.detectors["b1/smoke-1"].alarm)
    assert estate.now < fault.onset + 10
    estate.step()
    assert building.board.levels[19] is False, "the relay closes to ground"
    assert building.board.levels[17] is False, "the panel's output closes the gate's fire input"
    assert building.board.volts[0, 0] > 1.0


def test_an_open_circuit_reads_nothing_and_a_full_scale_is_no_fault():
    estate = an_estate(
        {"at": 5.0, "kind": "detector-fault", "equipment": "b1/smoke-1", "for": 10.0, "circuit": "open"},
        {"at": 40.0, "kind": "smoke", "equipment": "b1/smoke-1", "for": 120.0, "growth": "ultra-fast"},
    )
    fault, board = estate.truth.faults["f1"], estate.buildings[0].board
    play(estate, lambda: fault.onset is not None and estate.now > fault.onset + 1)
    assert board.volts[0, 0] == 0.0
    highest = 0.0
    while estate.now < 150:
        estate.step()
        highest = max(highest, board.volts[0, 0])
    assert 3.0 < highest < 3.2


def test_forced_and_held_doors_differ_in_the_grant_before():
    for kind, permitted in (("forced-door", False), ("held-open-door", True)):
        estate = an_estate({"at": 5.0, "kind": kind, "equipment": "b1/gate-1", "for": 40.0}, background=True)
        fault, gate = estate.truth.faults["f1"], estate.buildings[0].gates["b1/gate-1"]
        play(estate, lambda fault=fault: fault.onset is not None)
        assert gate.open
        assert (estate.now - gate.last_allowed < 7) is permitted


def test_the_same_seed_gives_the_same_truth_and_the_same_pins_and_another_seed_gives_others():
    faults = [
        {"at": 20.0, "kind": "entrapment", "equipment": "b1/lift-1", "for": 20.0},
        {"at": 30.0, "kind": "smoke", "equipment": "b1/smoke-1", "for": 20.0},
        {"at": 40.0, "kind": "contact-chatter", "equipment": "b1/gate-1", "for": 20.0},
    ]

    def outcome(seed):
        out = io.StringIO()
        estate = an_estate(*faults, seed=seed, duration=240.0, background=True, out=out)
        play(estate)
        return out.getvalue(), estate.buildings[0].board.trace

    first, again, other = outcome(7), outcome(7), outcome(8)
    assert first == again
    assert len(first[1]) > 1000
    assert any(what[1] == "card" for what in first[1])
    assert first[1] != other[1]
    assert first[0].splitlines()[1:] != other[0].splitlines()[1:]


def test_a_day_in_the_life_raises_nothing_that_physics_would_call_a_hazard():
    """An hour of the morning without faults: doors open only after a grant, and close; cars move with doors closed."""
    estate = an_estate(duration=1800.0, background=True)
    building = estate.buildings[0]
    gate = building.gates["b1/gate-1"]
    opened_at, rides, was_open = None, 0, False
    while not estate.over:
        estate.step()
        if gate.open and not was_open:
            assert estate.now - gate.last_allowed < 7
            opened_at = estate.now
        if gate.open:
            assert estate.now - opened_at < 25
        was_open = gate.open
        for lift in building.lifts.values():
            assert lift.car.speed == 0 or lift.car.doors.closed
            assert lift.fault == 0
            rides += len(lift.aboard) > 0
        assert not building.detectors["b1/smoke-1"].alarm
    assert rides > 100, "people did ride"


def test_ground_truth_is_read_back_as_it_was_written():
    out = io.StringIO()
    estate = an_estate({"at": 5.0, "kind": "manual-call-point", "equipment": "b1/smoke-1", "for": 5.0}, out=out)
    play(estate, lambda: estate.now > 20)
    lines = out.getvalue().splitlines()
    assert json.loads(lines[0])["seed"] == 7
    assert parse_truth(lines).faults == estate.truth.faults
    with pytest.raises(ScenarioError, match="line 2"):
        parse_truth([lines[0], "{"])
    with pytest.raises(ScenarioError, match="empty"):
        parse_truth([])


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"kind": "entrapment", "equipment": "b1/lift-9"}, "no node of the scenario has 'b1/lift-9'"),
        ({"kind": "entrapment", "equipment": "b1/gate-1"}, 'Example: equipment = "b1/lift-1"'),
        ({"kind": "overspeed", "equipment": "b1/lift-2"}, "kind lift with controller"),
        ({"kind": "held-open-door", "equipment": "b1/gate-1", "for": 10.0}, "at least 32 seconds"),
    ],
)
def test_a_fault_that_nobody_could_see_is_refused_with_what_would_do(fault, said):
    with pytest.raises(ScenarioError, match=r"faults\[0\]") as refused:
        an_estate({"at": 1.0, **fault})
    assert said in str(refused.value)


def test_a_building_stands_on_a_virtual_board_too():
    board = VirtualBoard()
    estate = an_estate({"at": 1.0, "kind": "forced-door", "equipment": "b1/gate-1", "for": 5.0}, board=board)
    fault = estate.truth.faults["f1"]
    assert board.level(4) is False
    play(estate, lambda: fault.onset is not None)
    estate.step()
    # The contact is open: the agent's pull-up would decide. No agent is there, so the board's own pull does.
    assert board.lines[4].external is None
