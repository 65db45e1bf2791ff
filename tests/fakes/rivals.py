"""Somebody who is faster: between the reading of a task and its saving it is changed by another, so many times."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.adapters.sql.matters import SqlTasks
from cloud.adapters.sql.units import SqlUnitOfWork
from cloud.domain.tasks.task import Task
from tests.fakes.matters import FakeTasks
from tests.fakes.units import FakeUnitOfWork, FakeUnitsOfWork


class _OvertakenTasks(FakeTasks):
    def __init__(self, owner: OvertakenUnits, unit: FakeUnitOfWork) -> None:
        super().__init__(unit._memory)
        self._owner = owner

    def save(self, task: Task) -> None:
        if self._owner.rivals > 0 and task.revision > 0:
            self._owner.rivals -= 1
            for memory in (self._owner.memory, self._memory):
                memory.tasks[task.id].revision += 1
        super().save(task)


class OvertakenUnits(FakeUnitsOfWork):
    """In memory. `rivals`: before so many savings another has saved and committed."""

    def __init__(self) -> None:
        super().__init__()
        self.rivals = 0

    @contextmanager
    def writing(self) -> Iterator[FakeUnitOfWork]:
        with super().writing() as uow:
            uow.tasks = _OvertakenTasks(self, uow)
            yield uow


class _OvertakenSqlTasks(SqlTasks):
    def __init__(self, owner: OvertakenSqlUnits, unit: SqlUnitOfWork) -> None:
        super().__init__(unit._connection)
        self._owner = owner

    def save(self, task: Task) -> None:
        if self._owner.rivals > 0 and task.revision > 0:
            self._owner.rivals -= 1
            with self._owner.rival.writing() as other:
                theirs = other.tasks.get(task.id)
                assert theirs is not None
                other.tasks.save(theirs)
                other.commit()
        super().save(task)


class OvertakenSqlUnits(SqlUnitsOfWork):
    """On PostgreSQL, where there are several writers: `rivals` as above, each on a connection of its own."""

    rivals = 0

    @property
    def rival(self) -> SqlUnitsOfWork:
        return SqlUnitsOfWork(self._engine)

    @contextmanager
    def writing(self) -> Iterator[SqlUnitOfWork]:
        with super().writing() as uow:
            uow.tasks = _OvertakenSqlTasks(self, uow)
            yield uow
