"""When a boot began that knew no time: decided once, kept whatever restarts, and never in the future."""

from datetime import timedelta

import pytest

from cloud.application.intake.boot_times import BootTimes
from cloud.application.intake.record_event import EventArrival
from cloud.application.timeseries import SECOND, to_micros
from schemas.batch import Batch, ClockState
from schemas.events import EventBatch, NodeLifecycle
from tests.fakes.clocks import START
from tests.fakes.estate import BOOT, ESTATE, OUTBOX
from tests.fakes.scene import Scene

EARLIER = BOOT.replace("b0", "b7")
NOW = to_micros(START)


@pytest.fixture
def scene():
    return Scene()


def fact(mono, t=None):
    return NodeLifecycle(kind="node.started", mono=mono, t=t)


def said(scene, *events, seq, boot=BOOT, sent_boot=BOOT, sent_mono=1000.0, clock="unsynchronised", sealed=None):
    batch = EventBatch(
        outbox=OUTBOX, boot=boot, seq=seq, sealed_mono=events[-1].mono if sealed is None else sealed,
        clock=clock, sent_mono=sent_mono, sent_boot=sent_boot, events=list(events),
    )  # fmt: skip
    now = scene.clock.now()
    scene.record(EventArrival(scene.node.address, batch, f"{boot}{seq}".encode(), now))
    with scene.units.reading() as uow:
        return [event for event in uow.batches.events(ESTATE, limit=1000) if event.seq == seq]


def telemetry(boot=BOOT, sent_boot=BOOT, sealed=990.0, sent_mono=1000.0):
    return Batch(
        outbox=OUTBOX, boot=boot, seq=1, sealed_mono=sealed, clock="unsynchronised", sent_mono=sent_mono,
        sent_boot=sent_boot,
    )  # fmt: skip


def boots(scene):
    return {view.boot: view for view in scene.queries.boots(ESTATE, scene.node.address.node, None)}


def test_the_first_arrival_decides_for_events_and_telemetry_alike_and_a_restarted_cloud_knows(scene):
    (first,) = said(scene, fact(990.0), seq=1)
    assert (first.at, first.uncertain) == (START - timedelta(seconds=10), False)
    scene.clock.advance(seconds=30)
    arrived = to_micros(scene.clock.now())
    # The link had held it back for seven seconds: by itself it would be told another time.
    restarted = BootTimes(scene.units)
    boot = restarted(scene.node.address, telemetry(sealed=1020.0, sent_mono=1023.0), arrived)
    assert boot.offset == NOW - 1000 * SECOND
    (again,) = said(scene, fact(1020.0), seq=2, sent_mono=1023.0)
    assert again.at == START + timedelta(seconds=20)


def test_telemetry_decides_for_events_too(scene):
    BootTimes(scene.units)(scene.node.address, telemetry(), NOW)
    scene.clock.advance(seconds=60)
    (event,) = said(scene, fact(1000.0), seq=1, sent_mono=1061.0)
    assert event.at == START


def test_a_boot_of_another_node_decides_nothing_for_this_one(scene):
    from schemas.topics import NodeAddress

    times = BootTimes(scene.units)
    times(NodeAddress(ESTATE, "b2-node"), telemetry(sent_mono=5.0), NOW)
    assert times(scene.node.address, telemetry(), NOW).offset == NOW - 1000 * SECOND


def test_once_the_clock_is_synchronised_the_boot_knows_its_time_also_for_what_comes_later(scene):
    said(scene, fact(500.0, t=START.timestamp() - 500.0), seq=2, clock="synchronised")
    scene.clock.advance(hours=9)
    (late,) = said(scene, fact(100.0), seq=1, sent_boot=EARLIER, sent_mono=20.0)
    assert (late.at, late.uncertain) == (START - timedelta(seconds=900), False)


def test_health_of_a_synchronised_node_decides(scene):
    scene.is_well(t=START.timestamp(), mono=5.0)
    (late,) = said(scene, fact(3.0), seq=1, sent_boot=EARLIER, sent_mono=20.0)
    assert (late.at, late.uncertain) == (START - timedelta(seconds=2), False)


def test_a_boot_that_never_knew_the_time_lies_between_what_was_told_before_it_and_its_arrival(scene):
    said(scene, fact(900.0, t=START.timestamp()), seq=1, clock="synchronised")
    scene.clock.advance(days=3)
    (late,) = said(scene, fact(15.0), seq=2, boot=EARLIER, sealed=15.0)
    assert (late.at, late.uncertain) == (START, True)
    view = boots(scene)[EARLIER]
    assert view.earliest == view.at == START - timedelta(seconds=15)
    assert view.latest == START + timedelta(days=3, seconds=-15)
    # Ten hours later in that boot: the distance stays, the upper bound moves.
    (later,) = said(scene, fact(36_015.0), seq=3, boot=EARLIER, sealed=36_015.0)
    assert later.at == START + timedelta(hours=10)
    assert boots(scene)[EARLIER].latest == START + timedelta(days=3, seconds=-36_015)


def test_of_a_boot_of_which_nothing_is_known_nothing_lies_in_the_future(scene):
    (first,) = said(scene, fact(15.0), seq=1, boot=EARLIER, sealed=15.0)
    (later,) = said(scene, fact(36_000.0), seq=2, boot=EARLIER, sealed=36_000.0)
    assert (first.at, later.at) == (START, START)
    assert boots(scene)[EARLIER].earliest is None
    assert first.uncertain


def test_telemetry_that_overtakes_the_first_event_of_its_boot_is_bounded_by_the_events_that_came_whole(scene):
    said(scene, fact(900.0, t=START.timestamp()), seq=1, clock="synchronised")
    said(scene, fact(20.0, t=START.timestamp() + 3600), seq=5, boot=BOOT.replace("b0", "b9"), clock="synchronised")
    scene.clock.advance(days=1)
    boot = BootTimes(scene.units)(scene.node.address, telemetry(EARLIER, sealed=10.0), to_micros(scene.clock.now()))
    # Event 5 may be of a later boot: between it and 1 the beginning of this one is missing.
    assert boot.earliest == NOW - 10 * SECOND


def test_the_future_decides_nothing_and_is_uncertain(scene):
    (wrong,) = said(scene, fact(990.0, t=START.timestamp() + 1e9), seq=1, clock="synchronised")
    assert (wrong.at, wrong.uncertain) == (START - timedelta(seconds=10), True)
    scene.is_well(t=START.timestamp() + 1e9, mono=5.0, boot=EARLIER, clock=ClockState.SYNCHRONISED)
    assert EARLIER not in boots(scene)


@pytest.mark.parametrize("mono", [0.0, 1e15, 1e300])
@pytest.mark.parametrize("sent", [0.0, 1e15, 1e300])
def test_monotonic_clocks_of_any_size_are_kept(scene, mono, sent):
    (event,) = said(scene, fact(mono), seq=1, sent_mono=sent)
    assert event.at <= START
    assert boots(scene)[BOOT].at <= START
