"""A node's configuration holds together, or says which key is wrong, what was expected, and what would do."""

import json

import pytest
from pydantic import ValidationError

from schemas.alarm_rules import AlarmRule
from schemas.conditions import State
from schemas.node_config import NodeConfig

GATE = {"id": "b1/gate-1", "kind": "access_gate", "contact": {"pin": 4}, "fire_input": {"pin": 5}}
DETECTOR = {"id": "b1/smoke-1", "kind": "smoke_detector", "alarm_relay": {"pin": 17}}
ANALOG = {"id": "b1/smoke-2", "kind": "smoke_detector", "obscuration": {"channel": 0, "at_full": 0.2}}
LIFT = {"id": "b1/lift-1", "kind": "lift", "controller": {"host": "192.0.2.7"}}
SIREN = {"id": "siren", "purpose": "siren", "pin": 24, "fail_safe": "off"}
SOUND = {"id": "sound", "outputs": ["siren"], "when": [{"equipment": "b1/smoke-1", "hazard": "fire.smoke"}]}
RULE = {
    "id": "b1/lift-1/late",
    "equipment": "b1/lift-1",
    "hazard": "lift.door-fault",
    "when": {"kind": "state", "point": "door-open"},
}


def config(*equipment, **fields):
    return NodeConfig.model_validate({"equipment": list(equipment or (GATE, DETECTOR, LIFT)), **fields})


def test_a_whole_document_holds_together():
    whole = config(GATE, DETECTOR, LIFT, ANALOG, rules=[RULE], outputs=[SIREN], reflexes=[SOUND], version=3)
    assert whole.reads_analog
    assert not config().reads_analog
    assert NodeConfig.model_validate_json(whole.model_dump_json()) == whole


@pytest.mark.parametrize(
    ("document", "where", "says"),
    [
        ({"equipment": []}, "equipment", "at least 1 item"),
        ({}, "equipment", "required"),
        ({"equipment": [{**GATE, "kind": "gate"}]}, "equipment.0", "'access_gate', 'smoke_detector', 'lift'"),
        ({"equipment": [{**GATE, "contakt": {}}]}, "equipment.0.access_gate.contakt", "not permitted"),
        ({"equipment": [{**GATE, "contact": {"pin": 28}}]}, "equipment.0.access_gate.contact.pin", "equal to 27"),
        ({"equipment": [{**GATE, "contact": {"pin": "four"}}]}, "equipment.0.access_gate.contact.pin", "valid integer"),
        ({"equipment": [{**GATE, "id": "B1 Gate"}]}, "equipment.0.access_gate.id", "pattern"),
        ({"equipment": [GATE], "version": 0}, "version", "greater than or equal to 1"),
        (
            {"equipment": [{"id": "b1/s", "kind": "smoke_detector"}]},
            "equipment.0.smoke_detector",
            "for example alarm_relay = { pin = 17 }",
        ),
        (
            {"equipment": [{"id": "b1/l", "kind": "lift"}]},
            "equipment.0.lift",
            'for example controller = { host = "192.0.2.7" }',
        ),
        (
            {"equipment": [{**ANALOG, "obscuration": {"channel": 0, "at_full": 0}}]},
            "equipment.0.smoke_detector.obscuration",
            "every voltage would mean the same",
        ),
        ({"equipment": [GATE, GATE]}, "", "equipment: the id 'b1/gate-1' stands twice"),
        ({"equipment": [GATE], "outputs": [SIREN, SIREN]}, "", "outputs: the id 'siren' stands twice"),
        ({"equipment": [LIFT], "rules": [RULE, RULE]}, "", "rules: the id 'b1/lift-1/late' stands twice"),
        (
            {"equipment": [GATE], "rules": [RULE]},
            "",
            "rule b1/lift-1/late names equipment 'b1/lift-1'; this node has b1/gate-1",
        ),
        ({"equipment": [GATE], "default_rules_for": ["b1/x"]}, "", "default_rules_for names equipment 'b1/x'"),
        (
            {"equipment": [LIFT], "rules": [{**RULE, "when": {"kind": "state", "point": "dor-open"}}]},
            "",
            "rule b1/lift-1/late asks of point 'dor-open'; the points of lift are alarm-button, at-level",
        ),
        ({"equipment": [DETECTOR], "reflexes": [SOUND]}, "", "reflex sound drives output 'siren'; this node has none"),
        (
            {"equipment": [GATE], "outputs": [SIREN], "reflexes": [SOUND]},
            "",
            "reflex sound names equipment 'b1/smoke-1'; this node has b1/gate-1",
        ),
        (
            {
                "equipment": [DETECTOR],
                "outputs": [SIREN],
                "reflexes": [{**SOUND, "when": [{"equipment": "b1/smoke-1", "hazard": "fire.smok"}]}],
            },
            "",
            "waits for hazard 'fire.smok' of b1/smoke-1; its rules raise fire.co, ",
        ),
        (
            {
                "equipment": [GATE],
                "outputs": [SIREN],
                "reflexes": [{**SOUND, "when": [{"equipment": "b1/gate-1", "point": "fire_input"}]}],
            },
            "reflexes.0.when.0.point",
            "pattern",
        ),
        (
            {
                "equipment": [GATE],
                "outputs": [SIREN],
                "reflexes": [{**SOUND, "when": [{"equipment": "b1/gate-1", "point": "fire-inputs"}]}],
            },
            "",
            "asks of point 'fire-inputs'; the points of access_gate are denied, fire-input",
        ),
        (
            {"equipment": [GATE], "outputs": [SIREN], "reflexes": [{**SOUND, "when": [{"equipment": "b1/gate-1"}]}]},
            "reflexes.0.when.0",
            'for example point = "fire-input"',
        ),
        (
            {
                "equipment": [GATE],
                "outputs": [{"id": "free", "purpose": "gate_release", "pin": 26, "fail_safe": "off"}],
            },
            "outputs.0",
            'must be free without the agent: wire it so, and say fail_safe = "on"',
        ),
        (
            {
                "equipment": [
                    {
                        "kind": "lift",
                        "id": "b1/lift-1",
                        "controller": {"host": "192.0.2.7", "registers": {"speed": 70000}},
                    }
                ]
            },
            "equipment.0.lift.controller.registers.speed",
            "less than or equal to 65535",
        ),
        (
            {"equipment": [GATE, {**DETECTOR, "alarm_relay": {"pin": 4}}]},
            "",
            "GPIO 4 is claimed twice: by b1/gate-1.contact.pin and by b1/smoke-1.alarm_relay.pin",
        ),
        (
            {"equipment": [GATE, {**DETECTOR, "fault_relay": {"pin": 9}}, ANALOG]},
            "",
            "GPIO 9 (b1/smoke-1.fault_relay.pin) belongs to SPI0",
        ),
        (
            {"equipment": [ANALOG, {**ANALOG, "id": "b1/smoke-3"}]},
            "",
            "channel 0 of ADC 0 is claimed twice: by b1/smoke-2.obscuration and by b1/smoke-3.obscuration",
        ),
    ],
)
def test_what_does_not_hold_together_is_refused_by_key_and_reason(document, where, says):
    with pytest.raises(ValidationError) as refused:
        NodeConfig.model_validate(document)
    error = refused.value.errors()[0]
    assert ".".join(map(str, error["loc"])) == where
    assert says in error["msg"]


def test_spi_lines_are_free_where_nothing_analog_is_read():
    assert config({**DETECTOR, "fault_relay": {"pin": 9}})


def test_the_same_channel_of_two_converters_is_two_channels():
    assert config(ANALOG, {**ANALOG, "id": "b1/smoke-3", "obscuration": {"channel": 0, "device": 1, "at_full": 0.2}})


def test_default_rules_are_completed_replaced_and_switched_off():
    ids = {rule.id for rule in config(LIFT).effective_rules()}
    assert "b1/lift-1/entrapment" in ids
    own = config(LIFT, rules=[RULE, {**RULE, "id": "b1/lift-1/door-fault", "enabled": False}]).effective_rules()
    assert {rule.id for rule in own} == ids - {"b1/lift-1/door-fault"} | {"b1/lift-1/late"}
    assert [rule.id for rule in config(LIFT, default_rules_for=[], rules=[RULE]).effective_rules()] == [RULE["id"]]


def test_a_reflex_may_wait_for_a_rule_that_is_switched_off():
    off = {**RULE, "id": "b1/smoke-1/smoke-relay", "equipment": "b1/smoke-1", "hazard": "fire.smoke", "enabled": False}
    off["when"] = {"kind": "state", "point": "alarm"}
    assert config(DETECTOR, default_rules_for=[], rules=[off], outputs=[SIREN], reflexes=[SOUND])


def test_the_longest_equipment_id_has_default_rules_too():
    long = "b1/" + "x" * 93
    assert config({**GATE, "id": long}).effective_rules()


def test_the_digest_is_that_of_the_content_however_it_came():
    document = {"equipment": [GATE], "version": 2}
    again = NodeConfig.model_validate_json(json.dumps(document, indent=4))
    assert config(GATE, version=2).digest() == again.digest()
    assert config(GATE, version=3).digest() != again.digest()
    assert len(again.digest()) == 64


@pytest.mark.parametrize("seconds", [-0.1, 31 * 86400 + 1, float("nan"), float("inf"), "soon"])
def test_a_delay_that_is_no_duration_is_refused(seconds):
    with pytest.raises(ValidationError, match="on_delay_s"):
        AlarmRule(id="r", equipment="e", hazard="fire.smoke", when=State(point="p"), on_delay_s=seconds)


def test_delays_may_be_whole_or_broken_seconds():
    for seconds in (0, 45, 0.5, 31 * 86400):
        rule = AlarmRule(id="r", equipment="e", hazard="fire.smoke", when=State(point="p"), off_delay_s=seconds)
        assert rule.off_delay_s == seconds
