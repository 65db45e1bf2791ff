"""The lookout sees whatever the loops would find if each of them looked; on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.adapters.sql.lookout import SqlLookout
from cloud.application.lookout import Work
from cloud.application.ports import UnitOfWork
from cloud.domain.community.names import Names
from cloud.domain.fleet.configuration import Configuration, Origin
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.order import Order, OrderState
from cloud.domain.incidents.exercise import Exercise
from cloud.domain.incidents.maintenance import Window
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.missive import Missive, Subject
from cloud.domain.records.webhook import Posting, Webhook
from cloud.errors import Unavailable
from tests.contract.sql.test_messages import delivery, notice
from tests.contract.sql.test_units_of_work import loaded, stored
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene

__all__ = ["loaded"]

DUE = START + timedelta(minutes=5)
SOONER = DUE - timedelta(microseconds=1)
LATER = DUE + timedelta(days=2)

Deed = Callable[[UnitOfWork], Any]


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_asked(request):
    return request.getfixturevalue("engine" if request.param == "sqlite" else "server")


@pytest.fixture
def units(engine_asked):
    return SqlUnitsOfWork(engine_asked)


@pytest.fixture
def lookout(engine_asked):
    return SqlLookout(engine_asked)


def put(units, *deeds: Deed) -> None:
    with units.writing() as uow:
        for deed in deeds:
            deed(uow)
        uow.commit()


def found_one_by_one(units, now: datetime) -> set[Work]:
    """As each loop asks."""
    with units.reading() as uow:
        asked_for = {
            Work.TIMERS: (uow.tasks.due(now), uow.exercises.due(now), uow.windows.due(now), uow.nodes.fallen_silent(now)),
            Work.NOTIFICATIONS: (uow.outbox.waits(now),),
            Work.MISSIVES: (uow.missives.due(now),),
            Work.TELLING_NODES: (uow.configurations.untold(), uow.orders.untold(now), uow.orders.lapsed(now)),
            Work.WEBHOOKS: (uow.webhooks.behind(), uow.webhooks.any_due(now)),
        }  # fmt: skip
    return {work for work, answers in asked_for.items() if any(answers)}


EXERCISE = Exercise("e1", ESTATE, "property", "manager", ("b1/detector-7a",), {}, START, DUE)
WINDOW = Window("w1", ESTATE, "property", "guard", START, DUE, "works", ("b1/detector-7a",))
MISSIVE = Missive(
    "m1", ESTATE, Subject.EXERCISE_PLANNED, "e1", Names("演练", "Exercise"), START, DUE, "property", "guard"
)
CONFIGURATION = Configuration(ESTATE, "b1-node", 1, "d" * 64, '{"version": 1}', Origin.CLOUD, "member:m", START, "why")
ORDER = Order("o1", ESTATE, "b1-node", "boot", "mute", "member:m", START, DUE, {}, told_at=START)
POSTING = Posting("p1", "w1", ESTATE, 1, START, DUE)
HOOK = Webhook("w1", ESTATE, "https://example.org/", "whsec_x", "manager", START)
NODE = Node(ESTATE, "b1-node", silent_due_at=DUE)


@pytest.mark.parametrize(
    ("work", "arises", "is_done"),
    [
        (Work.TIMERS, lambda uow: uow.exercises.save(EXERCISE), lambda uow: uow.exercises.save(replace(EXERCISE, ended_at=DUE))),
        (Work.TIMERS, lambda uow: uow.windows.save(WINDOW), lambda uow: uow.windows.save(replace(WINDOW, ended_at=DUE))),
        (Work.TIMERS, lambda uow: uow.nodes.save(NODE), lambda uow: uow.nodes.save(replace(NODE, silent_due_at=None))),
        (Work.MISSIVES, lambda uow: uow.missives.save(MISSIVE), lambda uow: uow.missives.save(MISSIVE.sent(DUE))),
        (Work.TELLING_NODES, lambda uow: uow.orders.save(ORDER), lambda uow: uow.orders.save(replace(ORDER, outcome=OrderState.UNANSWERED))),
    ],
)  # fmt: skip
def test_it_sees_what_is_due_when_it_is_and_until_it_is_done(loaded, lookout, work, arises, is_done):
    put(loaded, arises)
    assert lookout.due(SOONER) == set()
    for now in (DUE, LATER):
        assert lookout.due(now) == {work} == found_one_by_one(loaded, now)
    put(loaded, is_done)
    assert lookout.due(LATER) == set() == found_one_by_one(loaded, LATER)


@pytest.mark.parametrize(
    ("arises", "is_done"),
    [
        (lambda uow: uow.configurations.save(CONFIGURATION), lambda uow: uow.configurations.told(CONFIGURATION, DUE)),
        (lambda uow: uow.orders.save(replace(ORDER, action="identify", told_at=None)),
         lambda uow: uow.orders.told(ORDER, DUE)),
    ],
)  # fmt: skip
def test_it_sees_at_once_what_nodes_were_not_told(loaded, lookout, arises, is_done):
    put(loaded, arises)
    assert lookout.due(START) == {Work.TELLING_NODES} == found_one_by_one(loaded, START)
    put(loaded, is_done)
    assert lookout.due(START) == set() == found_one_by_one(loaded, START)


def test_it_sees_webhooks_that_are_behind_and_postings_that_are_due(loaded, lookout):
    put(loaded, lambda uow: uow.webhooks.save(HOOK))
    assert lookout.due(LATER) == set()
    put(loaded, lambda uow: uow.ledger.append(ESTATE, [Draft(Kind.NOTE_ADDED, START, "system", None, None, None, {})]))
    assert lookout.due(START) == {Work.WEBHOOKS} == found_one_by_one(loaded, START)
    put(loaded, lambda uow: uow.webhooks.save(replace(HOOK, position=1)), lambda uow: uow.webhooks.post([POSTING]))
    assert lookout.due(SOONER) == set()
    assert lookout.due(DUE) == {Work.WEBHOOKS} == found_one_by_one(loaded, DUE)
    put(loaded, lambda uow: uow.webhooks.claim(DUE, by="a worker", until=DUE + timedelta(minutes=1)))
    assert lookout.due(DUE) == set() == found_one_by_one(loaded, DUE)
    assert lookout.due(LATER) == {Work.WEBHOOKS}, "the worker has died"


def test_it_sees_messages_to_be_addressed_sent_again_or_passed_on(loaded, lookout):
    stored(loaded)
    put(loaded, lambda uow: uow.outbox.put([notice(1, created_at=DUE)]))
    steps = (
        notice(1, created_at=DUE),
        notice(1, addressed_at=START, second_at=DUE),
        notice(1, addressed_at=START, hurry_at=START),
        notice(1, addressed_at=START),
    )
    for step in steps:
        put(loaded, lambda uow, step=step: uow.outbox.save(step))
        for now in (SOONER, DUE):
            assert lookout.due(now) - {Work.TIMERS} == found_one_by_one(loaded, now) - {Work.TIMERS}
        assert (Work.NOTIFICATIONS in lookout.due(DUE)) is (step is not steps[-1])
    put(loaded, lambda uow: uow.outbox.deliver([delivery(1, next_attempt_at=DUE)]))
    assert Work.NOTIFICATIONS not in lookout.due(SOONER)
    assert Work.NOTIFICATIONS in lookout.due(DUE)


def test_through_an_incident_it_sees_what_the_loops_would_have_found(units, lookout):
    scene, seen = Scene(units), set[Work]()
    scene.rings("lift.entrapment", "b1/lift-1")
    for _ in range(20):
        now = scene.clock.now()
        due = lookout.due(now)
        assert due == found_one_by_one(units, now)
        seen |= due
        scene.clock.advance(seconds=40)
        now = scene.clock.now()
        assert lookout.due(now) == found_one_by_one(units, now)
        seen |= lookout.due(now)
        scene.timers()
    assert {Work.TIMERS, Work.NOTIFICATIONS} <= seen


def test_a_storage_that_does_not_answer_is_said_so(engine):
    lookout = SqlLookout(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE missives")
    with pytest.raises(Unavailable):
        lookout.due(START)
