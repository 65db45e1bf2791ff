"""An export laid down beside a running cloud is taken through the lane that owns the readings, exactly once."""

from __future__ import annotations

import json

import pytest

from cloud.adapters.clock import SystemClock
from cloud.application.identifiers import RandomIds
from cloud.application.intake.dead_letters import PutDeadLetter
from cloud.application.timeseries import Origin, SeqRange
from cloud.entrypoints.ingest.importing import GROUP, ImportOutbox, named
from cloud.entrypoints.ingest.spooled import SpooledImports, ThroughLane
from cloud.errors import Unavailable
from tests.fakes.wire_node import NodeVoice
from tests.unit.cloud.entrypoints.ingest.test_intake import House

BATCHES = GROUP + 10


@pytest.fixture
def house():
    house = House()
    house.intake.start()
    yield house
    house.intake.stop()


@pytest.fixture
def spool(house, tmp_path):
    clock = SystemClock()
    letters = PutDeadLetter(house.units, clock, RandomIds())
    return SpooledImports(tmp_path, ImportOutbox(ThroughLane(house.intake.telemetry), house.record, letters, clock))


def export(node, path, count=BATCHES):
    lines = [{"format": "tocsin-outbox", "version": 1, "node": str(node.address)}]
    lines += [{"stream": "telemetry", "sealed": node.telemetry(seq).decode()} for seq in range(1, count + 1)]
    lines += [{"stream": "events", "sealed": node.alarm(1).decode()}]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def stored(house, node):
    return house.readings.stored_ranges(Origin("example", "b1-node", node.outbox))


def told(folder, name="one"):
    return json.loads((folder / f"{name}.json").read_text())


def run(spool):
    while spool.step() == 0.0:
        pass


def test_it_is_taken_piece_by_piece_while_nodes_are_heard(house, spool, tmp_path):
    card, live = NodeVoice("b1-node"), NodeVoice("b2-node")
    export(card, tmp_path / "one.jsonl")
    assert spool.step() == 0.0
    first = told(tmp_path)
    assert first["state"] == "taking"
    assert 0 < first["stored"] < BATCHES
    house.hear(live, live.telemetry(1))
    run(spool)
    done = told(tmp_path)
    assert (done["state"], done["node"], done["stored"], done["known"]) == ("done", "example/b1-node", BATCHES + 1, 0)
    assert stored(house, card) == [SeqRange(1, BATCHES)]
    assert house.hazards() == ["fire.smoke"]
    assert not (tmp_path / "one.jsonl").exists()


def test_what_is_known_stays_as_it_is(house, spool, tmp_path):
    card = NodeVoice("b1-node")
    export(card, tmp_path / "one.jsonl", 3)
    again = (tmp_path / "one.jsonl").read_text()
    run(spool)
    (tmp_path / "two.jsonl").write_text(again)
    run(spool)
    assert (told(tmp_path, "two")["stored"], told(tmp_path, "two")["known"]) == (0, 4)


def test_trouble_with_the_storage_costs_nothing(house, spool, tmp_path):
    card = NodeVoice("b1-node")
    export(card, tmp_path / "one.jsonl", 3)
    house.units.locked = True
    with pytest.raises(Unavailable):
        run(spool)
    assert (tmp_path / "one.jsonl").exists()
    house.units.locked = False
    run(spool)
    assert told(tmp_path)["state"] == "done"
    assert stored(house, card) == [SeqRange(1, 3)]


def test_what_is_no_export_is_refused_and_holds_nothing_up(house, spool, tmp_path):
    (tmp_path / "one.jsonl").write_text("{}\n")
    export(NodeVoice("b1-node"), tmp_path / "two.jsonl", 1)
    run(spool)
    assert told(tmp_path)["state"] == "refused"
    assert "no export of an outbox" in told(tmp_path)["why"]
    assert told(tmp_path, "two")["state"] == "done"


def test_whose_it_is_goes_with_the_lines():
    address, lines = named(['{"format": "tocsin-outbox", "version": 1}\n', "rest\n"], "example/b1-node")
    assert address == "example/b1-node"
    assert [json.loads(next(lines))["node"], *lines] == ["example/b1-node", "rest\n"]
