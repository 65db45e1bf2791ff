"""What a node says of itself: health, presence and receipts, on the topic that the first byte chooses."""

from __future__ import annotations

from datetime import UTC, datetime

from cloud.entrypoints.ingest.decoding import Arrival, Unusable, decode
from schemas.examples import MESSAGES
from schemas.topics import Channel
from tests.fuzz.target import Target, said

CHANNELS = (Channel.HEALTH, Channel.PRESENCE, Channel.RECEIPT)
TOPICS = ("health", "presence", "receipt")
AT = datetime(2026, 11, 23, 0, 0, 30, tzinfo=UTC)


def one(data: bytes) -> bool:
    """All three are JSON objects: which topic they come on says what stands before the first brace."""
    head, brace, rest = data.partition(b"{")
    topic = TOPICS[len(head) % len(TOPICS)]
    found = decode(Arrival(f"tocsin/v1/example/b3-gateway/{topic}", brace + rest, AT))
    if isinstance(found, Unusable):
        said(found.refused.reason)
        return False
    assert found.message.model_dump_json(), "what was read can be written"
    return True


TARGET = Target(
    [
        b" " * number + message.model_dump_json(exclude_none=True).encode()
        for number, channel in enumerate(CHANNELS)
        for message in MESSAGES[channel]
    ],
    one,
)
