"""Whatever the node-document editor refuses is Chinese for Chinese readers: each kind of fault is provoked, none stays English."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

import schemas
from cloud.adapters.estate_file.node_text import YamlDocument
from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.fleet.configure_node import MAX_REASON, ConfigureNode, faults_named
from cloud.application.fleet.edit_document import EditDocument
from cloud.application.fleet.rule_questions import proposal, tuned
from cloud.domain.community.document_texts import DOCUMENT_TEXTS
from cloud.domain.community.faults import Fault
from cloud.domain.community.value_faults import UNKNOWN
from cloud.errors import Invalid
from schemas.alarm_rules import AlarmRule
from schemas.node_config import NodeConfig
from tests.fakes.clocks import RecordingAnnouncer
from tests.fakes.estate import ESTATE
from tests.fakes.refusals import faults_of
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

SENTENCE = re.compile(r"[A-Za-z]{2,}(?: [a-z]{2,}){2,}")
"""Three words in a row, none of them a key, a value or a name."""

WHOLE: dict[str, Any] = {
    "equipment": [
        {
            "id": "b1/gate-1", "kind": "access_gate", "contact": {"pin": 4, "active": "low", "pull": "up", "debounce_ms": 50},
            "reader": {"d0": 5, "d1": 6, "bits": 26}, "credentials": ["0123456789abcdef"], "unlock_s": 5.0,
            "lock": {"pin": 12, "fail_safe": "on"},
        },
        {
            "id": "b1/smoke-1", "kind": "smoke_detector", "alarm_relay": {"pin": 17},
            "obscuration": {"channel": 0, "device": 0, "at_zero": 0.0, "at_full": 0.2, "fault_below_v": 0.1},
            "sampling": {"period_s": 1.0, "max_silence_s": 60.0, "deadbands": {"obscuration-per-metre": 0.01}},
        },
        {
            "id": "b1/lift-1", "kind": "lift", "rated_speed_m_s": 1.75,
            "controller": {"host": "192.0.2.7", "port": 502, "unit": 1, "timeout_s": 1.0, "registers": {"speed": 3}},
        },
    ],
    "rules": [
        {
            "id": "b1/lift-1/mine", "equipment": "b1/lift-1", "hazard": "lift.overspeed", "severity": "major",
            "on_delay_s": 1.0, "enabled": True,
            "when": {"kind": "all", "for_s": 1.0, "of": [
                {"kind": "limit", "point": "speed-ratio", "above": 1.2, "deadband": 0.1},
                {"kind": "any", "of": [{"kind": "rate", "point": "speed", "rise": 1.0, "window_s": 5.0}]},
                {"kind": "not", "of": {"kind": "state", "point": "door-open", "equals": True}},
                {"kind": "count", "point": "door-open", "at_least": 3, "window_s": 60.0},
                {"kind": "absence", "point": "speed", "for_s": 60.0},
            ]},
        }
    ],
    "default_rules_for": ["b1/lift-1"],
    "outputs": [
        {"id": "siren", "purpose": "siren", "pin": 20, "fail_safe": "off"},
        {"id": "gate", "purpose": "gate_release", "pin": 21, "fail_safe": "on"},
    ],
    "reflexes": [
        {"id": "ring", "when": [{"equipment": "b1/lift-1", "hazard": "lift.entrapment"}], "outputs": ["siren"], "hold_s": 1.0},
        {"id": "free", "when": [{"equipment": "b1/gate-1", "point": "open", "equals": True}], "outputs": ["gate"]},
    ],
}  # fmt: skip
STRANGE = (None, True, -1, 10**30, 2.5, "x", "", "Not A Name " * 12, [], ["a"], {}, {"colour": "red"})
LIFT = {"id": "b1/lift-1", "kind": "lift", "controller": {"host": "192.0.2.7"}}
GATE = {"id": "b1/gate-1", "kind": "access_gate", "contact": {"pin": 4}}
SMOKE = {"id": "b1/smoke-1", "kind": "smoke_detector", "alarm_relay": {"pin": 17}}
ANALOG = {"channel": 0, "at_full": 0.2}
SIREN = {"id": "siren", "purpose": "siren", "pin": 20, "fail_safe": "off"}
RULE = {"id": "b1/lift-1/mine", "equipment": "b1/lift-1", "hazard": "lift.overspeed"}
RING = {"id": "ring", "outputs": ["siren"]}

MISFITS: Mapping[str, Mapping[str, Any]] = {
    "gate-must-be-free": {"outputs": [{**SIREN, "purpose": "gate_release"}]},
    "trigger-of-one-cause": {"reflexes": [{**RING, "when": [{"point": "open", "hazard": "fire.smoke"}]}]},
    "trigger-of-equipment": {"reflexes": [{**RING, "when": [{"hazard": "fire.smoke"}]}]},
    "output-not-here": {"reflexes": [{**RING, "when": [{"cloud": "silent"}]}]},
    "equipment-not-here": {"rules": [{**RULE, "equipment": "b9/lift-1", "when": {"point": "speed", "kind": "state"}}]},
    "point-unknown": {"rules": [{**RULE, "when": {"kind": "state", "point": "speeed"}}]},
    "hazard-never-raised": {
        "outputs": [SIREN],
        "default_rules_for": [],
        "reflexes": [{**RING, "when": [{"equipment": "b1/lift-1", "hazard": "fire.smoke"}]}],
    },
    "channel-twice": {"equipment": [{**SMOKE, "obscuration": ANALOG, "temperature": ANALOG}]},
    "line-twice": {"equipment": [GATE, LIFT], "outputs": [{**SIREN, "pin": 4}]},
    "line-of-spi": {"equipment": [{**SMOKE, "obscuration": ANALOG, "alarm_relay": {"pin": 8}}]},
    "id-twice": {"outputs": [SIREN, {**SIREN, "pin": 21}]},
    "no-span": {"equipment": [{**SMOKE, "obscuration": {"channel": 0, "at_zero": 1, "at_full": 1}}]},
    "detector-without-input": {"equipment": [{"id": "b1/smoke-1", "kind": "smoke_detector"}]},
    "lift-without-source": {"equipment": [{"id": "b1/lift-1", "kind": "lift"}]},
    "limit-of-one-side": {"rules": [{**RULE, "when": {"kind": "limit", "point": "speed"}}]},
    "rate-of-one-direction": {"rules": [{**RULE, "when": {"kind": "rate", "point": "speed", "window_s": 5}}]},
}


@pytest.fixture(scope="module")
def edit(tmp_path_factory) -> Iterator[EditDocument]:
    engine = fresh_state(tmp_path_factory.mktemp("faults") / "state.db")
    scene = Scene(SqlUnitsOfWork(engine, RecordingAnnouncer()))
    yield EditDocument(scene.units, ConfigureNode(scene.units, scene.clock), YamlDocument)
    engine.dispose()


def problems(edit: EditDocument, text: str) -> list[Fault]:
    """None, where the text is taken."""
    try:
        edit.check(ESTATE, "b1-node", text, None)
    except Invalid as refusal:
        return faults_of(refusal)
    return []


def refused_by_schema(document: Mapping[str, Any]) -> list[Fault]:
    try:
        NodeConfig.model_validate(document)
    except ValidationError as error:
        return faults_named(error)
    return []


def assert_chinese(found: list[Fault]) -> None:
    for one in found:
        assert not SENTENCE.search(one.of("zh")), one.of("zh")
        assert not one.of("zh").endswith(UNKNOWN), (one, "has a code of pydantic that nobody has put into Chinese")
        assert re.search("[\u4e00-\u9fff]", one.of("zh")), one.of("zh")


def ways(value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if way:
        yield way
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from ways(part, (*way, key))


def with_value(way: tuple[str | int, ...], value: Any, *, gone: bool = False) -> dict[str, Any]:
    changed = deepcopy(WHOLE)
    *path, last = way
    part: Any = changed
    for key in path:
        part = part[key]
    if gone:
        del part[last]
    else:
        part[last] = value
    return changed


def test_the_document_that_is_spoilt_is_sound_but_for_the_register(edit):
    codes = {one.code for one in problems(edit, yaml.safe_dump(WHOLE))}
    assert codes <= {"equipment-unknown", "wired-elsewhere", "another-kind"}, codes


@pytest.mark.parametrize("way", list(ways(WHOLE)), ids=lambda way: ".".join(map(str, way)))
def test_each_value_that_is_spoilt_is_refused_in_chinese(way):
    spoilt = [*(with_value(way, value) for value in STRANGE), with_value(way, None, gone=True)]
    found = [fault for document in spoilt for fault in refused_by_schema(document)]
    assert found, "whatever stands there is taken"
    assert_chinese(found)


@pytest.mark.parametrize("code", sorted(DOCUMENT_TEXTS))
def test_what_schemas_refuse_themselves_is_refused_in_chinese(edit, code):
    found = problems(edit, json.dumps({"equipment": [LIFT], **MISFITS[code]}))
    assert code in {one.code for one in found}, found
    assert_chinese(found)
    assert not any("{" in one and "= {" not in one for one in found), found


def test_nothing_that_schemas_refuse_is_left_out():
    source = "".join(path.read_text("utf-8") for path in Path(schemas.__file__).parent.glob("*.py"))
    assert set(re.findall(r'misfit\(\s*"([a-z-]+)"', source)) == DOCUMENT_TEXTS.keys() == MISFITS.keys()
    for name in ("node_config", "equipment", "alarm_rules", "conditions"):
        own = (Path(schemas.__file__).parent / f"{name}.py").read_text("utf-8")
        assert "raise ValueError" not in own, f"{name} refuses a document with a sentence that has no code"


@pytest.mark.parametrize(
    "text",
    [
        "", "- 1", "just words", "a: &x 1\nb: *x", "{" * 500, "a: 2026-13-45", "\x00", "a: [", "a: b: c", "\t- a", "a: 'b",
        "a: 1\na: 2\n", "a: !!python/object:os.system x", "equipment: []", "a: " + "9" * 90, "%YAML 9\n---\na: 1", "? [a]\n: 1",
        "a: 1\n---\nb: 2",
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused_in_chinese(edit, text):
    found = problems(edit, text)
    assert found
    assert_chinese(found)


def test_what_the_register_contradicts_what_is_too_large_and_what_is_too_long_is_refused_in_chinese(edit):
    elsewhere = [{**LIFT, "id": "b9/lift-9"}, {**GATE, "id": "b1/lift-1"}]
    found = problems(edit, yaml.safe_dump({"equipment": elsewhere}))
    many = [{**LIFT, "id": f"b1/lift-{number}-{'x' * 80}"} for number in range(2000)]
    with pytest.raises(Invalid) as refused:
        edit.issue(ESTATE, "b1-node", yaml.safe_dump({"equipment": [LIFT]}), None, reason="x" * (MAX_REASON + 1))
    assert {"document-reason"} == {one.code for one in refused.value.problems}
    found += [*refused.value.problems, *problems(edit, yaml.safe_dump({"equipment": many}))]
    assert_chinese(found)


def test_a_rule_that_is_tuned_is_refused_in_chinese():
    rule = AlarmRule.model_validate(
        {**RULE, "when": {"kind": "count", "point": "speed", "at_least": 3, "window_s": 5.0}}
    )
    found: list[str] = []
    for figures in ({"id": 2.0}, {"when.at_least": 2.5}, {"when.window_s": float("inf")}):
        with pytest.raises(Invalid) as refused:
            tuned(rule, figures)
        found += refused.value.problems
    for changes in ({"on_delay_s": -1.0}, {"hazard": "x"}, {"severity": "worse"}, {"when": {"kind": "x"}}):
        with pytest.raises(Invalid) as refused:
            proposal(rule, changes)
        found += refused.value.problems
    assert all(isinstance(one, Fault) for one in found)
    assert_chinese(found)
