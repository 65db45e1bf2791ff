"""A cloud that dies at a chosen moment: before any statement, before or after any commit, before or after any sending."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
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

    def spare(self) -> None:
        """Live from now on, and count anew."""
        self.moments, self._last = [], None

    def strike(self, at: int) -> None:
        """Die at that moment from now, the first being 0."""
        self.moments, self._last = [], at

    def passes(self, moment: str) -> None:
        self.moments.append(moment)
        if self._last is not None and len(self.moments) > self._last:
            raise Died(moment)


class MortalUnits(SqlUnitsOfWork):
    """Units of work on SQL, each statement and commit of which may be the last thing that the process does."""

    def __init__(self, engine: Engine, fate: Fate) -> None:
        super().__init__(engine)
        self._fate = fate

        def before_statement(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            fate.passes(statement.split("\n", 1)[0][:60])

        event.listen(engine, "before_cursor_execute", before_statement)

    @contextmanager
    def writing(self) -> Iterator[SqlUnitOfWork]:
        with super().writing() as uow:
            really = uow.commit

            def commit() -> None:
                self._fate.passes("before the commit")
                really()
                self._fate.passes("after the commit")

            # Only this one unit is mortal, so its method is put over the class's own.
            uow.commit = commit  # type: ignore[method-assign]
            yield uow
