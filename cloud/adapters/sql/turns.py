"""Whose turn it is to write, among the threads of one process.

SQLite has one writer, and whoever finds the database taken sleeps and looks again, after longer and longer pauses (1 to
100 ms, `sqliteDefaultBusyCallback`): while others came and went in between, an alarm has been seen to wait for 270 ms
that a queue would have let through in 10. PostgreSQL queues by itself.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from cloud.errors import Unavailable


class Turns:
    """One at a time, in the order in which they came; those that go ahead before all others.

    `within_s`: how long anybody waits, at most.
    """

    def __init__(self, within_s: float) -> None:
        self._within_s = within_s
        self._mutex = threading.Lock()
        self._taken = False
        self._ahead: deque[threading.Lock] = deque()
        self._in_order: deque[threading.Lock] = deque()

    @contextmanager
    def turn(self, *, ahead: bool) -> Iterator[None]:
        """Holds the turn while it is open. Raises Unavailable where it does not come in time; not for who has it already."""
        self._take(self._ahead if ahead else self._in_order)
        try:
            yield
        finally:
            self._pass_on()

    @property
    def waiting(self) -> int:
        """How many do."""
        with self._mutex:
            return len(self._ahead) + len(self._in_order)

    def _take(self, queue: deque[threading.Lock]) -> None:
        with self._mutex:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Lock()
            mine.acquire()
            queue.append(mine)
        if not mine.acquire(timeout=self._within_s):
            self._give_up(queue, mine)

    def _give_up(self, queue: deque[threading.Lock], mine: threading.Lock) -> None:
        with self._mutex:
            if mine not in queue:
                return  # it was given to us at the last moment
            queue.remove(mine)
        raise Unavailable(
            f"Somebody has been writing for more than {self._within_s:g} s. Nothing was stored; try again."
        )

    def _pass_on(self) -> None:
        with self._mutex:
            queue = self._ahead or self._in_order
            if queue:
                queue.popleft().release()  # taken still, by the next
            else:
                self._taken = False
