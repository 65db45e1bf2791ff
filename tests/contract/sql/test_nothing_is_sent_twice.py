"""Two workers send one outbox through channels: nothing goes out twice, and nothing is left."""

from __future__ import annotations

from collections import Counter

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from cloud.application.identifiers import RandomIds
from tests.fakes.at_once import at_once
from tests.fakes.channels import FakeChannel, reach, sender, sends_all
from tests.fakes.scene import Scene

WORKERS = 4


@pytest.fixture(params=["engine", "server"], ids=["sqlite", "postgresql"])
def scene(request):
    scene = Scene(SqlUnitsOfWork(request.getfixturevalue(request.param)))
    # Many threads give ids at once.
    scene.ids.new = RandomIds().new
    return scene


def test_several_workers_send_each_message_once_and_leave_none(scene):
    ways = {name: FakeChannel() for name in ("sms", "chat")}
    members = ("guard", "manager", "technician", "neighbour")
    for n, member in enumerate(members):
        reach(scene.units, member, f"sms:138000000{n:02}", f"chat:@{member}")
    for hazard, equipment in (
        ("lift.entrapment", "b1/lift-1"),
        ("fire.co", "b1/co-1"),
        ("access.forced-open", "b1/door"),
    ):
        scene.rings(hazard, equipment)
    workers = [sender(scene, ways) for _ in range(WORKERS)]
    came = at_once(*[lambda send=send: sends_all(send) for send in workers])
    assert all(isinstance(one, tuple) for one in came), came
    delivered = Counter((one.address, one.text, one.link) for way in ways.values() for one in way.delivered)
    assert delivered
    assert set(delivered.values()) == {1}
    assert sum(sent for sent, _ in came) == len(delivered)
    assert sum(failed for _, failed in came) == 0
