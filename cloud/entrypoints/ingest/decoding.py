"""From topic and bytes to a message of ours, or to the reason why it can never be one."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from cloud.application.intake.dead_letters import Refused, RefusedEvent
from cloud.domain.community.faults import fault
from cloud.entrypoints.ingest.reasons import message_reason
from cloud.entrypoints.ingest.salvage import salvage
from schemas.base import Uuid
from schemas.batch import Batch
from schemas.commands import AnyReceipt
from schemas.events import EventBatch
from schemas.presence import Born, Died, Health, Presence
from schemas.telemetry import TelemetryBatch
from schemas.topics import FROM_NODE, MAX_PAYLOAD_BYTES, Channel, NodeAddress, NodeTopic, TopicError, parse

_RECEIPT: Final[TypeAdapter[AnyReceipt]] = TypeAdapter(AnyReceipt)
_PRESENCE: Final[TypeAdapter[Born | Died]] = TypeAdapter(Presence)
_LONGEST_TOPIC: Final = 1024

# As `schemas.batch.seal` writes it: an envelope that can be read although what follows cannot.
_SEALED_HEAD: Final = re.compile(
    rb'\{"outbox":"([0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})","boot":"[0-9a-f-]{32,36}","seq":([1-9][0-9]{0,15}),'
)

Message = TelemetryBatch | Batch | Born | Died | Health | AnyReceipt


class Arrival(NamedTuple):
    """A message as the broker handed it over. `at`: when, on the cloud's clock."""

    topic: str
    payload: bytes
    at: datetime


class Identity(BaseModel):
    """The part of an envelope that an acknowledgement needs."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    outbox: Uuid
    seq: Annotated[int, Field(ge=1, lt=2**53, strict=True)]


class Decoded(NamedTuple):
    """A message that satisfies its schema. `refused`: the records of a batch of events that do not; where none does,
    the message is its bare envelope.
    """

    arrival: Arrival
    address: NodeAddress
    message: Message
    refused: tuple[RefusedEvent, ...] = ()


class Unusable(NamedTuple):
    """What can never succeed. `identity` is there when the node can be told to stop repeating it."""

    refused: Refused
    identity: Identity | None = None


_NUMBERED: Final = (Channel.EVENTS, Channel.TELEMETRY)


def decode(arrival: Arrival) -> Decoded | Unusable:
    """Read one message. Whatever the bytes are, this gives an answer and raises nothing."""
    topic, payload, at = arrival
    try:
        address, channel = _sender(topic)
    except TopicError as error:
        return Unusable(
            Refused(topic, payload, fault("topic-none-of-ours", what=str(error)), at, _named(topic), readable=False)
        )
    if len(payload) > MAX_PAYLOAD_BYTES:
        reason = fault("message-too-large", size=len(payload), most=MAX_PAYLOAD_BYTES)
    else:
        try:
            return Decoded(arrival, address, _message(channel, payload))
        except ValidationError as error:
            reason = message_reason(error)
            salvaged = salvage(payload) if channel is Channel.EVENTS else None
            if salvaged is not None:
                return Decoded(arrival, address, salvaged.batch, salvaged.refused)
    identity = _identity(payload, channel)
    # A batch of events whose envelope is wrong is as good as unread: nobody knows what it said.
    readable = identity is not None and channel is not Channel.EVENTS
    return Unusable(Refused(topic, payload, reason, at, address, channel, readable=readable), identity)


def _message(channel: Channel, payload: bytes) -> Message:
    match channel:
        case Channel.TELEMETRY:
            return TelemetryBatch.model_validate_json(payload)
        case Channel.EVENTS:
            return EventBatch.model_validate_json(payload)
        case Channel.PRESENCE:
            return _PRESENCE.validate_json(payload)
        case Channel.HEALTH:
            return Health.model_validate_json(payload)
        case _:
            return _RECEIPT.validate_json(payload)


@lru_cache(maxsize=16_384)
def _sender(topic: str) -> tuple[NodeAddress, Channel]:
    if len(topic) > _LONGEST_TOPIC:
        raise TopicError(f"a topic of {len(topic)} characters is none of ours")
    parsed = parse(topic)
    if not isinstance(parsed, NodeTopic) or parsed.channel not in FROM_NODE:
        raise TopicError(f"topic {topic!r} is not one on which nodes speak")
    return parsed.address, parsed.channel


def _named(topic: str) -> NodeAddress | None:
    """The node that a topic names although it is none of ours, so that the letter is shown to its estate's operators."""
    levels = topic[:_LONGEST_TOPIC].split("/")
    try:
        return NodeAddress(*levels[2:4])
    except (TopicError, TypeError):
        return None


def _identity(payload: bytes, channel: Channel) -> Identity | None:
    """The envelope of what is refused, where it can be read without guessing."""
    if channel not in _NUMBERED:
        return None
    if len(payload) <= MAX_PAYLOAD_BYTES:
        try:
            return Identity.model_validate_json(payload)
        except ValidationError:
            pass
    head = _SEALED_HEAD.match(payload)
    if head is None or int(head[2]) >= 2**53:
        return None
    return Identity(outbox=head[1].decode(), seq=int(head[2]))
