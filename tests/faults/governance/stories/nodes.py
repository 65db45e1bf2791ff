"""Nodes are configured, asked and heard; what cannot be read, comes twice, or fails is laid aside and told."""

from __future__ import annotations

import json
from dataclasses import replace

from cloud.adapters.estate_file.node_text import YamlDocument
from cloud.application.fleet.command_node import CommandNode
from cloud.application.fleet.configure_node import ConfigureNode
from cloud.application.fleet.configure_nodes import ConfigureNodes
from cloud.application.fleet.follow_node import FollowNode
from cloud.application.intake.boot_times import BootTimes
from cloud.application.intake.dead_letters import PutDeadLetter, Refused
from cloud.application.intake.identity_conflict import ReportConflict
from cloud.application.intake.record_telemetry import RecordTelemetry
from cloud.application.intake.replays import KeepReplays
from cloud.application.timeseries import to_micros
from cloud.entrypoints.ingest.replaying import ReplayLetter
from schemas.batch import Stream
from schemas.commands import Receipt
from schemas.node_config import NodeConfig
from schemas.presence import Born
from schemas.topics import Channel, NodeAddress
from tests.fakes.clocks import START
from tests.fakes.estate import BOOT, ESTATE, OUTBOX, raised
from tests.fakes.timeseries import InMemoryReadings
from tests.faults.governance.stories.boards import tells_nodes
from tests.faults.governance.walking import Story, step
from tests.faults.governance.world import World

_NODE = NodeAddress(ESTATE, "b1-node")
_LIFT = {"id": "b1/lift-1", "kind": "lift", "controller": {"host": "192.0.2.7"}}


def _configure(w: World) -> ConfigureNode:
    return ConfigureNode(w.units, w.clock)


def _latest(w: World, node: str = "b1-node") -> int:
    with w.units.reading() as uow:
        latest = uow.configurations.latest(ESTATE, node)
    return latest.version if latest else 0


def _puts(w: World) -> None:
    seen = w.once("put", lambda: _latest(w))
    _configure(w).put(ESTATE, "b1-node", {"equipment": [_LIFT]}, None, reason="test", seen=seen)


def _edits(w: World) -> None:
    seen = w.once("edited", lambda: _latest(w))
    rule = w.once("rule", lambda: _rules(w)[0])
    _configure(w).edit_rule(ESTATE, "b1-node", rule, {"enabled": False}, None, seen=seen)


def _rules(w: World) -> list[str]:
    with w.units.reading() as uow:
        latest = uow.configurations.latest(ESTATE, "b1-node")
    assert latest is not None
    return [one.id for one in latest.document.all_rules()]


def _goes_back(w: World) -> None:
    _configure(w).go_back(ESTATE, "b1-node", 1, None)


def _pushes(w: World) -> None:
    """One change to both nodes in one rollout: whoever dies between them goes on where they were."""
    several = ConfigureNodes(w.units, _configure(w), YamlDocument)
    change = several.read(
        "rules: [{hazard: lift.entrapment, set: {off_delay_s: 5}}, {rule: held-open, set: {on_delay_s: 90}}]"
    )
    seen = w.once("seen of several", lambda: {node: _latest(w, node) for node in ("b1-node", "b2-node")})
    engineer = w.identity("engineer").member
    done = several.push(ESTATE, change, seen, engineer, rollout="one-rollout-of-two-nodes", reason="test")
    assert [one.version for one in done.nodes] == [version + 1 for version in seen.values()]


def _puts_another(w: World) -> None:
    seen = w.once("put another", lambda: _latest(w, "b2-node"))
    door = {"id": "b2/door", "kind": "access_gate", "contact": {"pin": 4}}
    _configure(w).put(ESTATE, "b2-node", {"equipment": [door]}, None, reason="test", seen=seen)


def _identifies(w: World) -> None:
    CommandNode(w.units, w.clock)(ESTATE, "b1-node", "identify", {}, w.identity("engineer").member)


def _is_born(w: World) -> None:
    own = NodeConfig.model_validate({"version": 9, "equipment": [_LIFT]})
    born = Born(
        outbox=OUTBOX, boot=BOOT, connection=1, agent_version="1", config_version=9, config_hash=own.digest(),
        clock="synchronised", mono=1.0, equipment=[],
    )  # fmt: skip
    w.presence(_NODE, born, w.clock.now())
    FollowNode(w.units, w.clock).born(_NODE, born)


def _reports(w: World) -> None:
    with w.units.reading() as uow:
        asked = next(one for one in uow.orders.of(ESTATE, "b1-node") if one.action == "report-configuration")
    own = NodeConfig.model_validate({"version": 9, "equipment": [_LIFT]})
    document = json.loads(own.model_dump_json(exclude_none=True))
    FollowNode(w.units, w.clock).receipt(_NODE, Receipt(command=asked.id, outcome="done", configuration=document))


def _unreadable(w: World) -> None:
    refused = Refused(
        "t", b"x", "no JSON", START, _NODE, Channel.EVENTS, readable=False, numbered=(OUTBOX, 7)
    )  # fmt: skip
    PutDeadLetter(w.units, w.clock, w.ids)(refused)


def _conflicts(w: World) -> None:
    ReportConflict(w.units, w.ids)(_NODE, OUTBOX, Stream.TELEMETRY, 3, w.clock.now())


def _dates(w: World) -> None:
    boot = "0197a600-0000-7000-8000-0000000000b7"
    arrival = w.node.batch(raised("access.held-open", "b1/door", 9), seq=1)
    batch = arrival.batch.model_copy(update={"boot": boot, "sent_boot": boot})
    BootTimes(w.units)(_NODE, batch, to_micros(w.clock.now()))


def _sets_apart(w: World) -> None:
    """Whether the program fails on an event is tried in a unit of work that is never committed."""
    arrival = w.node.batch(raised("access.held-open", "b1/door", 10), seq=2)
    assert w.record.without_faults(replace(arrival)) is None


def _kept(w: World) -> str:
    event = raised("access.held-open", "b1/door", 11).model_dump_json().encode()
    topic = f"tocsin/v1/{ESTATE}/b1-node/events"
    refused = Refused(topic, event, "event 0: handling it failed", START, _NODE, Channel.EVENTS)
    return PutDeadLetter(w.units, w.clock, w.ids)(refused)


def _lays_aside(w: World) -> None:
    w.kept["letter"] = _kept(w)


def _replays(w: World) -> None:
    boots, letters = BootTimes(w.units), PutDeadLetter(w.units, w.clock, w.ids)
    telemetry = RecordTelemetry(InMemoryReadings(), letters, ReportConflict(w.units, w.ids), boots)
    replay = ReplayLetter(KeepReplays(w.units, w.clock), telemetry, w.record, boots, w.clock)
    replay(w.kept["letter"], w.identity("engineer"))


NODES: Story = [
    step("a configuration is issued", _puts),
    step("a rule is edited", _edits),
    step("the first is put in force again", _goes_back),
    _puts_another,
    step("several are changed in one rollout", _pushes),
    step("nodes are told", tells_nodes),
    step("the node runs one of its own, and is asked for it", _is_born),
    step("it reports it", _reports),
    step("it is asked to show itself", _identifies),
    step("and told", tells_nodes),
    step("something unreadable comes", _unreadable),
    step("two batches came under one number", _conflicts),
    step("a boot is dated", _dates),
    step("an event is laid aside", _lays_aside),
    step("and taken after all", _replays),
    step("an event is tried alone", _sets_apart),
]
