"""Cloud and nodes start where no broker is: they say so once, and what happened meanwhile arrives when it comes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.estate import SCENARIOS, RunningEstate
from tests.e2e.programs import until

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto, pytest.mark.timeout(240)]

HAPPENED_S = 40.0
ARRIVED_S = 60.0
"""A node tries again after at most thirty seconds."""


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[RunningEstate]:
    running = RunningEstate(tmp_path, SCENARIOS / "interrupted.toml")
    try:
        yield running.open(broker=False).begin()
    finally:
        running.close()


def test_everything_that_happened_without_a_broker_arrives_once_it_is_there(estate: RunningEstate):
    b1 = estate.nodes["b1-node"]
    until(lambda: b1.said("lift.entrapment"), HAPPENED_S, "somebody is trapped", b1, estate.cloud)
    code, answer = estate.answers.readiness()
    assert code == 503
    assert f"no broker answers at 127.0.0.1:{estate.broker.port}" in answer["detail"]
    assert estate.answers.tasks() == []
    assert sum("broker not available" in line for line in estate.cloud.lines) == 1
    for node in estate.nodes.values():
        assert sum("no connection to the broker" in line for line in node.lines) == 1
    estate.broker.start()

    def arrived() -> bool:
        return {"fire.manual-call-point", "access.forced-open", "lift.entrapment"} <= {
            task["hazard"] for task in estate.answers.tasks()
        }

    until(arrived, ARRIVED_S, "their tasks are there", estate.cloud, *estate.nodes.values())
    sent, books = estate.balance()
    assert books.stored == sent > 0
    assert (books.refused, books.lost, books.conflicts) == (0, 0, 0)
    assert estate.answers.readiness()[0] == 200
    assert estate.answers.dead_letters() == []
