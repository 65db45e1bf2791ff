"""The board goes away under a running agent, alone and with the broker: it ends with a clear message, soon and in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.estate import SCENARIOS, RunningEstate
from tests.e2e.programs import until

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto, pytest.mark.timeout(180)]

ENDED_S = 12.0
"""Contacts are read every 5 s, a frozen board is given up after 3, a farewell to a broker that is gone takes 2."""


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[RunningEstate]:
    running = RunningEstate(tmp_path, SCENARIOS / "five-hazards.toml")
    try:
        running.open().begin()
        for node in running.nodes.values():
            until(lambda node=node: node.said('"connected"'), 30.0, "the node is connected", node)
        yield running
    finally:
        running.close()


@pytest.mark.parametrize("gone", [["board"], ["board", "broker"], ["broker", "board"]], ids=" then ".join)
def test_the_agent_ends_and_says_why(estate: RunningEstate, gone: list[str]):
    for what in gone:
        (estate.world if what == "board" else estate.broker).kill()
    for node in estate.nodes.values():
        assert node.ended(ENDED_S) == 1
        last = next(line for line in node.lines if line.startswith("tocsin-edge: "))
        assert "no longer answers; check that it runs and can be reached" in last
        assert not node.said("Traceback")
