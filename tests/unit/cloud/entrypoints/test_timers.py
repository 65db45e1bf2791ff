"""A loop works, waits on its clock, and goes on whatever fails."""

import threading
import time

from cloud.application.asking.readiness import Readiness
from cloud.entrypoints.timers import AFTER_TROUBLE_S, Loop
from cloud.errors import Unavailable


class PatientClock:
    """Records how long it was asked to wait, and waits for the bell or until it is let go."""

    def __init__(self):
        self.waits, self.go = [], threading.Event()

    def now(self):
        raise AssertionError("no loop asks for the time by itself")

    def wait(self, event, seconds):
        self.waits.append(seconds)
        while not event.wait(0.001) and not self.go.is_set():
            pass
        self.go.clear()
        return event.is_set()


def until(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def running(work):
    clock, readiness = PatientClock(), Readiness()
    loop = Loop("timers", work, clock, readiness)
    loop.start()
    return loop, clock, readiness


def test_it_waits_as_long_as_the_work_says_and_a_bell_cuts_it_short():
    done = []

    def work():
        done.append(1)
        return 7.5

    loop, clock, _ = running(work)
    until(lambda: clock.waits == [7.5])
    loop.wake()
    until(lambda: len(done) == 2 and len(clock.waits) == 2)
    loop.stop()
    assert not loop.dead


def test_with_more_to_do_it_does_not_wait():
    left = [0.0, 0.0, 3.0]
    loop, clock, _ = running(lambda: left.pop(0))
    until(lambda: clock.waits == [3.0])
    loop.stop()
    assert left == []


def test_trouble_is_told_waited_out_and_over_when_it_is_over():
    failures = [Unavailable("disk full"), RuntimeError("a bug")]

    def work():
        if failures:
            raise failures.pop(0)
        return 1.0

    loop, clock, readiness = running(work)
    until(lambda: clock.waits == [AFTER_TROUBLE_S])
    assert readiness.troubles() == {"timers": "disk full"}
    clock.go.set()
    until(lambda: len(clock.waits) == 2)
    assert "a bug" in readiness.troubles()["timers"]
    clock.go.set()
    until(lambda: clock.waits[-1] == 1.0)
    assert readiness.ready
    loop.stop()
