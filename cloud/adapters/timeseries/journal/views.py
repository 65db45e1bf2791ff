"""Read-only connections lent to whichever thread asks, each with one unchanging view of the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue

from cloud.adapters.timeseries.journal.file import open_for_reading, snapshot, trouble


class Views:
    """At most as many connections as there were readers at one moment; kept until closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._idle: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._idle.put(open_for_reading(path))

    @contextmanager
    def view(self) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._idle.get_nowait()
        except Empty:
            connection = open_for_reading(self.path)
        try:
            with trouble(self.path), snapshot(connection):
                yield connection
        finally:
            self._idle.put(connection)

    def close(self) -> None:
        """Closes the idle ones; no reader may be at work."""
        while not self._idle.empty():
            self._idle.get_nowait().close()
