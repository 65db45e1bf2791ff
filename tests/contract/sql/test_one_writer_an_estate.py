"""What is brought about of one estate at one moment comes one after the other, on PostgreSQL as on SQLite."""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.identifiers import RandomIds
from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.sightings import Sighting
from cloud.application.tasks.turn import Turn
from cloud.domain.incidents.alert import Fingerprint
from cloud.domain.incidents.report import Concern
from schemas.hazards import hazard
from tests.fakes.estate import ESTATE
from tests.fakes.scene import Scene
from tests.faults.governance.stories import STORIES
from tests.faults.governance.walking import tells
from tests.faults.governance.world import Stage

_WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


class Meanwhile:
    """Something that another thread does: when this is made, it has ended or waits for what we hold."""

    def __init__(self, server: Engine, do: Callable[[], object]) -> None:
        self._do, self._came = do, list[Any]()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        until = time.monotonic() + 10.0
        with server.connect() as connection:
            while self._thread.is_alive() and not connection.execute(_WAITING).scalar():
                connection.rollback()
                assert time.monotonic() < until, "it neither ends nor waits for us"

    def _run(self) -> None:
        try:
            self._came.append(self._do())
        except Exception as error:  # noqa: BLE001 - handed to the test
            self._came.append(error)

    def result(self) -> Any:
        self._thread.join(10.0)
        (came,) = self._came
        if isinstance(came, Exception):
            raise came
        return came


@pytest.fixture
def scene(server):
    scene = Scene(SqlUnitsOfWork(server))
    # Two threads give ids at once.
    ids = RandomIds()
    scene.ids.new = ids.new
    return scene


def consequences_of(scene, uow):
    return Consequences(uow, uow.registers.find(ESTATE), scene.ids, scene.clock.now())


def sighting(scene, hazard_id, equipment, occurrence):
    known, now = Fingerprint(ESTATE, hazard_id, equipment), scene.clock.now()
    return Sighting(known, "b1-node", occurrence, hazard(hazard_id).severity, now, f"cause:{occurrence}")


def raises(scene, one):
    """A node's word, in a unit of work of its own."""
    with scene.units.writing() as uow:
        consequences = consequences_of(scene, uow)
        consequences.raised(one)
        consequences.settle()
        uow.commit()


def test_two_detectors_at_one_moment_are_one_incident_and_a_presumed_fire(scene, server):
    with scene.units.writing() as uow:
        consequences = consequences_of(scene, uow)
        consequences.raised(sighting(scene, "fire.smoke", "b1/smoke-1", "o1"))
        other = Meanwhile(server, lambda: raises(scene, sighting(scene, "fire.smoke", "b1/smoke-2", "o2")))
        consequences.settle()
        uow.commit()
    other.result()
    assert [task.hazard for task in scene.board()] == ["fire.presumed"]


def test_who_reports_that_somebody_is_trapped_while_the_lift_says_so_is_heard(scene, server):
    with scene.units.writing() as uow:
        consequences = consequences_of(scene, uow)
        consequences.raised(sighting(scene, "lift.entrapment", "b1/lift-1", "o1"))
        other = Meanwhile(server, lambda: scene.is_reported(Concern.TRAPPED, "b1/lift-1"))
        consequences.settle()
        uow.commit()
    given = other.result()
    assert [task.incident_id for task in scene.board()] == [given.incident_id]


def test_who_acts_at_the_moment_at_which_a_ladder_climbs_is_not_refused(scene, server):
    scene.rings("lift.entrapment", "b1/lift-1")
    task_id = scene.only_task().id
    now = scene.clock.advance(minutes=3)
    with scene.units.writing() as uow:
        uow.ledger.hold(ESTATE)
        (task,) = uow.tasks.due(now)
        Turn(uow, task, ids=scene.ids, now=now).take()
        other = Meanwhile(server, lambda: scene.act.acknowledge(task_id, "technician"))
        uow.commit()
    assert other.result().state == "acknowledged"


def test_time_waits_for_who_acts_and_then_finds_what_they_did(scene, server):
    """Neither for ever: who holds the estate waits for no task that time has claimed, since time holds it first, too."""
    scene.rings("lift.entrapment", "b1/lift-1")
    task_id = scene.only_task().id
    scene.clock.advance(minutes=3)
    with scene.units.writing() as uow:
        uow.ledger.hold(ESTATE)
        other = Meanwhile(server, scene.timers)
        task = uow.tasks.get(task_id)
        task.contested = True
        uow.tasks.save(task)
        uow.commit()
    other.result()
    assert ("lift-firm", "call_sheet") in scene.told()


_HELD = re.compile(r"FROM estates\s.*FOR UPDATE", re.DOTALL)
_MATTER = re.compile(r"^\s*(INSERT INTO|UPDATE) (tasks|incidents|alerts|occurrences)\b")


class Order:
    """Which transactions changed a matter before they held its estate."""

    def __init__(self, engine: Engine) -> None:
        self.early: list[str] = []
        self.changes = 0
        self._held: dict[int, bool] = defaultdict(bool)
        event.listen(engine, "begin", self._begins)
        event.listen(engine, "before_cursor_execute", self._executes)

    def _begins(self, connection: Any) -> None:
        self._held[id(connection.connection.dbapi_connection)] = False

    def _executes(self, connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        key = id(connection.connection.dbapi_connection)
        self._held[key] = self._held[key] or _HELD.search(statement) is not None
        if _MATTER.match(statement):
            self.changes += 1
            if not self._held[key]:
                self.early.append(statement.split("\n", 1)[0][:60])


@pytest.mark.parametrize("story", STORIES)
def test_every_use_case_holds_the_estate_before_it_changes_a_matter_of_it(postgresql_server, story):
    """Else two of them might wait for each other, or for one moment each not know of the other."""
    with closing(Stage(postgresql_server)) as stage:
        order = Order(stage.engine)
        tells(STORIES[story], stage)
    assert order.early == []
    assert order.changes or story not in ("alarms", "joint work", "people", "residents")
