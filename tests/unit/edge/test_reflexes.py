"""What a node does by itself: at once, without a network, and across restarts."""

import pytest

from edge.domain.fail_safe import fail_safe_statement
from edge.errors import BoardError
from schemas.events import ReflexActed
from tests.fakes.edge_bench import Bench, WiredPin
from tests.unit.edge.equipment import GATE, SMOKE, detector, gate

SIREN = {"id": "siren", "purpose": "siren", "pin": 24, "fail_safe": "off"}
RELEASE = {"id": "gate-release", "purpose": "gate_release", "pin": 26, "active": "low", "fail_safe": "on"}
SOUND = {"id": "sound", "when": [{"equipment": SMOKE, "hazard": "fire.smoke"}], "outputs": ["siren"], "hold_s": 60}
FREE = {"id": "free", "when": [{"equipment": GATE, "point": "fire-input"}], "outputs": ["gate-release"], "hold_s": 5}
OUTPUTS = {"outputs": [SIREN, RELEASE], "reflexes": [SOUND, FREE]}


def bench(**given) -> Bench:
    return Bench(detector(), gate(), **OUTPUTS, **given)


def test_smoke_sounds_the_siren_in_the_moment_in_which_it_is_accepted():
    with bench().rest().power_on() as node:
        began = node.clock.mono()
        node.set(SMOKE, "alarm_relay")
        node.wait(1)
        assert node.driven == [(pytest.approx(began + 0.05), "siren", True)]
        assert node.level("siren") is True


def test_it_sounds_on_for_a_minute_after_the_last_alarm_cleared():
    with bench().rest().power_on() as node:
        node.set(SMOKE, "alarm_relay")
        node.wait(5)
        node.set(SMOKE, "alarm_relay", False)
        gone = node.clock.mono()
        node.wait(200)
        # 50 ms to accept the contact, 10 s off-delay of the rule, 60 s hold of the reflex.
        assert node.driven[-1] == (pytest.approx(gone + 70.05), "siren", False)


def test_an_alarm_that_comes_back_within_the_hold_keeps_it_on():
    with bench().rest().power_on() as node:
        for _ in range(3):
            node.set(SMOKE, "alarm_relay")
            node.wait(5)
            node.set(SMOKE, "alarm_relay", False)
            node.wait(40)
        assert [on for _, _, on in node.driven] == [True]


def test_the_fire_input_frees_the_gate_and_holds_it_free_five_seconds_longer():
    with bench().rest().power_on() as node:
        assert node.level("gate-release") is True, "off is high here: the relay holds the lock"
        node.set(GATE, "fire_input")
        node.wait(0.06)
        assert node.level("gate-release") is False
        node.set(GATE, "fire_input", False)
        node.wait(5.0)
        assert node.level("gate-release") is False
        node.wait(0.1)
        assert node.level("gate-release") is True


def test_a_release_commanded_by_a_reflex_is_watched_like_the_panels_own():
    config = OUTPUTS | {"reflexes": [FREE | {"when": [{"equipment": SMOKE, "hazard": "fire.smoke"}]}]}
    with Bench(detector(), gate(), **config).rest().power_on() as node:
        node.set(SMOKE, "alarm_relay")
        node.wait(3)
        assert [hazard for hazard, _ in node.raised] == ["fire.smoke", "access.release-failed"]


def test_a_release_that_stood_before_a_restart_stands_after_it():
    config = OUTPUTS | {"reflexes": [FREE | {"when": [{"equipment": SMOKE, "hazard": "fire.smoke"}]}]}
    with Bench(detector(), gate(), **config).rest(alarm_relay=True, lock_released=True).power_on() as node:
        assert node.values(f"{GATE}/release-commanded")[-1] is True
    again = Bench(detector(), gate(), **config, clock=node.clock, outbox=node.outbox, factory=node.factory)
    with again.power_on():
        assert again.level("gate-release") is False
        assert again.values(f"{GATE}/release-commanded")[-1] is True
        again.set(GATE, "lock_released", False)
        again.wait(3)
        assert "access.release-failed" in again.standing


def test_what_fired_and_why_is_an_event_after_its_cause():
    with bench().rest().power_on() as node:
        node.set(SMOKE, "alarm_relay")
        node.wait(1)
        kinds = [event.kind for event in node.events]
        assert kinds == ["alarm.raised", "reflex.fired"]
        (acted,) = [event for event in node.events if isinstance(event, ReflexActed)]
        assert acted.cause == f"fire.smoke at {SMOKE}"


def test_a_full_disk_stops_no_reflex():
    with bench().rest().power_on() as node:
        node.outbox.disk_is_full = True
        node.set(SMOKE, "alarm_relay")
        node.wait(1)
        assert node.level("siren") is True


def test_a_node_that_starts_during_a_fire_never_holds_the_gate_for_a_moment():
    with bench().rest(fire_input=True) as node:
        held = []
        pin = node.factory.pin(26)
        original = pin._change_state

        def watched(value):
            if pin.function == "output":
                held.append(bool(value))
            return original(value)

        pin._change_state = watched
        node.power_on()
        assert held == [False], "low is on: free from the first moment"


def test_a_restart_in_an_alarm_sounds_on_and_raises_nothing_again():
    with bench().rest().power_on() as node:
        node.set(SMOKE, "alarm_relay")
        node.wait(5)
        assert len(node.raised) == 1
    pins = {wired.pin: node.factory.pin(wired.pin) for wired in node.wiring.outputs.values()}
    assert all(pin.function == "input" for pin in pins.values()), "closed lines are inputs: the equipment fails safe"
    with bench(clock=node.clock, outbox=node.outbox, factory=node.factory, alive_at=node.clock.mono()) as again:
        again.power_on()
        assert again.level("siren") is True
        again.wait(30)
        assert len(again.raised) == 1
        assert again.standing == ["fire.smoke"]
        again.set(SMOKE, "alarm_relay", False)
        again.wait(11)
        assert again.standing == []


def test_an_output_says_what_becomes_of_it_without_its_agent():
    with bench().rest() as node:
        said = fail_safe_statement(node.wiring.outputs["gate-release"])
        assert said.startswith("on is low; while the agent is stopped, crashed, restarting or upgraded")
        assert said.endswith("the equipment is on")


def test_a_line_that_somebody_else_holds_is_named():
    with bench().rest().power_on() as node, pytest.raises(BoardError, match=r"GPIO \d+ cannot be opened"):
        bench(factory=node.factory).power_on()


def test_two_agents_in_one_process_share_no_pins():
    with bench().rest().power_on() as one, bench().rest().power_on() as other:
        one.set(SMOKE, "alarm_relay")
        one.wait(1)
        assert one.level("siren") is True
        assert other.level("siren") is False
        assert isinstance(one.factory.pin(24), WiredPin)
