"""Tasks that are over are found by where, what, who, when and how they ended; alarms and ballots of an estate are read whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from cloud.application.sought import EVERYTHING, Sought
from cloud.domain.tasks.ending import Ending
from cloud.domain.tasks.sight import Outlook
from cloud.domain.tasks.task import Resolution, ResolutionReason, TaskState
from tests.contract.sql.test_units_of_work import asked, matter, smoke
from tests.fakes.clocks import START
from tests.fakes.estate import ESTATE, HOME, register

MINUTE = timedelta(minutes=1)
ENDED = {
    "t1": (TaskState.CLOSED, ResolutionReason.FIXED, False),
    "t2": (TaskState.CLOSED, ResolutionReason.FALSE_ALARM, False),
    "t3": (TaskState.CLOSED, ResolutionReason.FIXED, True),
    "t4": (TaskState.MERGED, None, False),
    "t5": (TaskState.CANCELLED, None, False),
    "t6": (TaskState.NEW, None, False),
}
"""Each closed a minute after the one before; the last is open."""


def ended(number: int):
    task = asked(f"t{number}", f"i{number}")
    task.state, reason, task.unverified = ENDED[task.id]
    task.resolution = Resolution(reason, START) if reason else None
    task.closed_at = None if task.open else START + number * MINUTE
    return task


def keeps_all(units) -> None:
    places = {2: f"{HOME}/b2", 3: f"{HOME}/b1"}
    with units.writing() as uow:
        uow.registers.store(register(), "digest-1")
        for number in range(1, 7):
            hazard = "lift.entrapment" if number == 3 else "fire.smoke"
            place = places.get(number, f"{HOME}/b1/f2")
            uow.incidents.save(replace(matter(f"i{number}"), hazard=hazard, place_id=place))
            uow.tasks.save(ended(number))
        uow.commit()


@pytest.fixture
def loaded(units):
    keeps_all(units)
    return units


def found(units, sought: Sought, **more) -> list[str]:
    with units.reading() as uow:
        return [task.id for task in uow.tasks.closed(ESTATE, sought=sought, **more)]


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        (EVERYTHING, ["t5", "t4", "t3", "t2", "t1"]),
        (Sought(place=f"{HOME}/b1"), ["t5", "t4", "t3", "t1"]),
        (Sought(place=f"{HOME}/b"), []),
        (Sought(hazard="lift"), ["t3"]),
        (Sought(hazard="lift.entrapment"), ["t3"]),
        (Sought(hazard="lif"), []),
        (Sought(hazard="fire", place=f"{HOME}/b2"), ["t2"]),
        (Sought(party="micro-station"), ["t5", "t4", "t3", "t2", "t1"]),
        (Sought(party="lift-firm"), []),
        (Sought(since=START + 2 * MINUTE, until=START + 4 * MINUTE), ["t3", "t2"]),
        *((Sought(ending=one), [f"t{n}"]) for one, n in zip(
            (Ending.VERIFIED, Ending.FALSE_ALARM, Ending.UNVERIFIED, Ending.MERGED, Ending.CANCELLED), range(1, 6), strict=True
        )),
    ],
)  # fmt: skip
def test_closed_tasks_are_found_by_what_is_sought(loaded, sought, expected):
    assert found(loaded, sought) == expected


def test_what_is_sought_is_narrowed_before_it_is_counted_and_goes_on_where_it_was(loaded):
    in_b1 = Sought(place=f"{HOME}/b1")
    assert found(loaded, in_b1, limit=2) == ["t5", "t4"]
    assert found(loaded, in_b1, limit=2, before=(START + 4 * MINUTE, "t4")) == ["t3", "t1"]


def test_nobody_finds_what_they_do_not_see(loaded):
    assert found(loaded, Sought(hazard="fire"), seen_by=Outlook((f"{HOME}/b2",), frozenset())) == ["t2"]


def test_what_is_open_again_has_not_ended(loaded):
    with loaded.writing() as uow:
        task = uow.tasks.get("t1")
        task.state, task.closed_at, task.resolution = TaskState.NEW, None, None
        uow.tasks.save(task)
        uow.commit()
    assert found(loaded, Sought(ending=Ending.VERIFIED)) == []


def test_those_of_before_are_found_too(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'state.db'}")
    upgrade(engine)
    units = SqlUnitsOfWork(engine)
    keeps_all(units)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE tasks DROP COLUMN ending"))
    with engine.begin() as connection, Operations.context(MigrationContext.configure(connection)):
        import_module("cloud.migrations.versions.0050_how_tasks_ended").upgrade()
    by_ending = {one: found(units, Sought(ending=one)) for one in Ending}
    engine.dispose()
    assert by_ending == {
        Ending.VERIFIED: ["t1"], Ending.FALSE_ALARM: ["t2"], Ending.UNVERIFIED: ["t3"], Ending.MERGED: ["t4"],
        Ending.CANCELLED: ["t5"],
    }  # fmt: skip


def test_all_alarms_of_an_estate_are_read_the_latest_first(loaded):
    with loaded.writing() as uow:
        for number in range(5):
            alert = smoke(f"a{number}")
            if number:
                alert.end("o1", START + MINUTE)
            uow.alerts.save(alert)
        uow.commit()
    with loaded.reading() as uow:
        assert [one.id for one in uow.alerts.of_estate(ESTATE, 2)] == ["a4", "a3"]
        assert [one.id for one in uow.alerts.of_estate(ESTATE, 9, "a3")] == ["a2", "a1", "a0"]
        assert uow.alerts.of_estate("another", 9) == []
