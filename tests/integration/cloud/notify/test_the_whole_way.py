"""From an alarm to a text message, a call that is answered, and a webhook: one cloud as it is wired, one provider."""

from __future__ import annotations

import json
import time

import httpx
import pytest
from standardwebhooks import Webhook as Receiver

from cloud.adapters.clock import SystemClock
from cloud.application.identifiers import RandomIds
from cloud.application.intake.record_event import RecordEvents
from cloud.bootstrap import build_cloud
from cloud.settings import load_settings
from tests.fakes.channels import reach
from tests.fakes.estate import ESTATE, NodeOnPaper, description, raised
from tests.integration.cloud.notify.gateway_of_our_own import provider


@pytest.fixture
def there():
    with provider() as there:
        yield there


@pytest.fixture
def cloud(tmp_path, there):
    headers = {"Content-Type": "application/json"}
    settings = load_settings(
        data=tmp_path / "data",
        web={"port": 0, "public_url": "https://tocsin.example"},
        broker={"port": 9},
        notify={
            "gateways": {
                "sms": {
                    "url": there.url + "/sms",
                    "headers": headers,
                    "body": '{"to": "${address}", "text": "${text} ${link}", "id": "${id}"}',
                    "success": r'"code"\s*:\s*0',
                },
                "voice": {
                    "url": there.url + "/voice",
                    "headers": headers,
                    "body": '{"to": "${address}", "say": "${text}", "back": "${callback}"}',
                    "callback": {"accept": "5", "answer": "thanks"},
                },
            },
            "webhooks": {"allow_http": True, "allow_loopback": True},
        },
    )
    cloud = build_cloud(settings)
    cloud.load_estate(description())
    now = SystemClock().now()
    reach(cloud.units, "technician", "voice:13800000001", "sms:13800000002", verified_at=now)
    # Everybody can be reached from the beginning, so that no hole in coverage has a word in this.
    for member in ("foreman", "manager", "guard", "clerk", "watch", "engineer"):
        reach(cloud.units, member, f"sms:{member}", verified_at=now)
    cloud.start()
    yield cloud
    cloud.stop()


def until(condition, what, within_s=15.0):
    deadline = time.monotonic() + within_s
    while not (found := condition()):
        assert time.monotonic() < deadline, f"in {within_s} s it did not happen that {what}"
        time.sleep(0.02)
    return found


def asked(there, path):
    return [one for one in there.asked if one.path == path]


def of_the_trapped(there):
    """The text messages about that alarm: holes in coverage are told meanwhile, too."""
    texts = [json.loads(one.body) for one in asked(there, "/sms")]
    return [one for one in texts if "困人" in one["text"]]


@pytest.mark.slow
def test_an_alarm_rings_is_answered_by_a_key_and_told_to_another_system(cloud, there):
    clock = SystemClock()
    made = cloud.services.messaging.webhooks.add(ESTATE, there.url + "/hook", ["task.acknowledged"], "manager")
    RecordEvents(cloud.units, clock, RandomIds())(
        NodeOnPaper(clock.now).batch(raised("lift.entrapment", "b1/lift-1", 1))
    )

    call = json.loads(until(lambda: asked(there, "/voice"), "the technician's phone rings")[0].body)
    assert (call["to"], "困人" in call["say"]) == ("13800000001", True)
    texts = until(lambda: found if len(found := of_the_trapped(there)) >= 4 else None, "the others get text messages")
    assert {one["to"] for one in texts} == {"foreman", "manager", "guard", "clerk"}
    assert all("https://tocsin.example/enter/" in one["text"] for one in texts)

    path = call["back"].removeprefix("https://tocsin.example")
    port = cloud.url.rpartition(":")[2]
    answer = httpx.post(f"http://127.0.0.1:{port}{path}", json={"dtmf": "5"}, trust_env=False)
    assert (answer.status_code, answer.text) == (200, "thanks")
    task = next(one for one in cloud.services.queries.board(ESTATE, None).tasks if one.hazard == "lift.entrapment")
    assert task.state == "acknowledged"

    told = until(lambda: asked(there, "/hook"), "the other system is told")[0]
    assert Receiver(made.secret).verify(told.body, told.headers)["type"] == "org.tocsin.task.acknowledged"
    until(lambda: len(of_the_trapped(there)) >= 5, "the foreman is told that it is handled")
    assert [one["to"] for one in of_the_trapped(there)[4:]] == ["foreman"]
    assert "已由维保单位处置" in of_the_trapped(there)[4]["text"]
