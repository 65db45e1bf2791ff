"""Every clock and every escalation is a due time in the database, claimed so that a restart or a second worker neither loses nor
repeats one; and a vote is a fact like any other (governance.md, Clocks; Ledger).
"""

from __future__ import annotations

import threading
from collections import Counter

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.consultation.ballots import Entry
from cloud.application.identifiers import RandomIds
from cloud.application.tasks.run_timers import RunTimers
from cloud.domain.consultation.ballot import Choice
from cloud.domain.records.ledger import Kind
from cloud.domain.records.ledger_chain import verify
from tests.fakes.clocks import AlwaysListening
from tests.fakes.hall import Hall
from tests.fakes.scene import Scene

WORKERS = 3
STEPS = (Kind.ESCALATED, Kind.CLOCK_BREACHED, Kind.TASK_RESOLVED, Kind.LADDER_ENDED)


@pytest.fixture(params=["engine", "server"], ids=["sqlite", "postgresql"])
def kept(request):
    return request.getfixturevalue(request.param)


def workers(scene: Scene) -> None:
    """Several processes come to what is due at the same moment, each with nothing but the database."""
    together, failures = threading.Barrier(WORKERS), list[BaseException]()

    def works() -> None:
        try:
            timers = RunTimers(scene.units, scene.clock, RandomIds(), AlwaysListening())
            together.wait(10)
            timers()
        except BaseException as error:  # noqa: BLE001 - told below, in the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=works) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []


def test_several_workers_at_one_moment_neither_lose_nor_repeat_a_step_or_a_breach(kept):
    scene, alone = Scene(SqlUnitsOfWork(kept)), Scene()
    for one in (scene, alone):
        number = one.rings("access.forced-open", "b1/door")
        one.rings("lift.entrapment", "b1/lift-1")
        one.rings("fire.co", "b1/co-1")
        one.falls_quiet("access.forced-open", "b1/door", number)
    for minutes in (1, 2, 2, 5, 30):
        alone.passes(minutes=minutes)
        scene.clock.advance(minutes=minutes)
        workers(scene)
    taken = [Counter(one.kind for one in known.ledger() if one.kind in STEPS) for known in (scene, alone)]
    assert taken[0] == taken[1]
    assert taken[0][Kind.ESCALATED] > 5
    assert sorted(scene.told()) == sorted(alone.told())
    assert verify(scene.ledger()) is None


def test_every_vote_is_a_fact_with_who_when_and_what_brought_it_about_and_without_what_it_says(engine):
    hall = Hall(SqlUnitsOfWork(engine))
    ballot, ballots = hall.ballot(), hall.consulting.ballots
    ballots.vote(ballot.id, Choice.FOR, hall.as_("neighbour"), cause="request-1")
    paper = ballots.enter(ballot.id, Entry("o2", Choice.AGAINST), hall.as_("chair"), cause="request-2")
    ballots.confirm(ballot.id, paper.id, hall.as_("secretary"), cause="request-3")
    told = [one for one in hall.scene.ledger() if one.kind.startswith("ballot.vote-")]
    assert [(one.kind, one.actor, one.causation_id, one.at) for one in told] == [
        (Kind.VOTE_CAST, "member:neighbour", "request-1", hall.clock.now()),
        (Kind.VOTE_ENTERED, "member:chair", "request-2", hall.clock.now()),
        (Kind.VOTE_CONFIRMED, "member:secretary", "request-3", hall.clock.now()),
    ]
    for one in told:
        assert {"digest", "vote"} <= one.data.keys()
        assert not {"for", "against", "o1", "o2"} & set(map(str, one.data.values()))
