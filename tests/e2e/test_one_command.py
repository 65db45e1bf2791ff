"""What `make run` starts: within 90 s the first hazard is the right party's task; Ctrl-C ends all of it; it continues."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from cloud.adapters.clock import SystemClock
from cloud.application.asking.queries import Queries
from cloud.settings import load_settings
from cloud.state import open_state
from deploy import example
from tests.e2e.programs import Program, until
from tests.fakes.ports import own_ports

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FIRST_HAZARD_WITHIN_S = 90.0


@pytest.fixture
def ports() -> list[int]:
    return own_ports(2)


@pytest.fixture
def run(tmp_path: Path, ports: list[int]) -> Iterator[Program]:
    arguments = ("--data", tmp_path, "--port", str(ports[0]), "--broker-port", str(ports[1]))
    program = Program("tocsin run", "-m", "deploy.cli", "run", *arguments)
    yield program
    program.close()


def rings(run: Program) -> str:
    """Start it and wait for the task; the first personal link that this run printed."""
    before = len(run.lines)
    run.start()
    until(
        lambda: any("Person trapped in lift" in line for line in run.lines[before:]),
        FIRST_HAZARD_WITHIN_S,
        "somebody's task",
        run,
    )
    return next(line.strip() for line in run.lines[before:] if "/enter/" in line)


def stops(run: Program) -> None:
    started = psutil.Process(run.pid).children(recursive=True)
    assert len(started) >= 4, "cloud, building and two nodes"
    run.interrupt()
    assert run.ended() == 0
    assert not [child for child in started if child.is_running()], "something goes on after Ctrl-C"


def board(data: Path) -> dict[str, str]:
    """Incident → its responsible party, as the state has it while nothing runs."""
    state = open_state(load_settings(data=data / "cloud"))
    try:
        tasks = Queries(state.units, SystemClock()).board(example.ESTATE, None).tasks
        return {task.incident_id: task.responsible.kind for task in tasks if task.hazard == "lift.entrapment"}
    finally:
        state.close()


def test_it_rings_stops_and_continues(run: Program, tmp_path: Path, ports: list[int]):
    link = rings(run)
    with httpx.Client(follow_redirects=True, trust_env=False, headers={"sec-fetch-site": "same-origin"}) as browser:
        assert browser.post(link).is_success
        page = browser.get(f"http://127.0.0.1:{ports[0]}/", params={"lang": "en"})
        assert "Person trapped in lift" in page.text
    listeners = {
        at.laddr.ip for at in psutil.net_connections("tcp") if at.laddr.port in ports and at.status == "LISTEN"
    }
    assert listeners == {"127.0.0.1"}, "what is for trying out is open to this machine only"
    stops(run)
    first = board(tmp_path)
    assert set(first.values()) == {"lift_maintainer"}
    rings(run)
    stops(run)
    assert first.items() <= board(tmp_path).items()
