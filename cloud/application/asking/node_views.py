"""What is shown of nodes: how they are, when their boots began, and what of theirs nobody could read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cloud.domain.community.names import Names


@dataclass(frozen=True, slots=True)
class BootView:
    """When a boot of a node began. `earliest` and `latest` bound `at`; equal to it where it is known, `earliest` None
    where nothing is. What the node recorded in that boot without a clock is dated by `at` and off by as much.
    """

    boot: str
    at: datetime
    earliest: datetime | None
    latest: datetime


@dataclass(frozen=True, slots=True)
class NodeView:
    """`born_at`: when it connected last. `died_at`: when a connection of it ended last, and `farewell` whether it said goodbye
    then (true) or was cut off (false). `booted_at`: when its machine began to run. `health`: what it last said of itself, at
    `health_at`. Counters are batches of its event streams (readings have their own). `missing`: neither arrived nor explained,
    and not known to be `lost`.
    """

    id: str
    names: Names
    place_id: str | None
    address: Names
    registered: bool
    online: bool
    silent: bool
    heard_at: datetime | None
    boot: str | None
    agent_version: str
    config_version: int
    config_hash: str
    clock: str
    health: Mapping[str, Any]
    health_at: datetime | None
    born_at: datetime | None
    booted_at: datetime | None
    died_at: datetime | None
    farewell: bool | None
    stored: int
    duplicate: int
    late: int
    void: int
    missing: int
    lost: int
    refused: int
    conflicts: int


@dataclass(frozen=True, slots=True)
class DeadLetterView:
    """`excerpt`: the payload's first 2,000 characters, what is no UTF-8 replaced. `hindrance`: why it cannot be replayed; None where
    it can.
    """

    id: str
    received_at: datetime
    estate: str | None
    node_id: str | None
    topic: str
    reason: str
    size: int
    excerpt: str
    hindrance: Names | None = None
    replayed_at: datetime | None = None
    replayed_by: str | None = None
