"""Every MQTT topic, built and parsed here and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from schemas.base import NAME_PATTERN

ROOT: Final = "tocsin/v1"
MAX_PAYLOAD_BYTES: Final = 64 * 1024
_NAME: Final = re.compile(NAME_PATTERN)
_CLOUD: Final = "_cloud"
_LEVELS: Final = 5


class TopicError(ValueError):
    """A topic that is none of ours; the message says which part does not fit."""


class Channel(StrEnum):
    """The last level of a node's topic (wire.md, Topics)."""

    TELEMETRY = "telemetry"
    EVENTS = "events"
    PRESENCE = "presence"
    HEALTH = "health"
    RECEIPT = "receipt"
    ACK = "ack"
    CONFIG = "config"
    COMMAND = "command"

    @property
    def retained(self) -> bool:
        return self in (Channel.PRESENCE, Channel.CONFIG)


FROM_NODE: Final = (Channel.EVENTS, Channel.PRESENCE, Channel.HEALTH, Channel.RECEIPT, Channel.TELEMETRY)
TO_NODE: Final = (Channel.ACK, Channel.CONFIG, Channel.COMMAND)
QOS: Final = 1


@dataclass(frozen=True, slots=True, order=True)
class NodeAddress:
    """Where a node lives: its estate and its name there."""

    estate: str
    node: str

    def __post_init__(self) -> None:
        for part, value in (("estate", self.estate), ("node", self.node)):
            if not _NAME.fullmatch(value):
                raise TopicError(f"{part} {value!r} is no name: lower-case letters, digits and '-', at most 63")

    def topic(self, channel: Channel) -> str:
        return f"{ROOT}/{self.estate}/{self.node}/{channel}"

    def __str__(self) -> str:
        return f"{self.estate}/{self.node}"


@dataclass(frozen=True, slots=True)
class NodeTopic:
    """A parsed node topic."""

    address: NodeAddress
    channel: Channel


@dataclass(frozen=True, slots=True)
class CloudTopic:
    """`tocsin/v1/{estate}/_cloud/{worker}`: a worker is there. A hint to stop backing off, never a gate."""

    estate: str
    worker: str

    def __str__(self) -> str:
        return f"{ROOT}/{self.estate}/{_CLOUD}/{self.worker}"


def parse(topic: str) -> NodeTopic | CloudTopic:
    """Read a topic. Raises TopicError with the part that does not fit."""
    levels = topic.split("/")
    if len(levels) != _LEVELS or levels[0] != "tocsin":
        raise TopicError(f"topic {topic!r} is not tocsin/v1/{{estate}}/{{node}}/{{channel}}")
    if levels[1] != "v1":
        raise TopicError(f"topic {topic!r} speaks version {levels[1]!r}; this side speaks v1")
    _, _, estate, node, last = levels
    if node == _CLOUD:
        if not (_NAME.fullmatch(estate) and _NAME.fullmatch(last)):
            raise TopicError(f"topic {topic!r} names no estate and worker")
        return CloudTopic(estate, last)
    try:
        channel = Channel(last)
    except ValueError:
        raise TopicError(f"topic {topic!r} ends in {last!r}; known: {', '.join(Channel)}") from None
    return NodeTopic(NodeAddress(estate, node), channel)


def cloud_subscriptions() -> tuple[str, ...]:
    """What the cloud listens to: everything under our root, so that a channel or version it does not know is a dead letter
    and not silence. Its own words come back too (`is_from_cloud`).
    """
    return (f"{ROOT.partition('/')[0]}/#",)


def is_from_cloud(topic: str) -> bool:
    """Whether only a cloud speaks on this topic: what goes to nodes, and the hint that a worker is there."""
    try:
        parsed = parse(topic)
    except TopicError:
        return False
    return isinstance(parsed, CloudTopic) or parsed.channel in TO_NODE


def node_subscriptions(address: NodeAddress) -> tuple[str, ...]:
    """What one node listens to: its own incoming channels, and the hint that a cloud worker is there."""
    return (*(address.topic(channel) for channel in TO_NODE), f"{ROOT}/{address.estate}/{_CLOUD}/+")
