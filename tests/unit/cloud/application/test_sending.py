"""Messages leave at least once, and never from two workers that live."""

from datetime import timedelta

import pytest

from cloud.application.tasks.send_notifications import LEASE, SendNotifications


class Colleague:
    """Delivers; while it does, another worker has its turn, or time passes."""

    def __init__(self, meanwhile=lambda: None):
        self.delivered, self.meanwhile = [], meanwhile

    def deliver(self, notification):
        self.delivered.append(notification.id)
        self.meanwhile()


def sender(scene, notifier):
    return SendNotifications(scene.units, scene.clock, notifier)


def test_what_one_is_sending_no_other_sends(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    other = Colleague()
    one = Colleague(meanwhile=sender(scene, other))
    assert sender(scene, one)().sent == len(one.delivered) == 3
    assert other.delivered == []
    assert scene.kinds(scene.only_task()).count("notification.sent") == 3


def test_what_a_worker_had_in_hand_when_it_died_another_sends_after_a_while(scene):
    scene.rings("lift.entrapment", "b1/lift-1")

    def die():
        raise SystemExit

    with pytest.raises(SystemExit):
        sender(scene, Colleague(meanwhile=die))()
    other = Colleague()
    assert sender(scene, other)().sent == 0
    scene.clock.advance(seconds=LEASE.total_seconds())
    assert sender(scene, other)().sent == 3


def test_who_is_too_slow_leaves_the_rest_to_others_at_once(scene):
    scene.rings("lift.entrapment", "b1/lift-1")
    one = Colleague(meanwhile=lambda: scene.clock.advance(seconds=15))
    assert sender(scene, one)().sent == 2
    other = Colleague()
    assert sender(scene, other)().sent == 1
    assert not set(one.delivered) & set(other.delivered)
    assert timedelta(seconds=30) == LEASE
