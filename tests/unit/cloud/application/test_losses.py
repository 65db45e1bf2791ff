"""Every gap is explained, or is a loss that somebody is told of."""

from datetime import timedelta

import pytest

from cloud.application.asking.telemetry_counts import TelemetryCounts
from cloud.application.fleet.watch_losses import WatchLosses
from cloud.application.timeseries import Origin, StoredBatch
from cloud.domain.fleet.losses import DOUBTED_FOR
from cloud.domain.records.ledger import Kind
from schemas.events import SequenceVoided
from schemas.presence import StreamDepth
from tests.fakes.estate import BOOT, ESTATE, OUTBOX, raised
from tests.fakes.timeseries import InMemoryReadings

ORIGIN = Origin(ESTATE, "b1-node", OUTBOX)
OTHER_BOX = OUTBOX.replace("0001", "0002")


class Fleet:
    def __init__(self, scene):
        self.scene, self.readings = scene, InMemoryReadings()
        self.watch = WatchLosses(scene.units, scene.clock, scene.ids, self.readings)
        self.counts = TelemetryCounts(scene.units, self.readings)

    def arrive(self, *seqs, origin=ORIGIN):
        self.readings.record([StoredBatch(origin, seq, bytes([seq]) * 8, ()) for seq in seqs], 0)

    def says(self, given, oldest=None, *, stream="telemetry", outbox=OUTBOX, **extra):
        numbering = [{"outbox": outbox, "stream": stream, "given": given, "oldest": oldest}]
        self.scene.is_well(numbering=numbering, **extra)

    def shown(self):
        counts = self.counts(ESTATE, "b1-node")
        return counts.stored, counts.void, counts.missing, counts.lost

    def hazards(self):
        return [task.hazard for task in self.scene.board()]


@pytest.fixture
def fleet(scene):
    scene.is_born(1)
    return Fleet(scene)


def test_telemetry_that_left_its_node_and_never_came_is_a_task_and_counts_as_lost(fleet):
    fleet.arrive(1, 2, 5)
    fleet.says(given=6, oldest=6)
    assert fleet.watch() == 2
    assert fleet.shown() == (3, 0, 0, 2)
    task = fleet.scene.only_task()
    assert (task.hazard, task.severity, task.state) == ("node.records-lost", "major", "new")
    fleet.scene.passes(minutes=2)
    assert fleet.watch() == 0
    (again,) = fleet.scene.board()
    assert (again.id, again.raises) == (task.id, 1), "told once"
    fleet.scene.passes(hours=3)
    states = {one.hazard: one.state for one in fleet.scene.board()}
    assert states["node.records-lost"] == "new", "a person has to look; quiet alone ends nothing"


def test_what_the_node_still_holds_is_missing_and_calls_nobody(fleet):
    fleet.arrive(1, 5)
    fleet.says(given=5, oldest=2)
    assert fleet.watch() == 0
    assert fleet.shown() == (2, 0, 3, 0)
    fleet.scene.clock.advance(days=3)
    assert fleet.watch() == 0, "however long: the node says that it has it"
    assert fleet.hazards() == []


def test_nothing_is_judged_while_an_explanation_may_be_waiting_among_the_events(fleet):
    fleet.arrive(1, 5)
    fleet.says(given=5, events=StreamDepth(batches=1, records=1))
    assert fleet.watch() == 0
    fleet.readings.void(ORIGIN, 2, 4, "quota", 0)
    fleet.says(given=5)
    assert fleet.watch() == 0
    assert fleet.shown() == (2, 3, 0, 0)


def test_what_comes_after_all_is_lost_no_more_and_never_counts_twice(fleet):
    fleet.arrive(1, 5)
    fleet.says(given=5)
    assert fleet.watch() == 3
    fleet.arrive(3)
    assert fleet.shown() == (3, 0, 0, 2), "at once, before anybody has looked again"
    assert fleet.watch() == 0
    assert fleet.shown() == (3, 0, 0, 2)
    found = [entry.data for entry in fleet.scene.ledger() if entry.kind == Kind.RECORDS_FOUND]
    assert found == [{"node": "b1-node", "count": 1}]


def test_the_last_ones_of_an_outbox_that_the_node_left_are_missed_too(fleet):
    fleet.arrive(1, 2)
    fleet.says(given=9, oldest=3)
    boot = BOOT.replace("b0", "b1")
    with fleet.scene.units.writing() as uow:
        node = uow.nodes.get(ESTATE, "b1-node")
        node.number_in(OTHER_BOX)
        node.boot = boot
        uow.nodes.save(node)
        uow.commit()
    assert fleet.watch() == 0, "not before the node has said what it holds since"
    fleet.says(given=4, outbox=OTHER_BOX, boot=boot)
    assert fleet.watch() == 7
    assert fleet.shown() == (2, 0, 0, 7)


def test_what_a_replaced_board_may_still_deliver_is_missing_for_a_day(fleet):
    fleet.arrive(1, 5)
    with fleet.scene.units.writing() as uow:
        node = uow.nodes.get(ESTATE, "b1-node")
        node.number_in(OTHER_BOX)
        uow.nodes.save(node)
        uow.enrolments.drain(ESTATE, "b1-node", [OUTBOX])
        uow.commit()
    fleet.says(given=1, outbox=OTHER_BOX)
    assert fleet.watch() == 0
    fleet.scene.clock.advance(seconds=(DOUBTED_FOR - timedelta(seconds=1)).total_seconds())
    assert fleet.watch() == 0
    fleet.scene.clock.advance(seconds=1)
    assert fleet.watch() == 3


def test_events_are_judged_alike(fleet):
    fleet.scene.send(raised("access.held-open", "b1/door", 1), seq=1)
    fleet.scene.send(raised("access.held-open", "b2/door", 2), seq=4)
    fleet.scene.send(SequenceVoided(mono=1.0, stream="events", first=2, last=2, reason="full"), seq=5)
    fleet.says(given=5, stream="events")
    assert fleet.watch() == 1
    (node, *_) = fleet.scene.queries.nodes(ESTATE, None)
    assert (node.stored, node.missing, node.lost) == (3, 0, 1)
    fleet.scene.send(raised("access.held-open", "b1/door", 3), seq=3)
    (node, *_) = fleet.scene.queries.nodes(ESTATE, None)
    assert (node.stored, node.missing, node.lost) == (4, 0, 0)


def test_a_node_that_says_nothing_of_its_numbers_is_given_a_day(fleet):
    fleet.arrive(1, 3)
    fleet.scene.is_well()
    assert fleet.watch() == 0
    fleet.scene.clock.advance(days=1)
    assert fleet.watch() == 1
    assert "node.records-lost" in fleet.hazards()
