"""One unchanging view of a SQLite file that others go on writing to, copied page by page."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from cloud.errors import Invalid, Unavailable

_PAGES_AT_ONCE: Final = 2048
"""8 MiB: what is copied between two looks at whether somebody wants to stop."""
_LOOK_EVERY: Final = 200_000
"""Steps of SQLite's machine between such looks while it checks: some milliseconds."""


class Snapshot:
    """A view that stays as it is from when it is made until it is closed; writers are not held up.

    SQLite's online backup begins anew whenever another process has written; under steady ingest it would never end. Here the
    source is held in a read transaction, so all pages are of one moment. Meanwhile its write-ahead log only grows.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise Invalid(f"There is no {path}. Name the cloud's data with --data, or its settings with --config.")
        self.path = path
        with _explained(path):
            uri = f"{path.absolute().as_uri()}?mode=ro"
            self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)
            try:
                self._connection.execute("BEGIN")
                # The view begins with the first read, not with BEGIN.
                self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
                self._page = int(self._connection.execute("PRAGMA page_size").fetchone()[0])
                self.bytes = self._page * int(self._connection.execute("PRAGMA page_count").fetchone()[0])
            except BaseException:
                self._connection.close()
                raise

    def copy(self, to: Path, told: Callable[[int, int], None]) -> None:
        """`told`: bytes so far, bytes in all. The copy is on the disk when this returns."""

        def progressed(_status: int, remaining: int, total: int) -> None:
            told((total - remaining) * self._page, total * self._page)

        with _explained(to), closing(sqlite3.connect(to, isolation_level=None)) as target:
            to.chmod(0o600)
            self._connection.backup(target, pages=_PAGES_AT_ONCE, progress=progressed)

    def close(self) -> None:
        self._connection.close()


def check(path: Path, *, thorough: bool, told: Callable[[], None]) -> None:
    """Whether a copy is a whole database. `thorough`: its indexes, too. Raises Invalid; KeyboardInterrupt where one came."""
    wanted = "PRAGMA integrity_check(3)" if thorough else "PRAGMA quick_check(3)"
    stopped: list[BaseException] = []

    def look() -> int:
        # What is raised here would be swallowed: SQLite is told to stop, and it is raised below.
        try:
            told()
        except BaseException as error:  # noqa: BLE001
            stopped.append(error)
            return 1
        return 0

    with _explained(path), closing(sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True)) as copy:
        copy.set_progress_handler(look, _LOOK_EVERY)
        try:
            found = [str(row[0]) for row in copy.execute(wanted)]
        except sqlite3.OperationalError:
            if stopped:
                raise stopped[0] from None
            raise
    if found != ["ok"]:
        raise Invalid(
            f"{path} is damaged: {'; '.join(found)}. The file it was copied from may be, too: keep both aside."
        )


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise Unavailable(f"{path} could not be copied: {error}. Free disk space, or see who holds it.") from error
    except sqlite3.DatabaseError as error:
        raise Invalid(
            f"{path} is damaged: {error}. Keep it aside with its -wal file, and use the last backup."
        ) from error
