"""A batch of events: each that can be read counts, each that cannot is named, and none is lost between the two."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from cloud.entrypoints.ingest.decoding import Arrival, Unusable, decode
from schemas.examples import MESSAGES
from schemas.topics import Channel
from tests.fuzz.target import Target, said

TOPIC = "tocsin/v1/example/b3-gateway/events"
AT = datetime(2026, 11, 23, 0, 0, 30, tzinfo=UTC)


def one(data: bytes) -> bool:
    found = decode(Arrival(TOPIC, data, AT))
    if isinstance(found, Unusable):
        said(found.refused.reason)
        return False
    for refused in found.refused:
        said(refused.reason)
    if found.refused:
        sent = len(json.loads(data)["events"])
        assert len(getattr(found.message, "events", ())) + len(found.refused) == sent
    return not found.refused


TARGET = Target(
    [one.model_dump_json(exclude_none=True).encode() for one in MESSAGES[Channel.EVENTS]], one, structured=True
)
