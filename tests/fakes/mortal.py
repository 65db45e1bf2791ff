"""A cloud that dies at a chosen moment: before any statement, before or after any commit, before or after any sending."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Engine, event

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.adapters.sql.units import SqlUnitOfWork


class Died(BaseException):
    """The process ends here. Nothing catches it, as nothing catches a kill -9."""


class Fate:
    """Counts the moments at which a process may die, and ends it at the chosen one."""

    def __init__(self) -> None:
        self.moments: list[str] = []
        self._last: int | None = None
        # One object, so that the engine knows it again.
        self.before_statement = self._before_statement

    def spare(self) -> None:
        """Live from now on, and count anew."""
        self.moments, self._last = [], None

    def strike(self, at: int) -> None:
        """Die at that moment from now, the first being 0."""
        self.moments, self._last = [], at

    def _before_statement(self, _conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.passes(statement.split("\n", 1)[0][:60])

    def passes(self, moment: str) -> None:
        self.moments.append(moment)
        if self._last is not None and len(self.moments) > self._last:
            raise Died(moment)


class MortalUnits(SqlUnitsOfWork):
    """Units of work on SQL, each statement and commit of which may be the last thing that the process does."""

    def __init__(self, engine: Engine, fate: Fate) -> None:
        super().__init__(engine)
        self._fate = fate
        self.writers: set[str] = set()
        """Which functions of the use cases have written: `module:Class.method`, callers among them."""
        if not event.contains(engine, "before_cursor_execute", fate.before_statement):
            event.listen(engine, "before_cursor_execute", fate.before_statement)

    def reborn(self) -> MortalUnits:
        """Another process on the same storage."""
        other = MortalUnits(self._engine, self._fate)
        other.writers = self.writers
        return other

    def writing(self) -> AbstractContextManager[SqlUnitOfWork]:
        frame = sys._getframe(1)
        while frame.f_back is not None:
            module = frame.f_globals["__name__"]
            if module.startswith("cloud.application."):
                self.writers.add(f"{module}:{frame.f_code.co_qualname}")
            frame = frame.f_back
        return self._mortal()

    @contextmanager
    def _mortal(self) -> Iterator[SqlUnitOfWork]:
        with super().writing() as uow:
            really = uow.commit

            def commit() -> None:
                self._fate.passes("before the commit")
                really()
                self._fate.passes("after the commit")

            # Only this one unit is mortal, so its method is put over the class's own.
            uow.commit = commit  # type: ignore[method-assign] # this one alone dies
            yield uow
