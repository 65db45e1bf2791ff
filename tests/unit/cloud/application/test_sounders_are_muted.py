"""Muting reaches the nodes that sound, comes back with a receipt, and is said where it did not (safety floor)."""

from datetime import timedelta

import pytest

from cloud.application.fleet.command_node import CommandNode
from cloud.application.fleet.follow_node import FollowNode
from cloud.application.fleet.note_unanswered import NoteUnanswered
from cloud.application.fleet.tell_nodes import TellNodes
from cloud.domain.fleet.order import OrderState
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.floor import MUTED_FOR
from cloud.errors import Invalid
from schemas.commands import Command, Receipt
from schemas.topics import NodeAddress
from tests.fakes.estate import ESTATE, NodeOnPaper, raised
from tests.fakes.scene import Scene


class Site(Scene):
    """A fire alarm, somebody who has arrived, and a node that listens."""

    def __init__(self):
        super().__init__()
        self.heard = []
        self.is_born()
        self.tell = TellNodes(self.units, self.clock, self._published)
        self.follow_node = FollowNode(self.units, self.clock)
        self.note = NoteUnanswered(self.units, self.clock)

    def _published(self, topic, payload, retained):
        if topic.endswith("/command") and not retained:
            self.heard.append(Command.model_validate_json(payload))
        return True

    def burns(self, equipment="b1/smoke-1"):
        self.rings("fire.smoke", equipment)
        task = self.only_task()
        self.act.acknowledge(task.id, "watch")
        self.act.start(task.id, "watch")
        return task

    def mutes(self, task):
        self.verify.mute(task.id, "watch")
        self.tell()
        return self.heard[-1]

    def answers(self, command, outcome="done"):
        address = NodeAddress(ESTATE, "b1-node")
        self.follow_node.receipt(address, Receipt(command=command.id, outcome=outcome, detail="siren keeps quiet"))

    def lines(self, task, *kinds):
        return [line.text.en for line in self.incident(task).timeline if line.kind in kinds]


@pytest.fixture
def site():
    return Site()


def test_the_node_at_which_the_alarm_stands_is_asked_for_a_quarter_of_an_hour(site):
    task = site.burns()
    command = site.mutes(task)
    assert (command.action, command.arguments["equipment"]) == ("mute", "b1/smoke-1")
    assert command.arguments["seconds"] == MUTED_FOR.total_seconds()
    assert site.lines(task, Kind.COMMAND_ASKED) == ["node b1-node was asked: mute the sounders"]


def test_its_receipt_stands_on_the_tasks_timeline(site):
    task = site.burns()
    site.answers(site.mutes(task))
    assert site.lines(task, Kind.COMMAND_ANSWERED) == ["node b1-node answered mute the sounders: done"]
    site.clock.advance(minutes=2)
    assert site.note() == 0


def test_that_the_node_did_not_confirm_is_said_once_and_a_late_receipt_too(site):
    task = site.burns()
    command = site.mutes(task)
    site.clock.advance(seconds=61)
    assert (site.note(), site.note()) == (1, 0)
    (line,) = [line for line in site.incident(task).timeline if line.kind == Kind.COMMAND_UNANSWERED]
    assert line.failure
    assert line.text.zh == "节点 b1-node 未确认命令 警报器消音：请到现场查看"
    site.answers(command)
    assert len(site.lines(task, Kind.COMMAND_ANSWERED)) == 1


def test_a_node_that_was_never_heard_cannot_be_asked_and_that_is_said(site):
    other = NodeOnPaper(site.clock.now, "b2-node", "0197a600-0000-7000-8000-000000000002")
    site.record(other.batch(raised("fire.smoke", "b2/door", 77)))
    task = site.only_task()
    site.act.acknowledge(task.id, "watch")
    site.act.start(task.id, "watch")
    site.verify.mute(task.id, "watch")
    assert site.lines(task, Kind.COMMAND_UNANSWERED)


def test_a_new_alarm_of_the_incident_ends_it_everywhere(site):
    task = site.burns()
    site.mutes(task)
    site.clock.advance(seconds=5)
    site.rings("fire.smoke-prealarm", "b1/smoke-2")
    site.tell()
    assert [command.action for command in site.heard] == ["mute", "unmute"]


def test_the_node_that_raised_what_threatens_life_has_ended_its_mute_by_itself(site):
    task = site.burns()
    site.mutes(task)
    site.rings("fire.manual-call-point", "b1/smoke-2")
    site.tell()
    assert [command.action for command in site.heard] == ["mute"]
    assert site.only_task().muted_until is None


def test_a_life_in_danger_in_the_same_building_ends_the_mute_of_any_other_matter(site):
    task = site.burns()
    site.mutes(task)
    site.rings("lift.entrapment", "b1/lift-1")
    fire = next(one for one in site.board() if one.id == task.id)
    assert fire.muted_until is None
    assert "it sounds again" in site.lines(task, Kind.SOUNDER_BACK)[0]


def test_a_nuisance_elsewhere_ends_nothing(site):
    task = site.burns()
    site.mutes(task)
    site.rings("access.forced-open", "b1/door")
    site.rings("lift.door-fault", "b1/lift-1")
    assert next(one for one in site.board() if one.id == task.id).muted_until is not None


def test_nobody_mutes_a_node_from_afar(site):
    with pytest.raises(Invalid, match="not asked"):
        CommandNode(site.units, site.clock)(ESTATE, "b1-node", "mute", {"equipment": "b1/smoke-1"}, None)


def test_a_command_that_serves_no_incident_is_told_on_no_timeline(site):
    order = CommandNode(site.units, site.clock)(ESTATE, "b1-node", "identify", {}, None)
    site.clock.advance(seconds=timedelta(minutes=2).total_seconds())
    assert site.note() == 0
    assert (order.incident_id, order.state(site.clock.now())) == (None, OrderState.UNANSWERED)
