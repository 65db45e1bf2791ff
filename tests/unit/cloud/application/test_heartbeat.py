"""The word to the outside goes out while all is well, and only then."""

from cloud.application.asking.readiness import Readiness
from cloud.application.heartbeat import Heartbeat
from cloud.errors import Unavailable


class Watcher:
    """Counts the beats it heard; may be out of reach."""

    def __init__(self):
        self.heard, self.out_of_reach = 0, False

    def beat(self):
        if self.out_of_reach:
            raise Unavailable("no way out")
        self.heard += 1


def test_it_beats_while_all_is_well_and_is_silent_while_anything_is_not():
    watcher, readiness = Watcher(), Readiness()
    beat = Heartbeat(watcher, readiness.troubles)
    assert beat()
    readiness.troubled("broker", "not connected")
    assert not beat()
    assert (watcher.heard, beat.failing) == (1, None)
    readiness.well("broker")
    assert beat()
    assert watcher.heard == 2


def test_a_watcher_out_of_reach_is_remembered_and_is_no_trouble_of_ours():
    watcher, readiness = Watcher(), Readiness()
    beat = Heartbeat(watcher, readiness.troubles)
    watcher.out_of_reach = True
    assert not beat()
    assert (beat.failing, readiness.ready) == ("no way out", True)
    watcher.out_of_reach = False
    assert beat()
    assert beat.failing is None
