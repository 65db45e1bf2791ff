"""Clocks that are wrong, jump by years, or know no time at all: nothing is lost, doubled, or dated into the future."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime

import pytest

from cloud.adapters.timeseries.embedded.reading import EmbeddedReader
from tests.e2e.programs import until
from tests.faults import oracle
from tests.faults.loaded_node import CALL_POINT, HANDS, SMOKE, TAMPER
from tests.faults.stage import LoadedNode, Stage, stage_in

pytestmark = [pytest.mark.mosquitto, pytest.mark.slow, pytest.mark.timeout(180)]

YEAR = 365.25 * 86400
JUDGED_S = 10.5
"""A node judges its clock anew every ten seconds."""
HAND_OF = {pin: number for number, pin in HANDS.items()}


class Latest:
    """Looks again and again at what the newest reading of each point is; it may never become an older one."""

    def __init__(self, stage: Stage) -> None:
        self._path = stage.data / "readings.db"
        self.times: dict[str, int] = {}

    def look(self) -> None:
        with closing(EmbeddedReader(self._path)) as reader:
            for point, sample in reader.latest("example", reader.points("example")).items():
                assert sample.time >= self.times.get(point, sample.time), f"{point} went back"
                assert sample.time <= time.time() * 1e6 + 5e6, f"the latest of {point} lies in the future"
                self.times[point] = sample.time


def _works(node: LoadedNode, seconds: float, latest: Latest) -> None:
    """The node works for a while, under observation."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert node.program.runs
        latest.look()
        time.sleep(0.25)  # As long as it works; nothing is waited for.


def _has_saved(node: LoadedNode, boot: str) -> bool:
    return any(boot.encode() in batch.payload for batch in oracle.held(node.outbox))


def _connections(node: LoadedNode) -> int:
    return node.program.count('"connected"')


def _restarts(node: LoadedNode) -> None:
    node.kill()
    node.reboot()
    node.start()


def test_years_back_and_forward_no_clock_at_boot_and_a_boot_that_never_knew_the_time(tmp_path):
    with stage_in(tmp_path) as stage:
        node, latest = stage.node(seed=3), Latest(stage)
        node.start()
        _works(node, 3, latest)
        for years in (5, -12, 7):
            node.dials.wall_jumps(years * YEAR)
            _works(node, 2, latest)
        known = node.boot
        # A boot that sees neither the time nor the network, and is over before anything of it has arrived.
        stage.broker.kill()
        node.dials.synchronised(False)
        node.dials.wall_is(12.0)
        _restarts(node)
        never_knew = node.boot
        until(lambda: _has_saved(node, never_knew), 30, "something of it is on its card", node.program)
        _works(node, 3, latest)
        # Another in 1970; this one is connected. The alarm of a clock that believes it is 1970 pages at once.
        stage.broker.start()
        before = _connections(node)
        _restarts(node)
        until(lambda: _connections(node) > before, 30, "connected", node.program)
        rung = time.time()
        node.hand(HAND_OF[CALL_POINT])
        paged = "SELECT at, uncertain FROM events WHERE kind = 'alarm.raised' AND body LIKE '%manual-call-point%'"
        ((at, uncertain),) = until(lambda: stage.ask(paged), 10, "the alarm is in the cloud", stage.cloud)
        assert abs(datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp() - rung) < 5
        assert not uncertain
        until(lambda: stage.ask("SELECT 1 FROM tasks WHERE over = 0"), 5, "somebody is asked", stage.cloud)
        # Then it learns the time.
        node.dials.wall_is(time.time())
        node.dials.synchronised(True)
        _works(node, JUDGED_S, latest)
        assert node.program.said("the clock is now synchronised")
        stage.drain()
        latest.look()
        stage.balance().check()
        _check_bounds(stage, known, never_knew, node.boot)


def _check_bounds(stage: Stage, known: str, never_knew: str, last: str) -> None:
    boots = {boot: bounds for boot, *bounds in stage.ask("SELECT boot, earliest, latest FROM boots")}
    assert boots[last][0] == boots[last][1], "it was heard while it lasted"
    assert boots[known][0] == boots[known][1], "it knew the time"
    earliest, latest_ = boots[never_knew]
    # Here all boots count from one moment, so the true one is known to the test.
    assert earliest is not None
    assert earliest < boots[known][0] < latest_, "of a boot that was over only bounds are known"
    assert latest_ - earliest < 30e6, "and it took no longer than this"


@pytest.mark.soak
def test_what_a_cloud_decided_for_a_boot_stands_when_it_is_killed(tmp_path):
    with stage_in(tmp_path) as stage:
        node, latest = stage.node(seed=5), Latest(stage)
        node.dials.synchronised(False)
        node.dials.wall_is(12.0)
        node.start()
        decided = until(lambda: stage.ask("SELECT * FROM boots"), 30, "an offset is decided", stage.cloud)
        for _ in range(3):
            _works(node, 1.5, latest)
            stage.cloud.kill()
            stage.start_cloud()
        stage.drain()
        assert stage.ask("SELECT * FROM boots") == decided
        stage.balance().check()


@pytest.mark.soak
def test_late_alarms_are_dated_and_call_people_only_if_they_still_stand(tmp_path):
    with stage_in(tmp_path) as stage:
        node = stage.node(seed=7, speed=400.0)
        stage.broker.kill()
        node.start(0)
        until(lambda: node.program.said("node started"), 20, "the node works", stage.cloud)
        for pin, times in ((SMOKE, 2), (TAMPER, 1)):
            for _ in range(times):
                node.hand(HAND_OF[pin])
                until(lambda: node.program.said("alarm raised"), 10, "alarm", stage.cloud)
                # Three minutes and more on its clock; and two signals of a kind that come at once are one to a process.
                time.sleep(0.5)
        # Over an hour and a half passes on the node's clock.
        time.sleep(15)
        stage.broker.start()
        # What is over is dated and nobody is called; what still stands is no old news once the node has said so.
        wanted = {"fire.smoke": (1, False), "access.reader-tamper": (0, True)}
        until(lambda: _late_and_called(stage) == wanted, 30, "both alarms have arrived and were judged", stage.cloud)
        stage.drain()
        stage.balance().check()


def _late_and_called(stage: Stage) -> dict[str, tuple[int, bool]]:
    rows = stage.ask(
        "SELECT a.hazard, a.late, (SELECT count(*) FROM notifications n WHERE n.incident_id = a.incident_id) FROM alerts a "
        "WHERE a.hazard IN ('fire.smoke', 'access.reader-tamper')"
    )
    return {hazard: (late, calls > 0) for hazard, late, calls in rows}
