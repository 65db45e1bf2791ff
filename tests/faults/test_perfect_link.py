"""Crash, resend, reorder, duplicate and clock change in any order: the cloud's state equals that of a perfect link.

The node's real outbox and the cloud's real stores and use cases; what lies between them is in the hands of the test.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cloud.application.intake.reading_time import AHEAD_US
from edge.adapters.outbox_store import OutboxStore
from edge.adapters.outbox_tables import connect
from edge.application.packing import ReadingTaken, packs_of
from edge.application.ports import Entries, Sealed
from edge.application.timestamps import Timestamps
from schemas.batch import Stream, stamp
from schemas.delivery import Ack
from tests.fakes.clocks import START, FakeClock
from tests.fakes.edge_clock import SteppedClock
from tests.fakes.estate import cleared, raised
from tests.faults.one_cloud import OneCloud

YEAR = 365 * 86400.0
EQUIPMENT = ("b1/smoke-1", "b1/smoke-2", "b1/door")
HAZARDS = {"b1/smoke-1": "fire.smoke", "b1/smoke-2": "fire.smoke", "b1/door": "access.forced-open"}
EXAMPLES = int(os.environ.get("TOCSIN_EXAMPLES", "8"))

# An example takes about a second of a quiet core: the limit is for what hangs, not for a machine that others use too.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300 + EXAMPLES * 15)]


class Links(RuleBasedStateMachine):
    """One node, one cloud behind a link that does anything, and one behind a link that does everything right."""

    @initialize(synchronised=st.booleans())
    def begin(self, synchronised: bool) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tocsin-links-"))
        self.clock = SteppedClock(50.0, boot=str(uuid.uuid4()), synchronised=synchronised)
        self.clock.wall_offset = START.timestamp() - 50.0
        self.now = FakeClock()
        self.timestamps = Timestamps(self.clock)
        self.store = OutboxStore(connect(self.folder / "outbox.db"), 50_000_000)
        self.cloud, self.perfect = (OneCloud(self.folder / name, self.now) for name in ("cloud", "perfect"))
        self.value = 0.0
        self.standing: dict[str, int] = {}
        self.alarms = 0
        self.sealed: list[Sealed] = []
        self.wire: list[tuple[bytes, Stream]] = []
        self.acks: list[Ack] = []
        self.newest: dict[str, int] = {}

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        try:
            for _ in range(1000):
                waiting = [batch for stream in Stream for batch in self.store.waiting(stream, 0, 1000)]
                if not waiting:
                    break
                for batch in waiting:
                    self._acknowledge(self.cloud.hears(self._stamped(batch), batch.stream))
            self._compare()
        finally:
            self.cloud.close()
            self.perfect.close()
            self.store.close()
            shutil.rmtree(self.folder)

    # -- the node ------------------------------------------------------------------------------------------------------

    @rule(seconds=st.sampled_from([0.2, 1.0, 30.0, 4000.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.set(self.clock.mono() + seconds)
        self.now.advance(seconds=seconds)
        self.timestamps.refresh()

    @rule(count=st.integers(1, 3))
    def observes(self, count: int) -> None:
        taken = []
        for number in range(count):
            self.value += 1
            mono = round(self.clock.mono() - number * 0.001, 3)
            t = self.timestamps.time_of(mono)
            taken.append(
                ReadingTaken(EQUIPMENT[number], "x", self.value, None, None if t is None else round(t, 3), mono)
            )
        self._commit(packs=packs_of(taken))
        self.time_passes(0.2)

    @rule(where=st.sampled_from(EQUIPMENT))
    def rings_or_falls_quiet(self, where: str) -> None:
        when = {"mono": self.clock.mono(), "t": self.timestamps.time_of(self.clock.mono())}
        if where in self.standing:
            self._commit(events=[cleared(HAZARDS[where], where, self.standing.pop(where), **when)])
        else:
            self.alarms += 1
            self.standing[where] = self.alarms
            self._commit(events=[raised(HAZARDS[where], where, self.alarms, **when)])

    @rule()
    def is_killed(self) -> None:
        """Acknowledgements that were not written down are forgotten."""
        self.store.close()
        self.store = OutboxStore(connect(self.folder / "outbox.db"), 50_000_000)

    @rule(synchronised=st.booleans())
    def reboots(self, synchronised: bool) -> None:
        self.is_killed()
        self.clock.boot = str(uuid.uuid4())
        self.clock.wall_offset += self.clock.mono() - 20.0
        self.clock.set(20.0)
        self.now.advance(seconds=20)
        self.clock.in_step = synchronised
        self.timestamps = Timestamps(self.clock)

    @rule(seconds=st.sampled_from([3600.0, -3600.0, 5 * YEAR, -7 * YEAR, -60 * YEAR]))
    def wall_clock_jumps(self, seconds: float) -> None:
        self.clock.jump(seconds)
        self.timestamps.refresh()

    @rule(yes=st.booleans())
    def wall_clock_is_right(self, yes: bool) -> None:
        self.clock.wall_offset = self.now.now().timestamp() - self.clock.mono()
        self.clock.in_step = yes
        self.timestamps.refresh()

    # -- the link ------------------------------------------------------------------------------------------------------

    @precondition(lambda self: self.sealed)
    @rule(data=st.data())
    def sends(self, data: st.DataObject) -> None:
        waiting = [batch for stream in Stream for batch in self.store.waiting(stream, 0, 1000)]
        if waiting:
            batch = data.draw(st.sampled_from(waiting))
            self.wire.append((self._stamped(batch), batch.stream))

    @precondition(lambda self: self.wire)
    @rule(data=st.data(), times=st.integers(0, 2), answered=st.booleans())
    def delivers(self, data: st.DataObject, times: int, answered: bool) -> None:
        """Any of the messages under way: not at all, once, or twice; the acknowledgement may be lost."""
        payload, stream = self.wire.pop(data.draw(st.integers(0, len(self.wire) - 1)))
        for _ in range(times):
            ack = self.cloud.hears(payload, stream)
            if answered:
                self.acks.append(ack)

    @precondition(lambda self: self.acks)
    @rule(data=st.data())
    def answers(self, data: st.DataObject) -> None:
        self._acknowledge(self.acks.pop(data.draw(st.integers(0, len(self.acks) - 1))))

    @rule()
    def cloud_is_killed(self) -> None:
        self.cloud.crash()

    @invariant()
    def the_latest_never_moves_back(self) -> None:
        if hasattr(self, "cloud"):
            newest = self.cloud.latest()
            assert all(newest[point] >= time for point, time in self.newest.items())
            limit = (self.now.now() + timedelta(seconds=5) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
                microseconds=1
            )
            assert all(time <= limit for time in newest.values())
            self.newest = newest

    # -- underneath ----------------------------------------------------------------------------------------------------

    def _commit(self, **entries) -> None:
        clock = self.clock
        done = self.store.commit(
            Entries(boot=clock.boot, mono=clock.mono(), wall=clock.wall(), clock=self.timestamps.state, **entries),
            {},
            (),
        )
        self.sealed += done
        for batch in done:
            self.perfect.hears(self._stamped(batch), batch.stream)

    def _stamped(self, batch: Sealed) -> bytes:
        return stamp(batch.payload, sent_mono=self.clock.mono(), sent_boot=self.clock.boot, backlog=False)

    def _acknowledge(self, ack: Ack) -> None:
        self.store.settle({(ack.outbox, one.stream): list(one.ranges()) for one in ack.streams}, ())

    def _compare(self) -> None:
        assert self.cloud.state() == self.perfect.state()
        ours, theirs = self.cloud.readings(), self.perfect.readings()
        assert {value: len(kept) for value, kept in ours.items()} == dict.fromkeys(theirs, 1)
        assert len(theirs) == self.value
        boots = self.cloud.boots()
        for batch in self.sealed:
            if batch.stream is Stream.TELEMETRY:
                for record in json.loads(batch.payload)["pack"]:
                    value, mono = record["v"], round(record["mono_"] * 1e6)
                    arrived = self.cloud.arrived[batch.stream, batch.seq]
                    self._check_time((*ours[value][0], arrived), theirs[value][0], mono, boots.get(batch.boot))

    def _check_time(self, ours, theirs, mono, boot) -> None:
        (point, time, quality, arrived), (same_point, perfect, trusted) = ours, theirs
        assert point == same_point
        if quality == trusted == 0:
            assert time == perfect
            return
        if quality == 0:
            # What was the future when it was measured is the past when it arrives late.
            return
        assert time <= arrived + AHEAD_US
        offset, earliest, latest = boot
        if earliest == latest:
            # The first message may have been under way for long, and with it the offset is late; never the future.
            assert time == (offset + mono if offset + mono <= arrived + AHEAD_US else arrived)
        elif earliest is not None:
            assert earliest <= time - mono


TestLinks = Links.TestCase
TestLinks.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # A failing order is short already, and shrinking it opens these stores thousands of times.
    phases=[Phase.explicit, Phase.generate],
)
