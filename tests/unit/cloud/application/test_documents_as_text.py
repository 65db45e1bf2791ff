"""A node's document as a text: errors name line and remedy, a difference is shown first, and one use case issues it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.adapters.estate_file.node_text import YamlDocument
from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.edit_document import EditDocument
from cloud.domain.fleet.document_difference import differences
from cloud.errors import Conflict, Invalid, NotFound
from tests.fakes.clocks import RecordingAnnouncer
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene
from tests.fakes.state import fresh_state

GOOD = """\
equipment:
- id: b1/lift-1
  kind: lift
  controller:
    host: 192.0.2.7
rules:
- id: b1/lift-1/overspeed
  equipment: b1/lift-1
  hazard: lift.overspeed
  when: {kind: limit, point: speed-ratio, above: 1.2}
"""


@pytest.fixture
def scene(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield Scene(SqlUnitsOfWork(engine, RecordingAnnouncer()))
    engine.dispose()


@pytest.fixture
def edit(scene) -> EditDocument:
    return EditDocument(scene.units, ConfigureNode(scene.units, scene.clock), YamlDocument)


def problems(edit: EditDocument, text: str) -> tuple[str, ...]:
    with pytest.raises(Invalid) as refused:
        edit.check(ESTATE, "b1-node", text, None)
    return refused.value.problems


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("above: 1.2", "above: fast", "line 10: rules.0.when.limit.above: Input should be a valid number"),
        ("  hazard: lift.overspeed\n", "", "line 7: rules.0.hazard: Field required; add it"),
        ("  kind: lift\n", "  kind: lift\n  colour: red\n", "line 4: equipment.0.lift.colour: nobody knows this key; correct"),
        ("point: speed-ratio", "point: speeed", "line 7: document: rule b1/lift-1/overspeed asks of point 'speeed'"),
        ("id: b1/lift-1\n", "id: b9/lift-1\n", "line 7: document: rule b1/lift-1/overspeed names equipment"),
        ("    host: 192", "   host 192", "line 5:"),
        ("  kind: lift\n", "  kind: lift\n  kind: lift\n", "line 4: kind stands here and in line 3; take one of them out"),
    ],
)  # fmt: skip
def test_an_error_names_the_line_and_what_to_do(edit, old, new, said):
    assert old in GOOD
    found = problems(edit, GOOD.replace(old, new))
    assert any(one.startswith(said) for one in found), found


def test_what_the_register_does_not_know_is_found_by_its_id(edit):
    text = "equipment:\n- id: b1/lift-9\n  kind: lift\n  controller: {host: 192.0.2.7}\n"
    assert problems(edit, text)[0].startswith("line 2: equipment b1/lift-9 stands in no register")


@pytest.mark.parametrize("text", ["", "- 1", "just words", "a: &x 1\nb: *x", "{" * 5000, "a: 2026-13-45", "\x00"])
def test_what_is_no_document_is_refused_and_nothing_else_happens(edit, text):
    assert problems(edit, text)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused_by_name(text):
    refused = None
    try:
        found = YamlDocument().read(text)
    except Invalid as error:
        refused = error
    assert refused.problems if refused else isinstance(found, dict)


def test_what_is_written_reads_back_the_same(edit, scene):
    edit.issue(ESTATE, "b1-node", GOOD, scene.identity("engineer").member)
    shown = edit.text(ESTATE, "b1-node", None)
    assert shown.seen == 1
    assert edit.check(ESTATE, "b1-node", shown.text, None).lines == []


def test_json_is_taken_as_well(edit, scene):
    document = YamlDocument().read(GOOD)
    edit.issue(ESTATE, "b1-node", json.dumps(document), scene.identity("engineer").member)
    with scene.units.reading() as uow:
        assert uow.configurations.latest(ESTATE, "b1-node").document.rules[0].when.above == 1.2


def test_before_anything_is_known_the_register_gives_a_beginning(edit):
    shown = edit.text(ESTATE, "b1-node", None)
    assert shown.seen == 0
    assert "- id: b1/lift-1\n  kind: lift" in shown.text
    checked = edit.check(ESTATE, "b1-node", GOOD, None)
    assert (checked.against, {one.kind for one in checked.lines}) == (None, {"added"})


def test_the_difference_is_told_line_by_line_against_the_latest(edit, scene):
    edit.issue(ESTATE, "b1-node", GOOD, scene.identity("engineer").member)
    checked = edit.check(ESTATE, "b1-node", GOOD.replace("1.2", "1.3"), None)
    changed = [(one.kind, one.text.strip()) for one in checked.lines if one.kind in {"added", "removed"}]
    assert changed == [("removed", "above: 1.2"), ("added", "above: 1.3")]
    assert (checked.against, checked.runs) == (1, False)


def test_who_saw_an_older_version_does_not_overwrite_a_newer_one(edit, scene):
    member = scene.identity("engineer").member
    edit.issue(ESTATE, "b1-node", GOOD, member, seen=0)
    with pytest.raises(Conflict):
        edit.issue(ESTATE, "b1-node", GOOD.replace("1.2", "1.3"), member, seen=0)


def test_nodes_and_versions_that_are_not_there(edit):
    with pytest.raises(NotFound):
        edit.text(ESTATE, "b9-node", None)
    with pytest.raises(NotFound):
        edit.text(ESTATE, "b1-node", None, version=3)


lines = st.lists(st.sampled_from("abc"), max_size=12)


@given(lines, lines)
def test_a_difference_says_what_both_texts_are(before, after):
    found = differences("\n".join(before), "\n".join(after))
    gone = [one.before - 1 for one in found if one.kind == "removed"]
    come = [one.after - 1 for one in found if one.kind == "added"]
    assert [one for n, one in enumerate(before) if n not in gone] == [
        one for n, one in enumerate(after) if n not in come
    ]
    for one in found:
        assert one.before is None or before[one.before - 1] == one.text
        assert one.after is None or after[one.after - 1] == one.text
