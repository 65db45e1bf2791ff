"""Whose turn it is to write among the threads of one process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from cloud.adapters.sql.turns import Turns
from cloud.errors import Unavailable

LONG_S = 30.0


class Writers:
    """Threads that ask for their turn one after the other, and the order in which they had it."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.order: list[str] = []
        self._threads: list[threading.Thread] = []

    def ask(self, name: str, *, ahead: bool = False) -> None:
        """Returns when the one who asks stands in the queue."""
        waiting = self._turns.waiting
        thread = threading.Thread(target=self._write, args=(name,), kwargs={"ahead": ahead}, daemon=True)
        thread.start()
        self._threads.append(thread)
        _until(lambda: self._turns.waiting == waiting + 1)

    def _write(self, name: str, *, ahead: bool) -> None:
        with self._turns.turn(ahead=ahead):
            self.order.append(name)

    def ended(self) -> list[str]:
        for thread in self._threads:
            thread.join(LONG_S)
        return self.order


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_writers_go_in_the_order_in_which_they_came():
    turns = Turns(LONG_S)
    writers = Writers(turns)
    with turns.turn(ahead=False):
        for name in "abcde":
            writers.ask(name)
        assert writers.order == []
    assert writers.ended() == list("abcde")


def test_who_brings_an_alarm_goes_before_all_who_wait():
    turns = Turns(LONG_S)
    writers = Writers(turns)
    with turns.turn(ahead=False):
        writers.ask("message")
        writers.ask("timer")
        writers.ask("smoke", ahead=True)
        writers.ask("entrapment", ahead=True)
    assert writers.ended() == ["smoke", "entrapment", "message", "timer"]


def test_who_waits_too_long_is_told_and_leaves_the_queue():
    turns = Turns(0.01)
    with turns.turn(ahead=False):
        with pytest.raises(Unavailable, match=r"more than 0\.01 s"), turns.turn(ahead=True):
            pytest.fail("it was not its turn")
        assert turns.waiting == 0
    with turns.turn(ahead=False):
        pass


def test_a_writer_that_fails_passes_its_turn_on():
    turns = Turns(LONG_S)
    writers = Writers(turns)

    def fail() -> None:
        with turns.turn(ahead=False):
            writers.ask("next")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert writers.ended() == ["next"]


def test_never_two_at_once_whatever_gives_up_meanwhile():
    turns = Turns(0.002)
    inside = most = served = 0
    counted = threading.Lock()

    def write(ahead: bool) -> None:
        nonlocal inside, most, served
        for _ in range(100):
            try:
                with turns.turn(ahead=ahead):
                    with counted:
                        inside, served = inside + 1, served + 1
                        most = max(most, inside)
                    time.sleep(0.0005)  # The turn is held.
                    with counted:
                        inside -= 1
            except Unavailable:
                pass  # somebody had to: 8 wait 2 ms for those who hold it half a millisecond each

    threads = [threading.Thread(target=write, args=(n % 2 == 0,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG_S)
    assert (most, turns.waiting) == (1, 0)
    assert served > 100
    with turns.turn(ahead=False):
        pass
