"""The supervisor hears that we are alive only while every part goes round."""

from __future__ import annotations

import threading

import pytest

from cloud.application.asking.readiness import Readiness
from cloud.entrypoints.supervised import Part, Supervised
from cloud.errors import Unavailable


class Recorded:
    every_s = 0.01

    def __init__(self):
        self.said, self.news = [], threading.Condition()

    def _say(self, word):
        with self.news:
            self.said.append(word)
            self.news.notify_all()

    def ready(self):
        self._say("ready")

    def alive(self):
        self._say("alive")

    def stopping(self):
        self._say("stopping")

    def wait_for(self, word, times=1):
        with self.news:
            assert self.news.wait_for(lambda: self.said.count(word) >= times, 5), self.said


class Wheel:
    def __init__(self, *, stuck=False):
        self.count, self.stuck = 0, stuck

    def nudge(self):
        self.count += not self.stuck

    def part(self, says=None):
        return Part(lambda: self.count, self.nudge, says)


def watching(parts, database=lambda: None, readiness=None):
    supervisor = Recorded()
    watched = Supervised(supervisor, parts, database, readiness or Readiness(), patience_s=0.1)
    return supervisor, watched


def test_it_is_ready_once_every_part_goes_round_and_alive_while_they_do():
    slow = Wheel(stuck=True)
    supervisor, watched = watching({"lane": Wheel().part(), "timers": slow.part()})
    watched.start()
    assert watched.hanging() == ["timers"]
    assert supervisor.said == []
    slow.stuck = False
    supervisor.wait_for("alive", 3)
    assert supervisor.said[0] == "ready"
    watched.stop()
    assert supervisor.said[-1] == "stopping" or "stopping" in supervisor.said


def test_a_part_that_hangs_silences_it():
    wheel = Wheel()
    supervisor, watched = watching({"lane": wheel.part(says="readings")})
    watched.start()
    supervisor.wait_for("alive", 2)
    wheel.stuck = True
    assert watched.hanging() == ["lane"]
    heard = supervisor.said.count("alive")
    assert watched.hanging() == ["lane"]
    assert supervisor.said.count("alive") <= heard + 1, "one look may have been under way"
    watched.stop()


def test_a_database_that_hangs_silences_it():
    hangs, let_go = threading.Event(), threading.Event()

    def database():
        if hangs.is_set():
            let_go.wait(10)

    supervisor, watched = watching({"lane": Wheel().part()}, database)
    watched.start()
    supervisor.wait_for("alive", 2)
    hangs.set()
    asked = threading.Thread(target=watched.hanging)
    asked.start()
    asked.join(0.3)
    assert asked.is_alive(), "it waits for the answer, and so does the beat"
    let_go.set()
    asked.join(5)
    watched.stop()


@pytest.mark.parametrize("trouble", ["readings", None])
def test_trouble_that_is_told_is_waited_out_and_no_reason_to_start_anew(trouble):
    readiness = Readiness()
    readiness.troubled("readings", "the disk is full")
    _, watched = watching({"lane": Wheel(stuck=True).part(says=trouble)}, readiness=readiness)
    assert watched.hanging() == ([] if trouble else ["lane"])


def test_a_database_that_says_it_is_away_answers():
    def away():
        raise Unavailable("no server")

    _, watched = watching({"lane": Wheel().part()}, away)
    assert watched.hanging() == []
