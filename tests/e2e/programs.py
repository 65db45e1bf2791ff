"""Programs as processes of a test: started, listened to, killed with no warning, started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
GRACE_S = 20.0
_LOOK_EVERY_S = 0.05


class Program:
    """One of our programs in a process of its own. Everything it says is kept, over all its lives."""

    known: list[Program] = []
    """Those that a failing test should quote."""

    def __init__(self, name: str, *arguments: str | Path) -> None:
        self.name = name
        self.arguments = [sys.executable, *map(str, arguments)]
        self.lines: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None

    def start(self) -> Program:
        assert not self.runs, f"{self.name} runs already"
        self._process = subprocess.Popen(
            self.arguments,
            cwd=ROOT,
            # The people of these estates have no channels: what is printed counts as reaching them.
            env={**os.environ, "PYTHONUNBUFFERED": "1", "TOCSIN_DUTIES__CONSOLE_ANSWERS": "true"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._listener = threading.Thread(target=self._listen, name=f"what {self.name} says")
        self._listener.start()
        if self not in Program.known:
            Program.known.append(self)
        return self

    def _listen(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        with self._process.stdout as said:
            self.lines.extend(line.rstrip() for line in iter(said.readline, ""))

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def said(self, text: str) -> bool:
        """Whether any line holds this text."""
        return any(text in line for line in tuple(self.lines))

    def count(self, text: str) -> int:
        """How many lines hold this text."""
        return sum(text in line for line in tuple(self.lines))

    def ended(self, within_s: float = GRACE_S) -> int:
        """Wait for its end; the exit code."""
        assert self._process is not None
        assert self._listener is not None
        code = self._process.wait(within_s)
        self._listener.join(GRACE_S)
        return code

    def interrupt(self) -> None:
        """As Ctrl-C does."""
        self.send(signal.SIGINT)

    def send(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> int:
        """Ask it to end in order; the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self.ended()

    def kill(self) -> None:
        """No warning, no last word: as when the power goes."""
        if self._process is not None:
            self._process.kill()
            self.ended()

    def close(self) -> None:
        """The test is over, however it ended."""
        self.kill()
        if self in Program.known:
            Program.known.remove(self)

    def last_words(self, count: int = 25) -> str:
        state = "runs" if self.runs else f"ended with exit code {self._process.poll() if self._process else None}"
        return "\n".join([f"{self.name} ({state})", *(f"    {line}" for line in self.lines[-count:])])


def until(condition: Callable[[], T], within_s: float, what: str, *programs: Program) -> T:
    """The first truth that `condition` gives. Fails when the time is over, or when one of `programs` ends before."""
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        for program in programs:
            assert program.runs, f"{program.name} ended while waiting for: {what}"
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
        time.sleep(_LOOK_EVERY_S)
    return found
