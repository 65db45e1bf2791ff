"""Node, cloud and broker are killed in the middle of it, one after the other and together: nothing is lost, nothing doubled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.estate import SCENARIOS, START_S, RunningEstate
from tests.e2e.programs import until

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto, pytest.mark.timeout(240)]

RAISED = [
    ("access.forced-open", "b2/gate-1"),
    ("access.reader-tamper", "b1/gate-1"),
    ("fire.detector-fault", "b1/smoke-2"),
    ("fire.manual-call-point", "b1/smoke-1"),
    ("lift.door-fault", "b2/lift-1"),
    ("lift.entrapment", "b1/lift-1"),
]
ANSWERED_S = 60.0


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[RunningEstate]:
    running = RunningEstate(tmp_path, SCENARIOS / "interrupted.toml")
    try:
        yield running.open().begin()
    finally:
        running.close()


def has_task(estate: RunningEstate, hazard: str) -> bool:
    return any(task["hazard"] == hazard for task in estate.answers.tasks())


def raised(estate: RunningEstate) -> list[tuple[str, str]]:
    # A call point to which nobody says a word for three minutes is presumed to be a fire.
    known = {"fire.presumed": "fire.manual-call-point"}
    return sorted(
        (known.get(task["hazard"], task["hazard"]), task["equipment"]["id"]) for task in estate.answers.tasks()
    )


def passed(estate: RunningEstate, kind: str) -> None:
    """Until a fault of this kind has begun in the world, whether or not anybody can hear of it."""

    def begun() -> bool:
        truth = estate.truth
        return truth is not None and any(fault.kind == kind and fault.onset for fault in truth.faults.values())

    until(begun, ANSWERED_S, f"{kind} has begun", estate.world)


def cut_power(estate: RunningEstate) -> None:
    """Each program once at a moment at which something is on its way, then all three at once."""
    b1, b2 = estate.nodes["b1-node"], estate.nodes["b2-node"]
    until(lambda: has_task(estate, "fire.manual-call-point"), ANSWERED_S, "the call point rings", estate.cloud)
    numbered = estate.events_numbered("b2-node")
    passed(estate, "forced-door")
    # From the commit on nothing may be lost. Before it, nobody can know that a door that stands open was forced.
    until(
        lambda: b2.said("access.forced-open") and estate.events_numbered("b2-node") > numbered,
        ANSWERED_S,
        "the node has it in its outbox",
        b2,
    )
    b2.kill()
    b2.start()
    passed(estate, "lift-door-fault")
    estate.cloud.kill()
    passed(estate, "entrapment")
    estate.cloud.start()
    until(lambda: estate.answers.alive, START_S, "the cloud is back", estate.cloud)
    estate.broker.kill()
    estate.broker.lose_store()
    passed(estate, "reader-tamper")
    estate.broker.start()
    passed(estate, "detector-fault")
    for program in (b1, estate.cloud):
        program.kill()
    estate.broker.kill()
    estate.broker.lose_store()
    b1.start()
    estate.broker.start()
    estate.cloud.start()
    until(lambda: estate.answers.alive, START_S, "the cloud is back again", estate.cloud)


def test_killed_in_the_middle_of_it_nothing_is_lost_and_nothing_is_doubled(
    estate: RunningEstate, capsys: pytest.CaptureFixture[str]
):
    cut_power(estate)
    try:
        until(
            lambda: raised(estate) == RAISED,
            ANSWERED_S,
            "every hazard has its task, and only those",
            estate.cloud,
            *estate.nodes.values(),
        )
    except AssertionError:
        assert raised(estate) == RAISED
    sent, books = estate.balance()
    kept = estate.readings_balance()
    lost = sent - books.stored + books.lost
    doubled = books.conflicts + (kept.stored - kept.counted)
    with capsys.disabled():
        print(f"\nsent {sent} stored {books.stored} lost {lost} duplicate {doubled}", end=" ")
        print(f"(batches; {books.duplicate} arrived again and changed nothing; {kept.stored} readings)")
    assert (lost, doubled, books.refused) == (0, 0, 0)
    assert estate.answers.dead_letters() == []
    assert estate.answers.misfit() is None
    assert raised(estate) == RAISED
    for incident in estate.answers.incidents():
        opened = [line for line in incident["timeline"] if line["kind"] == "incident.opened"]
        assert len(opened) == 1, f"{incident['task']['hazard']} was opened {len(opened)} times"
        assert incident["task"]["reopened_count"] == 0
