"""What no node of ours would say, over a real broker to a real cloud: kept with its reason, and the next message is served."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.estate import SCENARIOS, START_S, RunningEstate
from tests.e2e.programs import until
from tests.fakes.wire_node import WireNode

pytestmark = [pytest.mark.slow, pytest.mark.mosquitto, pytest.mark.timeout(180)]

ANSWERED_S = 15.0
FALLBACK = "property"
"""As the example estate's file says."""
DEEP = b"[" * 10_000 + b"]" * 10_000


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEstate]:
    """Its nodes stay silent; only the one of each test speaks."""
    running = RunningEstate(tmp_path_factory.mktemp("bad-messages"), SCENARIOS / "five-hazards.toml")
    try:
        running.open()
        until(lambda: running.answers.readiness()[0] == 200, START_S, "the cloud hears the broker", running.cloud)
        yield running
    finally:
        running.close()


@pytest.fixture
def node(estate: RunningEstate) -> Iterator[WireNode]:
    with WireNode(estate.broker.port, "b1-node") as speaking:
        yield speaking


def letters(estate: RunningEstate, topic: str, known: set[str]) -> list[dict[str, Any]]:
    return [one for one in estate.answers.dead_letters() if one["topic"] == topic and one["id"] not in known]


@pytest.mark.parametrize("channel", ["telemetry", "events", "health", "presence"])
@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        pytest.param(b"no json at all", "JSON", id="not JSON"),
        pytest.param(b"\xff\xfe\x00", "JSON", id="not text"),
        pytest.param(json.dumps({"surprise": 1}).encode(), ": ", id="wrong schema"),
        pytest.param(b"x" * 70_000, "70000 bytes; a message has at most 65536", id="too large"),
        pytest.param(DEEP, "recursion limit", id="nested 10,000 deep"),
        pytest.param(b'{"outbox":' + DEEP + b"}", "recursion limit", id="nested in a field"),
    ],
)
def test_what_cannot_be_read_is_a_dead_letter_with_its_reason_and_the_next_is_served(
    estate: RunningEstate, node: WireNode, channel: str, payload: bytes, reason: str
):
    topic = f"tocsin/v1/example/b1-node/{channel}"
    known = {letter["id"] for letter in estate.answers.dead_letters()}
    node.say(payload, channel)
    node.say(node.telemetry(1))
    node.hear(1, within_s=ANSWERED_S)
    (letter,) = until(lambda: letters(estate, topic, known), ANSWERED_S, "the letter is there", estate.cloud)
    assert reason in letter["reason"]
    assert estate.answers.readiness()[0] == 200


@pytest.mark.parametrize("topic", ["tocsin/v1/example/b1-node/gossip", "tocsin/v9/example/b1-node/events"])
def test_an_unknown_topic_under_ours_is_a_dead_letter(estate: RunningEstate, node: WireNode, topic: str):
    known = {letter["id"] for letter in estate.answers.dead_letters()}
    node.say_on(topic, b"{}")
    node.say(node.telemetry(1))
    node.hear(1, within_s=ANSWERED_S)
    (letter,) = until(lambda: letters(estate, topic, known), ANSWERED_S, "the letter is there", estate.cloud)
    assert f"topic '{topic}'" in letter["reason"]


def test_an_alarm_of_equipment_that_nobody_entered_reaches_the_fallback_party(estate: RunningEstate, node: WireNode):
    node.say(node.alarm(1, "fire.smoke", "b1/nobody-entered-me"), "events")
    node.hear(1, stream="events", within_s=ANSWERED_S)

    def task() -> dict[str, Any] | None:
        return next((one for one in estate.answers.tasks() if one["equipment"]["id"] == "b1/nobody-entered-me"), None)

    found = until(task, ANSWERED_S, "the task is there", estate.cloud)
    assert found["hazard"] == "fire.smoke"
    assert not found["equipment"]["known"]
    parties = {part["party"]["id"] for part in found["assignments"]}
    assert FALLBACK in parties, f"the fallback party is called: {parties}"
