"""What nodes are told: issued, edited, taken back, published, answered - and what a node reports by itself."""

from __future__ import annotations

import json

import pytest

from cloud.application.fleet.command_node import CommandNode
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.follow_node import FollowNode
from cloud.application.fleet.node_questions import NodeQuestions
from cloud.application.fleet.tell_nodes import TellNodes
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.fleet.configuration import Origin, Standing
from cloud.domain.fleet.order import OrderState
from cloud.errors import Conflict, Invalid, NotAllowed, NotFound
from schemas.commands import ConfigurationReceipt, Receipt
from schemas.node_config import NodeConfig
from schemas.presence import Born
from schemas.topics import NodeAddress
from tests.fakes.estate import ESTATE

BOOT = "0197a600-0000-7000-8000-000000000001"
OUTBOX = "0197a600-0000-7000-8000-00000000000a"


class Air:
    """What was published, by topic; `is_down` takes nothing."""

    def __init__(self):
        self.said, self.is_down = [], False

    def publish(self, topic, payload, retained):
        if not self.is_down:
            self.said.append((topic.rpartition("/")[2], json.loads(payload) if payload else None, retained))
        return not self.is_down


class Office:
    def __init__(self, scene):
        self.scene, self.units, self.clock = scene, scene.units, scene.clock
        self.register = register = scene.queries.register(ESTATE, None)
        self.item = next(one for one in register.equipment.values() if one.kind == "lift" and one.node_id)
        self.estate, self.node = register.estate.id, self.item.node_id
        self.address = NodeAddress(self.estate, self.node)
        self.configure, self.command = ConfigureNode(self.units, self.clock), CommandNode(self.units, self.clock)
        self.follow, self.ask = FollowNode(self.units, self.clock), NodeQuestions(self.units, self.clock)
        self.air = Air()
        self.tell = TellNodes(self.units, self.clock, self.air.publish)
        self.connection = 0

    def document(self, **changes):
        item = {"id": self.item.id, "kind": "lift", "controller": {"host": "192.0.2.7"}}
        return {"equipment": [item]} | changes

    def put(self, **changes):
        return self.configure.put(self.estate, self.node, self.document(**changes), None, reason="test")

    def born(self, config, *, again=False):
        self.connection += not again
        born = Born(
            outbox=OUTBOX, boot=BOOT, connection=self.connection, agent_version="1", config_version=config.version,
            config_hash=config.digest(), clock="synchronised", mono=1.0, equipment=[self.item.id],
        )  # fmt: skip
        self.scene.presence(self.address, born, self.clock.now())
        self.follow.born(self.address, born)

    def answers(self, version, outcome="applied", detail=""):
        self.follow.receipt(
            self.address, ConfigurationReceipt(configuration_version=version, outcome=outcome, detail=detail)
        )

    @property
    def view(self):
        return self.ask.configuration(self.estate, self.node, None)

    def installed(self, version=1, **changes):
        return NodeConfig.model_validate(self.document(**changes) | {"version": version})

    def report(self, config):
        """The node is asked for what it runs by itself, and says it."""
        self.born(config)
        self.tell()
        (asked,) = [said for channel, said, _ in self.air.said if channel == "command"]
        self.air.said.clear()
        document = json.loads(config.model_dump_json(exclude_none=True))
        self.follow.receipt(self.address, Receipt(command=asked["id"], outcome="done", configuration=document))
        return asked


@pytest.fixture
def office(scene):
    return Office(scene)


def test_a_document_is_issued_published_retained_and_answered(office):
    issued = office.put()
    assert (issued.version, office.view.standing) == (1, Standing.SENT)
    office.tell()
    ((channel, said, retained),) = office.air.said
    assert (channel, retained, NodeConfig.model_validate(said)) == ("config", True, issued.document)
    office.tell()
    assert len(office.air.said) == 1
    office.born(issued.document)
    office.answers(1)
    view = office.view
    assert (view.standing, view.running, view.latest.outcome) == (Standing.APPLIED, 1, "applied")
    kinds = [entry.kind for entry in office.units.memory.ledger[office.estate]]
    assert [k for k in kinds if "configuration" in k] == ["node.configuration-issued", "node.configuration-applied"]


def test_while_the_broker_is_away_it_stays_to_be_told(office):
    office.put()
    office.air.is_down = True
    assert office.tell() == 0
    office.air.is_down = False
    assert office.tell() == 1


def test_only_the_latest_is_told(office):
    office.put()
    office.put(default_rules_for=[])
    office.put()
    assert office.put().version == 3, "whoever hears no answer and puts it again has put it once"
    office.tell()
    assert [said["version"] for _, said, _ in office.air.said] == [3]
    assert office.tell() == 0


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"equipment": []}, "equipment"),
        ({"colour": "red"}, "colour"),
        ({"equipment": [{"id": "b9/lift", "kind": "lift", "controller": {"host": "192.0.2.7"}}]}, "no register"),
        ({"rules": [{"id": "x", "equipment": "b9/lift", "hazard": "lift.overspeed", "when": {}}]}, "rules"),
    ],
)
def test_what_does_not_hold_together_is_refused_and_nothing_is_issued(office, changes, why):
    with pytest.raises(Invalid, match=why):
        office.put(**changes)
    assert office.view.latest is None


def test_equipment_of_another_node_is_refused(office):
    register = office.register
    other = next(one for one in register.equipment.values() if one.node_id not in (None, office.node))
    wired = {"smoke_detector": {"alarm_relay": {"pin": 4}}, "lift": {"controller": {"host": "192.0.2.8"}}}
    item = {"id": other.id, "kind": other.kind.value} | wired.get(other.kind.value, {"contact": {"pin": 4}})
    with pytest.raises(Invalid, match="is wired to node"):
        office.put(equipment=[item])


def test_a_stranger_has_no_configuration(office):
    with pytest.raises(NotFound):
        office.configure.put(office.estate, "nobody", office.document(), None)


def test_a_rule_is_edited_by_its_fields_a_default_one_too(office):
    office.put()
    rule = f"{office.item.id}/overspeed"
    issued = office.configure.edit_rule(office.estate, office.node, rule, {"on_delay_s": 2.5}, None)
    (edited,) = [one for one in issued.document.effective_rules() if one.id == rule]
    assert (issued.version, edited.on_delay_s, edited.off_delay_s) == (2, 2.5, 5.0)
    again = office.configure.edit_rule(office.estate, office.node, rule, {"on_delay_s": None}, None)
    (edited,) = [one for one in again.document.rules if one.id == rule]
    assert (again.version, edited.on_delay_s) == (3, 0.0)
    with pytest.raises(NotFound, match="the rules are"):
        office.configure.edit_rule(office.estate, office.node, "b1/none", {}, None)
    with pytest.raises(Invalid):
        office.configure.edit_rule(office.estate, office.node, rule, {"on_delay_s": -1}, None)


def test_who_saw_an_older_version_is_told_so(office):
    office.put()
    office.put(rules=[], default_rules_for=[])
    with pytest.raises(Conflict, match="you saw 1"):
        office.configure.put(office.estate, office.node, office.document(), None, seen=1)


def test_a_manager_tunes_but_does_not_switch_off_what_guards_life(office):
    office.put()
    manager = Member("m", "p", Names("经理", "Manager"), Role.MANAGER)
    rule = f"{office.item.id}/entrapment"
    issued = office.configure.edit_rule(office.estate, office.node, rule, {"on_delay_s": 1}, manager)
    assert issued.by == "member:m"
    for changes in ({"enabled": False}, {"hazard": "lift.door-fault"}):
        with pytest.raises(NotAllowed):
            office.configure.edit_rule(office.estate, office.node, rule, changes, manager)
    operator = Member("o", "p", Names("运维", "Operator"), Role.OPERATOR)
    assert office.configure.edit_rule(office.estate, office.node, rule, {"enabled": False}, operator).version == 3


def test_going_back_is_the_old_content_under_a_higher_version(office):
    first = office.put()
    office.put(default_rules_for=[])
    back = office.configure.go_back(office.estate, office.node, 1, None)
    assert back.version == 3
    assert back.document.model_copy(update={"version": 1}).digest() == first.digest
    assert back.reason == "back to version 1"
    with pytest.raises(NotFound, match="no version 9"):
        office.configure.go_back(office.estate, office.node, 9, None)


def test_a_birth_with_another_hash_has_it_published_again(office):
    issued = office.put()
    office.tell()
    office.air.said.clear()
    office.born(issued.document)
    assert office.tell() == 0
    office.born(office.installed(1, default_rules_for=[]))
    assert office.tell() == 1
    assert office.air.said[0][1]["version"] == 1


def test_a_retained_birth_that_comes_again_has_it_published_too(office):
    office.born(office.installed())
    office.clock.advance(hours=1)
    office.put()
    office.air.is_down = True
    office.tell()
    office.air.is_down = False
    office.tell()
    office.air.said.clear()
    office.born(office.installed(), again=True)
    assert [said["version"] for channel, said, _ in office.air.said or [] if channel == "config"] == []
    office.tell()
    assert [said["version"] for channel, said, _ in office.air.said if channel == "config"] == [2]


def test_a_new_version_within_one_connection_is_noticed(office):
    office.born(office.installed())
    issued = office.put()
    office.born(issued.document, again=True)
    assert (issued.version, office.view.running, office.view.standing) == (2, 2, Standing.APPLIED)
    office.born(office.installed(), again=True)
    assert office.view.running == 2, "an older birth that is late changes nothing"


def test_what_a_node_was_installed_with_is_asked_for_and_kept_as_its_own(office):
    installed = office.installed(3)
    asked = office.report(installed)
    assert asked["action"] == "report-configuration"
    view = office.view
    assert (view.standing, view.latest.origin, view.latest.version) == (Standing.INSTALLED, Origin.NODE, 3)
    office.tell()
    assert office.air.said == [("config", None, True)], "nothing older of ours is offered to it any longer"
    rule = f"{office.item.id}/overspeed"
    issued = office.configure.edit_rule(office.estate, office.node, rule, {"on_delay_s": 2}, None)
    assert (issued.version, issued.origin) == (4, Origin.CLOUD)
    assert issued.document.equipment == installed.equipment


def test_before_it_is_known_a_rule_cannot_be_edited(office):
    office.born(office.installed())
    with pytest.raises(NotFound, match="not known here yet"):
        office.configure.edit_rule(office.estate, office.node, "x", {}, None)


def test_its_own_document_changed_under_the_same_version_is_asked_for_again(office):
    office.report(office.installed(1))
    changed = office.installed(1, default_rules_for=[])
    office.tell()
    office.air.said.clear()
    office.report(changed)
    assert NodeConfig.model_validate(office.view.document) == changed


def test_a_document_that_cannot_be_read_is_not_adopted(office):
    office.born(office.installed())
    office.tell()
    ident = office.air.said[0][1]["id"]
    office.follow.receipt(
        office.address, Receipt(command=ident, outcome="done", configuration={"version": 1, "new": 1})
    )
    assert office.view.latest is None


def test_a_refusal_stands_with_its_reason_and_a_repeat_adds_nothing(office):
    office.born(office.installed())
    office.put()
    office.answers(2, "refused", "GPIO 4 is claimed twice")
    office.answers(2, "refused", "GPIO 4 is claimed twice")
    view = office.view
    assert (view.standing, view.latest.detail) == (Standing.REFUSED, "GPIO 4 is claimed twice")
    kinds = [entry.kind for entry in office.units.memory.ledger[office.estate]]
    assert kinds.count("node.configuration-not-applied") == 1


def test_a_command_is_asked_told_and_answered(office):
    office.born(office.installed())
    order = office.command(office.estate, office.node, "identify", {"seconds": 5.0}, None)
    office.tell()
    said = [one for one in office.air.said if one[1]["action"] == "identify"]
    ((_, command, retained),) = said
    assert (command["boot"], command["arguments"], retained) == (BOOT, {"seconds": 5.0}, False)
    assert command["expires_in_s"] == 60.0
    receipt = Receipt(command=order.id, outcome="done", detail="beacon blinks")
    office.follow.receipt(office.address, receipt)
    office.follow.receipt(office.address, receipt.model_copy(update={"outcome": "failed"}))
    (view,) = [one for one in office.ask.orders(office.estate, office.node, None) if one.id == order.id]
    assert (view.state, view.detail) == (OrderState.DONE, "beacon blinks")


def test_a_receipt_of_another_node_answers_nothing(office):
    office.born(office.installed())
    order = office.command(office.estate, office.node, "identify", {}, None)
    office.follow.receipt(NodeAddress(office.estate, "other"), Receipt(command=order.id, outcome="done"))
    assert office.ask.order(order.id).state is OrderState.WAITING


def test_no_answer_until_it_expired_is_visible_and_no_longer_told(office):
    office.born(office.installed())
    office.tell()
    office.air.said.clear()
    order = office.command(office.estate, office.node, "reload", {}, None)
    office.clock.advance(seconds=61)
    assert office.ask.order(order.id).state is OrderState.UNANSWERED
    assert office.tell() == 0


def test_a_node_that_never_spoke_cannot_be_commanded(office):
    with pytest.raises(Conflict, match="never been heard"):
        office.command(office.estate, office.node, "identify", {}, None)


def test_tools_say_what_can_be_exercised(office):
    office.report(office.installed())
    tools = office.ask.tools(office.estate, None)[office.node]
    assert (office.item.id, "lift.entrapment") in tools.exercises
    assert tools.last_order is None, "what was asked by itself is nobody's order"
