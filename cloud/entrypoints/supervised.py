"""What the supervisor of the process is told: that it is ready, and that it is alive for as long as its parts really turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final, NamedTuple, Protocol

import structlog

from cloud.application.asking.readiness import Readiness
from cloud.errors import Unavailable

LOOK_S: Final = 0.05
START_LOOK_S: Final = 0.2


class Supervisor(Protocol):
    """Whoever started this process and starts it anew when it hears nothing (systemd)."""

    @property
    def every_s(self) -> float | None:
        """How often it wants to hear that we are alive; None: not at all."""
        ...

    def ready(self) -> None: ...

    def alive(self) -> None: ...

    def stopping(self) -> None: ...


class Part(NamedTuple):
    """A part of the process that goes round: `turns` counts, `nudge` makes it go round soon, `says` is under which name it
    tells of trouble.
    """

    turns: Callable[[], int]
    nudge: Callable[[], None] = lambda: None
    says: str | None = None


class Supervised:
    """Each part is asked to go round once, and the database to answer; only then the supervisor hears that we live.

    Trouble that a part tells of - a full disk, a database that is away - is no reason to be started anew: it is waited out,
    and the board says so. What hangs tells nothing.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        parts: Mapping[str, Part],
        database: Callable[[], object],
        readiness: Readiness,
        *,
        patience_s: float = 10.0,
    ) -> None:
        self._supervisor, self._parts, self._database, self._readiness = supervisor, parts, database, readiness
        self._patience_s = patience_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        self._log = structlog.get_logger("cloud.watchdog")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._supervisor.stopping()
        self._stopping.set()

    def hanging(self) -> list[str]:
        """Parts that did not go round although they were asked to. Does not return while the database hangs."""
        with suppress(Unavailable):  # it answers; that it is in trouble is told by who needs it
            self._database()
        before = {name: part.turns() for name, part in self._parts.items()}
        for part in self._parts.values():
            part.nudge()
        deadline = time.monotonic() + self._patience_s
        while waiting := [name for name, part in self._parts.items() if part.turns() == before[name]]:
            troubled = self._readiness.troubles().keys()
            waiting = [name for name in waiting if self._parts[name].says not in troubled]
            if not waiting or time.monotonic() > deadline or self._stopping.wait(LOOK_S):
                return waiting
        return []

    def _run(self) -> None:
        while self.hanging():
            if self._stopping.wait(START_LOOK_S):
                return
        self._supervisor.ready()
        every_s = self._supervisor.every_s
        while every_s is not None and not self._stopping.wait(every_s):
            hanging = self.hanging()
            if hanging:
                self._log.critical("parts do not go round; the supervisor starts the process anew", parts=hanging)
            else:
                self._supervisor.alive()
