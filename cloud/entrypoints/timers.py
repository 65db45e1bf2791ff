"""What time brings: due tasks are moved, messages sent, the store of readings kept in shape - from loops of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

import structlog

from cloud.application.asking.readiness import Readiness
from cloud.application.fleet.keep_card_keys import KeepCardKeys
from cloud.application.fleet.note_unanswered import NoteUnanswered
from cloud.application.fleet.tell_nodes import TellNodes
from cloud.application.heartbeat import Heartbeat
from cloud.application.lookout import Lookout, Work
from cloud.application.notices.send_missives import SendMissives
from cloud.application.notices.send_notifications import SendNotifications
from cloud.application.notices.send_webhooks import SendWebhooks
from cloud.application.retention import ForgetPersonal
from cloud.application.tasks.run_timers import RunTimers
from cloud.application.timeseries import Upkeep, to_micros
from cloud.errors import CloudError

LOOK_S: Final = 1.0
"""What is due is looked for this often; a commit that leaves messages to send wakes the loop at once."""

ALONE_S: Final = 10.0
"""How often a loop looks by itself for what the lookout would have woken it for: in case it ever did not."""

AFTER_TROUBLE_S: Final = 5.0

RETENTION_S: Final = 600.0
"""How often it is looked whether the time of personal data is over: it is a matter of days."""

RETENTION_PAUSE_S: Final = 0.2
"""Between rounds while there is more: a short round now and then delays nothing."""
CARD_KEYS_S: Final = 10.0
"""How often it is looked which nodes lack the estate's card key: as soon as a new node has said which it uses."""

GATHER_S: Final = 0.05
"""Messages to people wait this long after a commit: the live streams come first, and one transaction notes them all."""


class Waiting(Protocol):
    """The part of the clock that the loops need."""

    def now(self) -> datetime: ...

    def wait(self, event: threading.Event, seconds: float) -> bool: ...


class Loop:
    """Calls `work` again and again in a thread; it gives the seconds until it wants to be called next.

    Trouble is said once, waited out, and tried again: time goes on whatever fails. `gather_s`: real seconds given after
    a bell for more to come.
    """

    def __init__(
        self, name: str, work: Callable[[], float], clock: Waiting, readiness: Readiness, *, gather_s: float = 0.0
    ) -> None:
        self.name = name
        self.turns = 0
        self._gather_s = gather_s
        self._work = work
        self._clock = clock
        self._readiness = readiness
        self._bell = threading.Event()
        self._resting = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._log = structlog.get_logger("cloud.timers").bind(loop=name)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Call soon. From any thread."""
        self._bell.set()

    def remind(self) -> None:
        """Something is due. As `wake`, but whoever waits out a trouble goes on doing so."""
        if not self._resting:
            self._bell.set()

    def stop(self) -> None:
        self._stopping.set()
        self._bell.set()
        if self._thread.ident:
            self._thread.join(10.0)

    @property
    def dead(self) -> bool:
        """Whether the thread ended although nobody asked it to."""
        return bool(self._thread.ident) and not self._thread.is_alive() and not self._stopping.is_set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._bell.clear()
            wait = self._once()
            self.turns += 1
            # Looked at after the bell was cleared, so that a stop during the work is not missed.
            if wait > 0 and not self._stopping.is_set():
                self._clock.wait(self._bell, wait)
                self._stopping.wait(self._gather_s)

    def _once(self) -> float:
        try:
            wait = self._work()
            self._resting = False
        except CloudError as trouble:
            if self._readiness.troubled(self.name, str(trouble)):
                self._log.error("trouble; trying again", why=str(trouble))
            self._resting = True
            return AFTER_TROUBLE_S
        except Exception as error:  # noqa: BLE001 - a process's edge: without this loop no escalation would come again
            self._readiness.troubled(self.name, f"{type(error).__name__}: {error}")
            self._log.exception("unexpected; trying again")
            self._resting = True
            return AFTER_TROUBLE_S
        if self._readiness.well(self.name):
            self._log.info("well again")
        return wait


def looking_out(lookout: Lookout, clock: Waiting, doers: Mapping[Work, Sequence[Loop]]) -> Callable[[], float]:
    """Reminds whoever has something to do. All of them together used to ask for a hundredth of a core's time."""

    def work() -> float:
        for due in lookout.due(clock.now()):
            for loop in doers[due]:
                loop.remind()
        return LOOK_S

    return work


def timers(run: RunTimers) -> Callable[[], float]:
    """Clocks, ladders, self-clearing, silence."""

    def work() -> float:
        run()
        return ALONE_S

    return work


def notifications(send: SendNotifications) -> Callable[[], float]:
    """What the commits left to be said; at once again while there is more."""

    def work() -> float:
        delivered = send()
        return 0.0 if delivered.sent or delivered.failed or delivered.addressed else ALONE_S

    return work


def announcements(send: SendMissives) -> Callable[[], float]:
    """What is said without a task."""

    def work() -> float:
        return 0.0 if send() else ALONE_S

    return work


def webhooks(send: SendWebhooks) -> Callable[[], float]:
    """What the ledger gained, to other systems; at once again while there is more."""

    def work() -> float:
        posted = send()
        return 0.0 if posted.sent or posted.queued else ALONE_S

    return work


def heartbeat(beat: Heartbeat, every_s: float) -> Callable[[], float]:
    """Tells the watcher outside. That it cannot be told is logged once, and is no trouble of our own."""
    log = structlog.get_logger("cloud.timers").bind(loop="heartbeat")
    said: str | None = None

    def work() -> float:
        nonlocal said
        beat()
        if beat.failing != said:
            said = beat.failing
            log.warning("the watcher outside was not told", why=said) if said else log.info("the watcher is told again")
        return every_s

    return work


def telling(tell: TellNodes, note: NoteUnanswered) -> Callable[[], float]:
    """What commits left to be told to nodes, by this process or another; at once again while there is more. What stayed
    unanswered is noted.
    """

    def work() -> float:
        told, _ = tell(), note()
        return 0.0 if told else ALONE_S

    return work


def forgetting(forget: ForgetPersonal) -> Callable[[], float]:
    """Personal data whose time is over, a little at a time, so that nothing else waits for the storage."""
    log = structlog.get_logger("cloud.timers").bind(loop="forgetting")

    def work() -> float:
        done = forget()
        if done.unnamed or done.folded or done.letters:
            log.info("forgotten", unnamed=done.unnamed, folded=done.folded, letters=done.letters)
        return RETENTION_PAUSE_S if done.more else RETENTION_S

    return work


def keeping(keep: KeepCardKeys) -> Callable[[], float]:
    """Sees that every node has the estate's card key; at once again while there is more to send."""

    def work() -> float:
        return 0.0 if keep() else CARD_KEYS_S

    return work


def upkeep(step: Upkeep, clock: Waiting) -> Callable[[], float]:
    """Compaction of the readings, or feeding another engine with them."""

    def work() -> float:
        return step.step(to_micros(clock.now()))

    return work
