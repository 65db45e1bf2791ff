"""Messages leave at least once, and never from two workers that live."""

import threading
import time
from datetime import timedelta

import pytest

from cloud.application.notices.send_notifications import LEASE
from tests.fakes.channels import FakeChannel, reach, sender, sends_all


def console(meanwhile=lambda: None):
    return FakeChannel(carries_links=False, meanwhile=meanwhile)


def test_what_one_is_sending_no_other_sends(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    other = console()
    one = console(meanwhile=sender(scene, {"console": other}))
    assert sends_all(sender(scene, {"console": one})) == (5, 0)
    assert (len(one.delivered), other.delivered) == (5, [])
    assert scene.kinds(scene.only_task()).count("notification.sent") == 5


def test_what_a_worker_had_in_hand_when_it_died_another_sends_after_a_while_under_the_same_ids(scene):
    scene.rings("lift.entrapment", "b1/lift-1")

    def die():
        raise SystemExit

    one = console(meanwhile=die)
    with pytest.raises(SystemExit):
        sender(scene, {"console": one})()
    other = console()
    assert sender(scene, {"console": other})().sent == 0
    scene.clock.advance(seconds=LEASE.total_seconds())
    assert sender(scene, {"console": other})().sent == 5
    assert one.delivered[0].id in {message.id for message in other.delivered}


def test_who_is_too_slow_leaves_the_rest_to_others_at_once(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    one = console(meanwhile=lambda: scene.clock.advance(seconds=15))
    assert sender(scene, {"console": one})().sent == 2
    other = console()
    assert sender(scene, {"console": other})().sent == 3
    assert not {m.id for m in one.delivered} & {m.id for m in other.delivered}
    assert timedelta(seconds=30) == LEASE


def test_a_provider_that_hangs_keeps_nobody_from_being_called_through_another(scene):
    """While the first message hangs, the second has failed, was noted, and goes through the next channel."""
    reach(scene.units, "manager", "hanging:1")
    reach(scene.units, "guard", "broken:1", "sms:2")
    begun, goes_on, told = threading.Event(), threading.Event(), threading.Event()
    hanging = FakeChannel(meanwhile=lambda: begun.set() or goes_on.wait(10))
    broken, sms = FakeChannel(), FakeChannel(meanwhile=told.set)
    broken.cut()
    channels = {"hanging": hanging, "broken": broken, "sms": sms}
    scene.rings("access.held-open", "b1/door")
    first = threading.Thread(target=sender(scene, channels, at_once=2))
    first.start()
    assert begun.wait(10)
    other = sender(scene, channels, at_once=2)
    deadline = time.monotonic() + 10
    while not told.is_set() and time.monotonic() < deadline:
        other()
    still_hanging = first.is_alive()
    goes_on.set()
    first.join(10)
    assert told.is_set()
    assert still_hanging
    assert sorted((len(hanging.delivered), len(sms.delivered))) == [1, 1]
