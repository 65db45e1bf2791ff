"""The network between node, broker and cloud is cut, slow, half-open, out of order and repeats itself."""

from __future__ import annotations

import random
import time

import pytest

from tests.e2e.programs import until
from tests.fakes.wire_node import WireNode
from tests.faults.network import networks
from tests.faults.oracle import Batch, balance, overtaken
from tests.faults.stage import Stage, stage_in

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow, pytest.mark.timeout(180)]

SEED = 7
HALF_OPEN_S = 9.0
"""Longer than the node's keepalive of 5 s: it has to notice by itself."""


def _begun(stage: Stage) -> None:
    for node in stage.nodes:
        node.start(40.0, alarms=True)
    until(lambda: all(node.program.said("connected") for node in stage.nodes), 30, "nodes are connected", stage.cloud)


def test_links_that_are_cut_slow_half_open_and_out_of_order(tmp_path):
    chance = random.Random(SEED)
    stage = Stage(tmp_path)
    with networks(stage.broker.port, 3, SEED) as ways:
        stage.cloud_broker_port = ways[2].port
        try:
            stage.open()
            for name, way in zip(("b1-node", "b2-node"), ways, strict=False):
                stage.node(name, seed=SEED, speed=8.0, broker_port=way.port)
            _begun(stage)
            for way in ways:
                way.distort(0.3)
            # For a while, and then at random: what is tried is time under bad links, not one event.
            time.sleep(6)
            for _ in range(8):
                way = chance.choice(ways)
                way.cut()
                time.sleep(chance.uniform(0.05, 0.8))
                way.mend()
                way.distort(0.3)
                way.slow(chance.choice((0.0, 0.05, 0.4)))
                time.sleep(chance.uniform(0.2, 1.0))
            for way in ways[:2]:
                way.mend()
                way.die()
            time.sleep(HALF_OPEN_S)  # So long nobody tells the nodes that the links are dead.
            for way in ways:
                way.mend()
            stage.drain()
            print(f"cut {sum(w.cuts for w in ways)}, {sum(w.duplicated for w in ways)} duplicated,"
                  f" {sum(w.swapped for w in ways)} swapped")  # fmt: skip
            assert all(node.program.said("no connection to the broker") for node in stage.nodes)
            assert sum(way.duplicated for way in ways) > 5
            assert sum(way.swapped for way in ways) > 5
            late = overtaken(stage.data)
            print(f"{late} batches were overtaken by later ones")
            assert late > 5, "the cloud has to have seen another order than theirs"
            stage.balance().check()
            assert stage.ask("SELECT * FROM losses WHERE lost <> '[]'") == [], (
                "nothing was lost, and nothing counts as lost"
            )
        finally:
            stage.close()


def test_messages_repeated_and_shuffled_by_the_node_itself(tmp_path):
    chance = random.Random(SEED)
    with stage_in(tmp_path) as stage, WireNode(stage.broker.port, "b1-node") as node:
        batches = [(seq, "telemetry", node.telemetry(seq)) for seq in range(1, 201)]
        batches += [(seq, "events", node.void(seq, 1000 + seq, 1000 + seq)) for seq in range(1, 51)]
        said = batches * 4
        chance.shuffle(said)
        for _, channel, payload in said:
            node.say(payload, channel)
        node.hear(*range(1, 201))
        node.hear(*range(1, 51), stream="events")
        assert overtaken(stage.data) > 5
        balance([Batch(node.outbox, channel, seq, said) for seq, channel, said in batches], stage.data).check()
