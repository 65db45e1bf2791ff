"""A disk that is full, at the nodes or at the cloud: alarms still go out, nothing is acknowledged that is not stored, and
when there is room again everything is there once.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.estate import SCENARIOS, RunningEstate
from tests.e2e.programs import until

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto, pytest.mark.timeout(300)]

ANSWERED_S = 60.0
BLOCK = b"\0" * 4096
RAISED = [
    ("access.forced-open", "b2/gate-1"),
    ("access.reader-tamper", "b1/gate-1"),
    ("fire.detector-fault", "b1/smoke-2"),
    ("fire.manual-call-point", "b1/smoke-1"),
    ("lift.door-fault", "b2/lift-1"),
    ("lift.entrapment", "b1/lift-1"),
]


class SmallDisk:
    """A file system of its own in memory, that can be filled to the last block."""

    def __init__(self, folder: Path, megabytes: int) -> None:
        self._folder, self._ballast = folder, folder / "ballast"
        folder.mkdir(parents=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tocsin-test", folder],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            pytest.skip(f"a small disk needs the right to mount: {done.stderr.strip()}")

    def fill(self) -> None:
        with self._ballast.open("ab", buffering=0) as ballast:
            while True:
                try:
                    ballast.write(BLOCK)
                except OSError:
                    return

    def free(self) -> None:
        self._ballast.unlink()

    def unmount(self) -> None:
        subprocess.run(["umount", self._folder], check=True)


Opens = Callable[[str], tuple[RunningEstate, SmallDisk]]


@pytest.fixture
def on_small_disk(tmp_path: Path) -> Iterator[Opens]:
    """The estate with the named folder on a small disk."""
    if os.geteuid() != 0:
        pytest.skip("a small disk needs the right to mount")
    made: list[tuple[RunningEstate, SmallDisk]] = []

    def opens(folder: str) -> tuple[RunningEstate, SmallDisk]:
        disk = SmallDisk(tmp_path / folder, 32)
        made.append((RunningEstate(tmp_path, SCENARIOS / "interrupted.toml"), disk))
        made[0][0].open().begin()
        return made[0]

    yield opens
    for running, disk in made:
        running.close()
        disk.unmount()


def raised(estate: RunningEstate) -> list[tuple[str, str]]:
    # A call point to which nobody says a word for three minutes is presumed to be a fire.
    known = {"fire.presumed": "fire.manual-call-point"}
    return sorted(
        (known.get(task["hazard"], task["hazard"]), task["equipment"]["id"]) for task in estate.answers.tasks()
    )


def has_task(estate: RunningEstate, hazard: str) -> bool:
    return any(task["hazard"] == hazard for task in estate.answers.tasks())


def everything_once(estate: RunningEstate, capsys: pytest.CaptureFixture[str]) -> None:
    until(lambda: raised(estate) == RAISED, ANSWERED_S, "every hazard has its task", estate.cloud)
    until(lambda: estate.waiting() == 0 or None, ANSWERED_S, "everything is acknowledged", estate.cloud)
    kept, books = estate.readings_balance(), estate.answers.books()
    assert kept.counted == kept.stored > 0
    assert (books.refused, books.lost, books.conflicts) == (0, 0, 0)
    assert estate.answers.dead_letters() == []
    assert estate.answers.misfit() is None
    for incident in estate.answers.incidents():
        assert [line["kind"] for line in incident["timeline"]].count("incident.opened") == 1
    with capsys.disabled():
        doubled = kept.stored - kept.counted
        print(f"\nalarms {len(RAISED)} tasks {len(raised(estate))}, readings counted {kept.counted}", end=" ")
        print(f"stored {kept.stored} lost {books.lost} duplicate {doubled + books.conflicts}")


def test_a_nodes_full_disk_holds_no_alarm_back_and_loses_nothing(
    on_small_disk: Opens, capsys: pytest.CaptureFixture[str]
):
    estate, disk = on_small_disk("nodes")
    b1 = estate.nodes["b1-node"]
    until(lambda: has_task(estate, "fire.manual-call-point"), ANSWERED_S, "the call point rings", estate.cloud)
    disk.fill()
    until(lambda: b1.said("the outbox cannot commit"), ANSWERED_S, "the node says that its disk is full", b1)
    until(lambda: has_task(estate, "lift.entrapment"), ANSWERED_S, "an alarm goes out all the same", b1, estate.cloud)
    until(lambda: has_task(estate, "access.reader-tamper"), ANSWERED_S, "and the next", b1, estate.cloud)
    assert not b1.said("commits again"), "the disk is full still"
    disk.free()
    until(lambda: b1.said('"lost_readings": 0'), ANSWERED_S, "the outbox commits again", b1)
    everything_once(estate, capsys)
    assert all(node.runs for node in estate.nodes.values()), "nobody had to be started again"
    assert sum("the outbox cannot commit" in line for line in b1.lines) == 1, "said once"


def test_a_cloud_whose_disk_is_full_acknowledges_nothing_and_says_so(
    on_small_disk: Opens, capsys: pytest.CaptureFixture[str]
):
    estate, disk = on_small_disk("cloud")
    b1 = estate.nodes["b1-node"]
    until(lambda: has_task(estate, "fire.manual-call-point"), ANSWERED_S, "the call point rings", estate.cloud)
    disk.fill()

    def trouble() -> str | None:
        code, answer = estate.answers.readiness()
        detail: str = answer.get("detail", "")
        return detail if code == 503 and "state:" in detail and "readings:" in detail else None

    until(lambda: b1.said("access.reader-tamper"), ANSWERED_S, "another alarm at the node", b1, estate.cloud)
    said = until(trouble, ANSWERED_S, "not ready", estate.cloud)
    assert "nothing is stored or acknowledged, nodes keep what they have" in said
    assert "full" in said
    assert not has_task(estate, "access.reader-tamper")
    assert estate.waiting() > 0, "the nodes keep it"
    disk.free()
    everything_once(estate, capsys)
    sent, books = estate.balance()
    assert books.stored == sent
    with capsys.disabled():
        print(f"sent {sent} stored {books.stored} lost {books.lost} duplicate {books.conflicts}")
    assert estate.answers.readiness()[0] == 200
    assert estate.cloud.runs, "nobody had to start it again"
