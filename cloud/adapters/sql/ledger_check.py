"""Every estate's ledger in a database, walked from its first entry to its head."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, select

from cloud.adapters.sql.engine import open_engine
from cloud.adapters.sql.register_tables import estates
from cloud.adapters.sql.units import SqlUnitsOfWork
from cloud.application.ledger.export_ledger import ExportLedger
from cloud.application.ports import Clock
from cloud.domain.records.examination import Examined, examine, published_as
from cloud.domain.records.ledger_file import Header

_TOLD_EVERY: Final = 500


def engine_on_copy(path: Path) -> Engine:
    """A SQLite file that nobody writes to, read without leaving a trace beside it."""
    return open_engine(f"sqlite:///{path.absolute().as_uri()}?immutable=1&uri=true")


def ledgers_of(
    engine: Engine, clock: Clock, step: Callable[[int, int], None], reach: dict[str, str] | None = None
) -> Iterable[tuple[str, Examined]]:
    """Each estate's, with what came of it. `reach`: a head by estate that its ledger must contain. `step`: entries, of how many."""
    with engine.connect() as connection:
        names = [str(name) for name in connection.execute(select(estates.c.id)).scalars()]
    export = ExportLedger(SqlUnitsOfWork(engine), clock)
    for estate in sorted(names):
        given = export(estate, None)
        head = (reach or {}).get(estate)
        yield estate, examine(given.lines, published_as(head) if head else None, partial(_counted, step, given.entries))


def _counted(step: Callable[[int, int], None], entries: int, done: int, _header: Header) -> None:
    if done % _TOLD_EVERY == 0:
        step(done, entries)
