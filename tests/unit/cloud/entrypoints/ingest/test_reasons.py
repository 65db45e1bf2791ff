"""Why a message of a node is not taken is said in Chinese too, whatever is wrong with it."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from cloud.application.intake.dead_letters import of_event
from cloud.domain.community.faults import Fault, fault
from cloud.entrypoints.ingest.decoding import Arrival, Decoded, decode
from schemas.examples import MESSAGES
from schemas.topics import FROM_NODE, MAX_PAYLOAD_BYTES, Channel

NOW = datetime(2026, 11, 27, tzinfo=UTC)
SENTENCE = re.compile(r"[A-Za-z][a-z]{2,} [a-z]{2,} [a-z]{2,}")
STRANGE = (None, True, -1, 10**30, 2.5, "x", "Not A Name " * 30, [], ["a"], {}, {"colour": "red"})


def read(channel: Channel, payload: bytes) -> Iterator[str]:
    """Why it is not taken, or its events are not."""
    answer = decode(Arrival(f"tocsin/v1/example/b1-node/{channel}", payload, NOW))
    if isinstance(answer, Decoded):
        yield from (record.reason for record in answer.refused)
    else:
        yield answer.refused.reason


def strange(document: dict[str, Any]) -> Iterator[bytes]:
    """The message with each of its fields spoiled, and left away."""
    for key, kept in document.items():
        yield json.dumps({name: value for name, value in document.items() if name != key}).encode()
        for value in STRANGE:
            yield json.dumps({**document, key: value}).encode()
        inner = kept[0] if isinstance(kept, list) and kept else None
        if isinstance(inner, dict):
            for name in inner:
                for value in STRANGE:
                    spoiled = copy.deepcopy(document)
                    spoiled[key][0][name] = value
                    yield json.dumps(spoiled).encode()


@pytest.mark.parametrize("channel", sorted(FROM_NODE))
def test_each_fault_of_what_nodes_send_is_said_in_chinese(channel):
    payloads = [b"", b"{", b"\xff", b"[]", b" " * (MAX_PAYLOAD_BYTES + 1)]
    for message in MESSAGES[channel]:
        payloads += strange(json.loads(message.model_dump_json(exclude_none=True)))
    reasons = [reason for payload in payloads for reason in read(channel, payload)]
    assert len(reasons) > 20
    for reason in reasons:
        assert isinstance(reason, Fault), reason
        assert not SENTENCE.search(reason.zh), reason.zh
        assert len(reason) < 2000


def test_a_topic_that_is_none_of_ours_is_said_in_chinese():
    refused = decode(Arrival("tocsin/v9/example/b1-node/events", b"{}", NOW)).refused
    assert "v9" in refused.reason
    assert refused.reason.zh == "主题无法识别"


def test_several_faults_are_one_reason_with_the_places_where_they_stand():
    reason = decode(Arrival("tocsin/v1/example/b1-node/telemetry", b'{"pack": 1}', NOW)).refused.reason
    assert reason.startswith("outbox: Field required; boot: Field required; ")
    assert reason.zh.startswith("outbox：缺少这一项，请补上；boot：缺少这一项，请补上；")
    assert reason.zh.endswith("；另有 3 处")


def test_what_has_no_words_of_its_own_is_said_as_it_is():
    assert of_event(2, "as it is").zh == "事件 2：as it is"
    assert of_event(2, fault("handling-failed", error="KeyError: 1")).zh == "事件 2：处理失败：KeyError: 1"
