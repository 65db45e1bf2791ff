"""A loop works, waits on its clock, and goes on whatever fails."""

import threading
import time

from cloud.application.asking.readiness import Readiness
from cloud.application.lookout import Work
from cloud.entrypoints.timers import AFTER_TROUBLE_S, LOOK_S, Loop, looking_out
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


def test_it_is_reminded_of_what_is_due_but_waits_out_a_trouble():
    outcomes, done = [Unavailable("disk full")], []

    def work():
        done.append(1)
        if outcomes:
            raise outcomes.pop()
        return 10.0

    loop, clock, _ = running(work)
    until(lambda: clock.waits == [AFTER_TROUBLE_S])
    loop.remind()
    assert not loop._bell.is_set(), "it would try each second instead of each five"
    clock.go.set()
    until(lambda: clock.waits[1:] == [10.0])
    loop.remind()
    until(lambda: len(done) == 3)
    loop.stop()


class Sentry:
    """Sees what it is told to see."""

    def __init__(self, *seen):
        self.seen, self.asked = frozenset(seen), []

    def due(self, now):
        self.asked.append(now)
        return self.seen


class Noon:
    def now(self):
        return "noon"


def test_the_lookout_reminds_those_that_have_something_to_do_each_second():
    done = []

    def doer(name):
        def work():
            done.append(name)
            return 10.0

        loop = Loop(name, work, PatientClock(), Readiness())
        loop.start()
        return loop

    loops = {work: [doer(work)] for work in Work}
    loops[Work.NOTIFICATIONS].append(doer("more"))
    until(lambda: len(done) == len(Work) + 1)
    done.clear()
    sentry = Sentry(Work.NOTIFICATIONS, Work.TIMERS)
    assert looking_out(sentry, Noon(), loops)() == LOOK_S
    assert sentry.asked == ["noon"]
    until(lambda: sorted(done) == ["more", Work.NOTIFICATIONS, Work.TIMERS])
    sentry.seen = frozenset()
    looking_out(sentry, Noon(), loops)()
    for loop in [one for each in loops.values() for one in each]:
        assert not loop._bell.is_set()
        loop.stop()
    assert len(done) == 3
