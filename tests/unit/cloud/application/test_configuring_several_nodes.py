"""One change to several nodes: chosen, checked each before any is written, issued once to each, and followed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from cloud.adapters.estate_file.node_text import YamlDocument
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.configure_nodes import MOST, Choice, ConfigureNodes, Progress
from cloud.application.fleet.follow_node import FollowNode
from cloud.application.fleet.tell_nodes import TellNodes
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.duties.register import EquipmentKind, NodeEntry
from cloud.domain.fleet.node import Node
from cloud.errors import Conflict, Invalid, NotFound
from schemas.commands import ConfigurationReceipt
from schemas.topics import NodeAddress
from tests.fakes.estate import ESTATE, HOME

SIREN = {"id": "siren", "purpose": "siren", "pin": 21, "fail_safe": "off"}
DELAY = "rules: [{rule: held-open, set: {on_delay_s: 90}}]"
ENGINEER = Member("engineer", "property", Names("运维", "Engineer"), Role.OPERATOR)


def door(house: str) -> dict:
    return {"id": f"{house}/door", "kind": "access_gate", "contact": {"pin": 4}}


class Office:
    def __init__(self, scene):
        self.units, self.clock = scene.units, scene.clock
        self.one = ConfigureNode(scene.units, scene.clock)
        self.several = ConfigureNodes(scene.units, self.one, YamlDocument)
        for house in ("b1", "b2"):
            self.one.put(ESTATE, f"{house}-node", {"equipment": [door(house)]}, None)

    def change(self, text):
        return self.several.read(text)

    def check(self, text, *nodes):
        return self.several.check(ESTATE, self.change(text), nodes or ("b1-node", "b2-node"), None)

    def push(self, text, nodes=("b1-node", "b2-node"), *, rollout="rollout-0001", member=ENGINEER, **seen):
        wanted = {node: seen.get(node[:2]) for node in nodes}
        return self.several.push(ESTATE, self.change(text), wanted, member, rollout=rollout, reason="quieter")

    def versions(self, node):
        with self.units.reading() as uow:
            return [one.version for one in uow.configurations.of(ESTATE, node)]

    def document(self, node):
        with self.units.reading() as uow:
            return json.loads(uow.configurations.latest(ESTATE, node).body)

    def is_heard(self, node, online=True):
        with self.units.writing() as uow:
            known = uow.nodes.get(ESTATE, node) or Node(ESTATE, node, agent_version="1.4")
            known.online = online
            uow.nodes.save(known)
            uow.commit()

    def answers(self, node, version, outcome, detail=""):
        receipt = ConfigurationReceipt(configuration_version=version, outcome=outcome, detail=detail)
        FollowNode(self.units, self.clock).receipt(NodeAddress(ESTATE, node), receipt)


@pytest.fixture
def office(scene):
    return Office(scene)


def delay_of(document):
    return [rule["on_delay_s"] for rule in document.get("rules", ()) if rule["hazard"] == "access.held-open"]


def test_one_change_becomes_one_version_at_each_with_the_rules_that_were_default_ones(office):
    done = office.push(DELAY)
    assert [(one.node.id, one.version) for one in done.nodes] == [("b1-node", 2), ("b2-node", 2)]
    assert [delay_of(office.document(node)) for node in ("b1-node", "b2-node")] == [[90], [90]]
    assert (done.rollout.by, done.rollout.reason, done.rollout.nodes) == ("member:engineer", "quieter", 2)


def test_all_rules_of_a_hazard_or_those_of_a_name_are_meant(office):
    office.push("rules: [{hazard: access.held-open, set: {off_delay_s: 7}}]")
    changed = office.document("b1-node")["rules"]
    assert len(changed) > 1
    assert {(rule["hazard"], rule["off_delay_s"]) for rule in changed} == {("access.held-open", 7.0)}
    both = "rules: [{hazard: access.forced-open, rule: held-open, set: {off_delay_s: 9}}]"
    assert all(one.same for one in office.check(both)), "no rule has both"


def test_what_is_merged_replaces_a_section_and_leaves_each_node_its_own_equipment(office):
    office.push(f"document: {{outputs: [{json.dumps(SIREN)}]}}")
    for house in ("b1", "b2"):
        document = office.document(f"{house}-node")
        assert [one["id"] for one in document["outputs"]] == ["siren"]
        assert [one["id"] for one in document["equipment"]] == [f"{house}/door"]


def test_before_anything_is_written_each_is_checked_with_what_would_differ(office):
    for one in office.check(DELAY):
        assert not one.faults
        assert any(line.kind == "added" and "90" in line.text for line in one.lines)
    assert office.versions("b1-node") == office.versions("b2-node") == [1]


def test_where_one_has_a_fault_all_are_named_and_none_is_written(office):
    clash = {**SIREN, "pin": 5}
    office.one.put(ESTATE, "b2-node", {"equipment": [{**door("b2"), "contact": {"pin": 5}}]}, None)
    text = f"document: {{outputs: [{json.dumps(clash)}]}}"
    first, second = office.check(text)
    assert (first.node.id, second.node.id, list(second.faults)) == ("b2-node", "b1-node", [])
    assert "GPIO 5" in first.faults[0]
    with pytest.raises(Invalid) as refused:
        office.push(text)
    assert [problem.partition(":")[0] for problem in refused.value.problems] == ["b2-node"]
    assert office.versions("b1-node") == [1]
    office.push(text, ("b1-node",))
    assert office.versions("b1-node") == [2, 1], "it is left out"


def test_one_of_which_nothing_is_known_is_a_fault_and_not_a_guess(office, scene):
    with scene.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        fresh = NodeEntry("b3-node", f"{HOME}/b1", Names("新", "New"))
        uow.registers.store(replace(register, nodes={**register.nodes, "b3-node": fresh}), "more")
        uow.commit()
    first, *_ = office.check(DELAY, "b1-node", "b3-node")
    assert (first.node.id, "is not known here yet" in first.faults[0]) == ("b3-node", True)


def test_the_same_rollout_again_changes_nothing_twice_whatever_came_of_it(office):
    office.push(DELAY)
    office.answers("b1-node", 2, "refused", "no such pin")
    office.one.put(ESTATE, "b2-node", {"equipment": [door("b2")]}, None)
    again = office.push(DELAY)
    assert (office.versions("b1-node"), office.versions("b2-node")) == ([2, 1], [3, 2, 1])
    assert {one.node.id: one.progress for one in again.nodes} == {
        "b1-node": Progress.REFUSED, "b2-node": Progress.SUPERSEDED
    }  # fmt: skip


def test_a_rollout_that_ended_half_way_goes_on_where_it_ended(office):
    office.push(DELAY, ("b1-node",), b1=1)
    done = office.push(DELAY, b1=1, b2=1)
    assert [one.version for one in done.nodes] == [2, 2]
    assert office.versions("b1-node") == [2, 1]


def test_under_another_rollout_who_says_the_same_already_is_issued_nothing(office):
    office.push(DELAY, ("b1-node",))
    done = office.push(DELAY, rollout="rollout-0002")
    assert [one.node.id for one in done.nodes] == ["b2-node"]
    assert office.versions("b1-node") == [2, 1]


def test_a_rollout_of_somebody_else_is_not_gone_on_with(office):
    office.push(DELAY, ("b1-node",))
    with pytest.raises(Conflict):
        office.push(DELAY, member=None)
    assert office.versions("b2-node") == [1]


def test_one_that_changed_since_it_was_looked_at_is_a_fault(office):
    office.one.put(ESTATE, "b2-node", {"equipment": [door("b2")], "outputs": [SIREN]}, None)
    with pytest.raises(Invalid) as refused:
        office.push(DELAY, b1=1, b2=1)
    assert "b2-node: it is at version 2, not at 1" in str(refused.value)
    assert office.versions("b1-node") == [1]


def test_who_was_faster_between_the_check_and_the_writing_is_told_and_the_others_are_written(office, monkeypatch):
    """The one moment that no check sees: each node is a unit of work of its own."""
    plain = office.one.change

    def overtaken(estate, node, *given, **more):
        if node == "b1-node":
            office.one.put(ESTATE, node, {"equipment": [door("b1")], "outputs": [SIREN]}, None)
        return plain(estate, node, *given, **more)

    monkeypatch.setattr(office.one, "change", overtaken)
    done = office.push(DELAY)
    assert [one.node.id for one in done.nodes] == ["b2-node"]
    assert "is at version 2; you saw 1" in done.unwritten["b1-node"][0]


def test_which_have_applied_refused_and_were_not_heard_is_followed_the_worst_first(office):
    office.is_heard("b1-node")
    office.is_heard("b2-node", online=False)
    office.push(DELAY)

    def followed():
        return [(one.node.id, str(one.progress)) for one in office.several.follow(ESTATE, "rollout-0001", None).nodes]

    assert followed() == [("b2-node", "away"), ("b1-node", "sent")]
    assert TellNodes(office.units, office.clock, lambda *_: True)() is not None
    office.answers("b1-node", 2, "applied")
    office.answers("b2-node", 2, "refused", "no such pin")
    assert followed() == [("b2-node", "refused"), ("b1-node", "applied")]
    done = office.several.follow(ESTATE, "rollout-0001", None)
    assert done.counts == {Progress.REFUSED: 1, Progress.APPLIED: 1}
    assert done.nodes[0].detail == "no such pin"
    assert [one.id for one in office.several.rollouts(ESTATE, None)] == ["rollout-0001"]


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        (Choice(), ["b1-node", "b2-node"]),
        (Choice(place=f"{HOME}/b2"), ["b2-node"]),
        (Choice(kind=EquipmentKind.LIFT), ["b1-node"]),
        (Choice(kind=EquipmentKind.ACCESS_GATE), ["b1-node", "b2-node"]),
        (Choice(agent="1.4"), ["b1-node"]),
        (Choice(version=7), []),
    ],
)
def test_nodes_are_chosen_by_building_by_kind_and_by_what_they_run(office, choice, found):
    office.is_heard("b1-node")
    assert [one.id for one in office.several.candidates(ESTATE, None, choice)] == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{}", "it changes nothing"),
        ("document: {version: 4, equipment: []}", "version is each node's own"),
        ("rules: [{hazard: fire.nonsense, set: {enabled: false}}]", "there is no hazard 'fire.nonsense'"),
        ("rules: [{hazard: access.held-open}]", "write the hazard or the rule's name"),
        ("rules: [{hazard: access.held-open, set: {id: x}}]", "id says which rule it is"),
        ("document: [1]", "write keys and values"),
        ("outputs: []", "'outputs': a change has the keys document and rules"),
    ],
)
def test_a_change_that_cannot_be_is_refused_in_both_languages(office, text, said):
    with pytest.raises(Invalid) as refused:
        office.change(text)
    assert any(said in problem for problem in refused.value.problems)
    assert all(problem.zh != problem for problem in refused.value.problems)


def test_where_all_say_the_same_already_that_is_said_and_no_rollout_is_made(office):
    office.push(DELAY)
    with pytest.raises(Conflict, match="say the same already"):
        office.push(DELAY, rollout="rollout-0002")
    assert [one.id for one in office.several.rollouts(ESTATE, None)] == ["rollout-0001"]


def test_none_and_too_many_and_strangers_are_refused(office):
    with pytest.raises(Invalid, match="no node is chosen"):
        office.push(DELAY, ())
    with pytest.raises(NotFound, match="There is no node 'n0'"):
        office.push(DELAY, ("n0",))
    with office.units.writing() as uow:
        register = uow.registers.find(ESTATE)
        many = {f"n{n}": NodeEntry(f"n{n}", f"{HOME}/b1", Names("新", "New")) for n in range(MOST + 1)}
        uow.registers.store(replace(register, nodes={**register.nodes, **many}), "many")
        uow.commit()
    with pytest.raises(Invalid, match=f"{MOST + 1} nodes are chosen; at most {MOST}"):
        office.push(DELAY, tuple(many))
