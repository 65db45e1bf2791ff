"""A day without a cloud: it fits, it drains at a bounded rate, an alarm overtakes it; what does not fit is said."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import time
import uuid
from contextlib import closing

import pytest

from edge.adapters.outbox_store import OutboxStore
from edge.adapters.outbox_tables import connect
from edge.application.packing import ReadingTaken, packs_of
from edge.application.ports import Entries
from schemas.batch import ClockState
from schemas.events import AlarmRaised, EventBatch, SequenceVoided
from tests.e2e.programs import until
from tests.faults import oracle
from tests.faults.stage import LoadedNode, Stage, stage_in

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow, pytest.mark.timeout(900)]

POINTS = 32
DAY_S = 86_400
QUOTA_MB = 250
"""What a node has unless it is told otherwise."""


def _fill(node: LoadedNode, seconds: int, quota_bytes: int, *, alarm_every: int | None = None) -> OutboxStore:
    """What a node commits in so many seconds without a cloud: 32 points at 1 Hz, through the real outbox."""
    chance = random.Random(1)
    boot, began = str(uuid.uuid4()), time.time() - seconds - 600
    connection = connect(node.outbox)
    # Only here: filling it is not what is tested, and a day's commits would each wait for the disk.
    connection.execute("PRAGMA synchronous = OFF")
    store = OutboxStore(connection, quota_bytes)
    for second in range(seconds):
        mono, t = 100.0 + second, round(began + second, 3)
        taken = [
            ReadingTaken(f"b1/smoke-{n // 8}", f"p{n % 8}", round(chance.random(), 3), "ppm", t, mono)
            for n in range(POINTS)
        ]
        rang = [_alarm(t, mono)] if alarm_every and second % alarm_every == 0 else []
        store.commit(
            Entries(boot=boot, mono=mono, wall=t, clock=ClockState.SYNCHRONISED, packs=packs_of(taken), events=rang),
            {},
            (),
        )
    return store


def _alarm(t: float, mono: float) -> AlarmRaised:
    return AlarmRaised(
        occurrence=str(uuid.uuid4()), rule="r", hazard="fire.smoke", severity="critical", equipment="b1/smoke-1",
        t=t, mono=mono,
    )  # fmt: skip


def _event_takes(stage: Stage, node: LoadedNode, hand: signal.Signals, kind: str) -> float:
    """Seconds from the contact to the event in the cloud's state."""
    query = f"SELECT count(*) FROM events WHERE kind = '{kind}'"
    with closing(sqlite3.connect(f"file:{stage.data / 'state.db'}?mode=ro", uri=True)) as connection:
        (before,) = connection.execute(query).fetchone()
        began = time.monotonic()
        node.hand(hand)
        while connection.execute(query).fetchone()[0] == before:
            assert time.monotonic() - began < 20, "nothing arrives beside the backlog"
            time.sleep(0.002)
        return time.monotonic() - began


def _door_opens(stage: Stage, node: LoadedNode) -> float:
    took = _event_takes(stage, node, signal.SIGWINCH, "access.granted")
    node.hand(signal.SIGWINCH)
    time.sleep(0.1)  # Two signals of a kind that come at once are one to the process.
    return took


def _outage(stage: Stage, seconds: int) -> None:
    node = stage.node(seed=31, quota_mb=QUOTA_MB)
    _fill(node, seconds, QUOTA_MB * 1_000_000).close()
    with closing(sqlite3.connect(node.outbox)) as connection:
        (used,) = connection.execute("SELECT sum(size) FROM batch").fetchone()
    assert oracle.waiting(node.outbox) == seconds, "nothing had to be dropped"
    assert used * DAY_S / seconds < QUOTA_MB * 1e6 * 0.9, "a day fits into what telemetry may take"
    began, held = time.monotonic(), seconds
    node.start(0)
    until(lambda: oracle.waiting(node.outbox) < held, 60, "it drains", node.program, stage.cloud)
    waits = [_event_takes(stage, node, signal.SIGUSR2, "alarm.raised")]
    behind = oracle.waiting(node.outbox)
    while oracle.waiting(node.outbox) > 200:
        waits.append(_door_opens(stage, node))
    until(lambda: not oracle.waiting(node.outbox), 600, "all of it is stored", node.program, stage.cloud)
    took = time.monotonic() - began
    node.kill()
    alarm = waits[0]
    waits.sort()
    print(
        f"{seconds} s of outage, {used / 1e6:.1f} MB: drained in {took:.1f} s ({seconds * POINTS / took:.0f} readings/s); "
        f"an alarm meanwhile after {alarm * 1e3:.0f} ms, {len(waits)} events: median {waits[len(waits) // 2] * 1e3:.0f} ms, longest {waits[-1] * 1e3:.0f} ms"
    )
    stage.balance().check()
    # By what else was done meanwhile: how long that takes is the machine's affair, and the bench's.
    assert behind > seconds / 2, f"an alarm waits for the backlog: {behind} of {seconds} batches were left"
    assert waits[len(waits) // 2] < took / 4, "events wait for the backlog"


def test_forty_minutes_without_a_cloud(tmp_path):
    with stage_in(tmp_path) as stage:
        _outage(stage, int(os.environ.get("TOCSIN_OUTAGE_S", "2400")))


@pytest.mark.soak
def test_a_day_without_a_cloud(tmp_path):
    with stage_in(tmp_path) as stage:
        _outage(stage, DAY_S)


def test_what_the_quota_cannot_hold_is_void_and_no_life_safety_is_among_it(tmp_path):
    quota = 1_500_000
    with stage_in(tmp_path) as stage:
        node = stage.node(seed=33, quota_mb=quota / 1e6)
        store = _fill(node, 2_500, quota, alarm_every=50)
        assert store.room.used_bytes <= quota
        store.close()
        rung = [batch for batch in node.diary() if batch.stream == "events" and b'"alarm.raised"' in batch.payload]
        assert len(rung) == 50
        stage.drain()
        kept = {batch.identity for batch in _kept(stage, node)}
        assert all(batch.identity in kept for batch in rung), "an alarm was dropped"
        voided = _voided(node)
        dropped = [batch for batch in node.diary() if batch.stream == "telemetry" and batch.seq in voided]
        balance = oracle.balance([b for b in node.diary() if b not in dropped], stage.data)
        print(f"{len(dropped)} batches of telemetry dropped and said; of the others: ", end="")
        balance.check()
        assert dropped
        assert min(batch.seq for batch in dropped) == 1, "the oldest goes first"
        with closing(sqlite3.connect(stage.data / "readings.db")) as readings:
            stored = readings.execute("SELECT first, last FROM ranges").fetchall()
            voids = readings.execute("SELECT first, last FROM voids").fetchall()
        explained = {seq for first, last in stored + voids for seq in range(first, last + 1)}
        assert explained == set(range(1, max(explained) + 1)), "every gap is explained"


def _kept(stage: Stage, node: LoadedNode) -> list[oracle.Batch]:
    stored = {(outbox, seq) for outbox, seq in stage.ask("SELECT outbox, seq FROM events")}
    return [batch for batch in node.diary() if batch.stream == "events" and (batch.outbox, batch.seq) in stored]


def _voided(node: LoadedNode) -> set[int]:
    """Numbers of telemetry that the node says it dropped."""
    said = [EventBatch.model_validate_json(batch.payload) for batch in node.diary() if batch.stream == "events"]
    facts = [event for batch in said for event in batch.events if isinstance(event, SequenceVoided)]
    return {seq for fact in facts if fact.stream == "telemetry" for seq in range(fact.first, fact.last + 1)}
