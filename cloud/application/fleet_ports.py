"""What the use cases need to be kept of nodes: what they sent, when they booted, how they are, and what they are told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from cloud.application.records import BatchKey, DeadLetter, StoredEvent
from cloud.domain.fleet.boot_time import BootTime
from cloud.domain.fleet.configuration import Configuration, Rollout
from cloud.domain.fleet.node import Node
from cloud.domain.fleet.order import Order
from cloud.domain.fleet.progress import Progress
from schemas.topics import NodeAddress


class Batches(Protocol):
    """Which numbered batches have been stored, and the events in them."""

    def progress(self, outbox: str, stream: str) -> Progress | None: ...

    def progress_of(self, estate: str) -> Sequence[Progress]: ...

    def save(self, progress: Progress) -> None: ...

    def add(self, batch: BatchKey, at: datetime) -> bool:
        """Take note of a batch. False when exactly this one, digest included, was noted before."""
        ...

    def keep(self, events: Sequence[StoredEvent]) -> None: ...

    def events(self, estate: str, *, limit: int = 100, equipment: str | None = None) -> Sequence[StoredEvent]:
        """The latest events, newest first."""
        ...

    def certain_before(self, outbox: str, seq: int) -> datetime | None:
        """When the last event with a certain time happened among those numbered lower than `seq` in this outbox."""
        ...


class Boots(Protocol):
    """When the boots of nodes began, where that had to be decided."""

    def find(self, address: NodeAddress, boot: str) -> BootTime | None: ...

    def decide(self, address: NodeAddress, time: BootTime) -> BootTime:
        """Keep it unless this boot has one already; the one that stands. First write wins."""
        ...

    def tighten(self, address: NodeAddress, time: BootTime) -> None:
        """Replace the bounds of a boot; its offset stays."""
        ...

    def of(self, address: NodeAddress, limit: int = 100, before: str | None = None) -> Sequence[BootTime]:
        """Those of one node, the latest first, from the one on that follows the boot `before`; none where that is unknown."""
        ...


class Nodes(Protocol):
    def get(self, estate: str, node_id: str) -> Node | None: ...

    def of(self, estate: str) -> Sequence[Node]: ...

    def of_estates(self, estates: Collection[str]) -> Sequence[Node]:
        """Those of all these estates, asked for at once."""
        ...

    def fallen_silent(self, now: datetime, limit: int = 20) -> Sequence[Node]:
        """Nodes whose `silent_due_at` has passed, claimed for this unit of work."""
        ...

    def save(self, node: Node) -> None: ...


class DeadLetters(Protocol):
    def put(self, letter: DeadLetter) -> None: ...

    def get(self, letter_id: str) -> DeadLetter | None: ...

    def replayed(self, letter_id: str, at: datetime, by: str) -> bool:
        """It was taken after all. False, and nothing changes, where it was so before."""
        ...

    def latest(
        self, *, estates: Collection[str] | None = None, limit: int = 100, before: str | None = None
    ) -> Sequence[DeadLetter]:
        """Newest first, after the one with the id `before`. `estates` None: all, those that name no estate among them."""
        ...

    def empty(self, before: datetime, limit: int) -> int:
        """Forgets the payload of those received earlier, the oldest first; how many. That there were any stays."""
        ...

    def count(self, estate: str) -> Mapping[str, int]:
        """How many per node."""
        ...


class Configurations(Protocol):
    """What nodes are told to be. A version's content never changes."""

    def get(self, estate: str, node_id: str, version: int) -> Configuration | None: ...

    def latest(self, estate: str, node_id: str) -> Configuration | None: ...

    def of(self, estate: str, node_id: str, limit: int = 100, before: int | None = None) -> Sequence[Configuration]:
        """Newest first; those below the version `before`."""
        ...

    def of_rollout(self, estate: str, rollout: str) -> Sequence[Configuration]:
        """What one rollout issued, one version a node, by node."""
        ...

    def rollouts(self, estate: str, limit: int, before: tuple[datetime, str] | None = None) -> Sequence[Rollout]:
        """Newest first, of one moment by id; those that follow (at, id) `before`."""
        ...

    def untold(self) -> Sequence[Configuration]:
        """The latest of each node, where it is still to be published."""
        ...

    def told(self, configuration: Configuration, at: datetime) -> None:
        """This one was published, and with it everything older is of no account."""
        ...

    def save(self, configuration: Configuration) -> None: ...


class Orders(Protocol):
    """Commands to nodes."""

    def get(self, order_id: str) -> Order | None: ...

    def of(
        self, estate: str, node_id: str, limit: int = 50, before: tuple[datetime, str] | None = None
    ) -> Sequence[Order]:
        """Newest first, of one moment by id; those that follow (at, id) `before`."""
        ...

    def untold(self, now: datetime) -> Sequence[Order]:
        """Still to be published, and not expired."""
        ...

    def lapsed(self, now: datetime) -> Sequence[Order]:
        """Asked on account of an incident, expired without an answer, and not noted so far."""
        ...

    def told(self, order: Order, at: datetime) -> None: ...

    def save(self, order: Order) -> None: ...

    def forget(self, over_before: datetime, limit: int) -> int:
        """Delete commands whose time was over before then, with what came of them: how many."""
        ...
