"""What a node is told to be, version by version, and how far it is from being it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cloud.domain.fleet.node import Node
from schemas.node_config import NodeConfig


class Origin(StrEnum):
    """Whose document it is: issued here, or what a node was installed with and reported."""

    CLOUD = "cloud"
    NODE = "node"


class Outcome(StrEnum):
    """What a node answered."""

    APPLIED = "applied"
    REFUSED = "refused"
    FAILED = "failed"


class Standing(StrEnum):
    """Where a node is with its configuration."""

    UNKNOWN = "unknown"
    INSTALLED = "installed"
    APPLIED = "applied"
    SENT = "sent"
    REFUSED = "refused"
    FAILED = "failed"
    DIFFERENT = "different"


@dataclass
class Configuration:
    """One version of a node's document; content and version never change. `told_at` None: it is still to be published.

    `by` is `member:<id>`, `node:<id>` or `system`; `reason`, why it was issued. `outcome`, `detail` and `answered_at` are
    what the node said of it last. `rollout`: what issued it to several nodes at once.
    """

    estate: str
    node_id: str
    version: int
    digest: str
    body: str
    origin: Origin
    by: str
    at: datetime
    reason: str = ""
    told_at: datetime | None = None
    outcome: Outcome | None = None
    detail: str = ""
    answered_at: datetime | None = None
    rollout: str | None = None

    @property
    def document(self) -> NodeConfig:
        """Raises pydantic.ValidationError where an earlier release wrote what this one no longer takes."""
        return NodeConfig.model_validate_json(self.body)

    def is_in_force_at(self, node: Node) -> bool:
        return (node.config_version, node.config_hash) == (self.version, self.digest)


@dataclass(frozen=True, slots=True)
class Rollout:
    """One change that was issued to several nodes: when it began, by whom, why, to how many."""

    id: str
    at: datetime
    by: str
    reason: str
    nodes: int


def standing(node: Node | None, latest: Configuration | None) -> Standing:
    """Where the node is, by what its last birth said and what it answered."""
    if node is None or not node.config_hash:
        return Standing.UNKNOWN if latest is None else Standing.SENT
    if latest is None:
        return Standing.INSTALLED
    if latest.is_in_force_at(node):
        return Standing.INSTALLED if latest.origin is Origin.NODE else Standing.APPLIED
    if latest.outcome in (Outcome.REFUSED, Outcome.FAILED):
        return Standing(latest.outcome.value)
    return Standing.DIFFERENT if node.config_version >= latest.version else Standing.SENT


def next_version(node: Node | None, latest: Configuration | None) -> int:
    """Above everything that was issued here and that the node has ever said to run: versions only grow."""
    return max(node.config_version if node else 0, latest.version if latest else 0) + 1
