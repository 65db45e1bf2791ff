"""What a node last said of itself, and when its silence becomes an incident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

SILENT_AFTER: Final = timedelta(minutes=3)
"""Health comes at least once a minute; three minutes without one make a node silent (equipment.md)."""

WILL_GRACE: Final = timedelta(seconds=30)
"""A last will is often followed at once by a new connection; only when it is not, the node is silent."""


_REMEMBERED: Final = 16
"""Outboxes kept in mind: each is a card that was lost or replaced."""


@dataclass
class Node:
    """One node as the cloud hears it. `silent_due_at` None: its silence stands on the board, or it has never spoken;
    `patience` is how long it may be silent. `farewell`: whether its last connection ended in order; None: none ended yet, or
    nobody noted how. `health_at`: when `health` came. `to_compare`: since its birth nobody has compared what it knows of with
    what fires here.
    """

    estate: str
    id: str
    outbox: str | None = None
    boot: str | None = None
    connection: int = 0
    online: bool = False
    agent_version: str = ""
    config_version: int = 0
    config_hash: str = ""
    clock: str = ""
    born_at: datetime | None = None
    died_at: datetime | None = None
    farewell: bool | None = None
    heard_at: datetime | None = None
    silent_due_at: datetime | None = None
    patience: timedelta = SILENT_AFTER
    silent_occurrence: str | None = None
    active: frozenset[str] = frozenset()
    former: tuple[str, ...] = ()
    to_compare: bool = False
    health: Mapping[str, Any] = field(default_factory=dict)
    health_at: datetime | None = None
    given: Mapping[str, int] = field(default_factory=dict)
    """How far outboxes it numbers in no more had come by its last word of them: `outbox/stream` → number."""

    @property
    def booted_at(self) -> datetime | None:
        """When its machine began to run, to within the seconds that its word travelled; None where it has not said in this boot."""
        mono = self.health.get("mono")
        said = self.health_at is not None and self.health.get("boot") == self.boot
        if self.health_at is None or not said or not isinstance(mono, (int, float)):
            return None
        return self.health_at - timedelta(seconds=mono)

    def repeats(self, boot: str, connection: int) -> bool:
        """Whether a birth was seen before: a retained one comes again at every reconnect of ours."""
        return self.boot == boot and connection <= self.connection

    def number_in(self, outbox: str) -> bool:
        """It numbers in that outbox now. True when it did before and in another since: two boards under one name, or a
        card that was put back.
        """
        if outbox == self.outbox:
            return False
        if self.outbox is not None:
            self._remember_numbers()
            self.former = (*(known for known in self.former if known != self.outbox), self.outbox)[-_REMEMBERED:]
        self.outbox = outbox
        return outbox in self.former

    def _remember_numbers(self) -> None:
        said = {
            f"{one['outbox']}/{one['stream']}": int(one["given"])
            for one in self.health.get("numbering", ())
            if one["outbox"] == self.outbox and one.get("given")
        }
        known = {key: number for key, number in self.given.items() if key.partition("/")[0] in self.former}
        self.given = {**known, **{key: max(number, known.get(key, 0)) for key, number in said.items()}}

    def knows_other_configuration(self, born_boot: str, connection: int, version: int, digest: str) -> bool:
        """Whether a birth of the connection we know says that the node goes by another configuration now."""
        known = (self.boot, self.connection) == (born_boot, connection)
        return known and version >= self.config_version and (version, digest) != (self.config_version, self.config_hash)

    def hear(self, now: datetime) -> None:
        """Any word of it counts as life."""
        self.online, self.heard_at = True, now
        self._wait(now, SILENT_AFTER)

    def die(self, now: datetime, *, in_order: bool) -> None:
        """The connection ended. One that ended in order was meant, and still is missed after the longer time."""
        self.online, self.died_at, self.farewell = False, now, in_order
        self._wait(now, SILENT_AFTER if in_order else WILL_GRACE)

    def wait_from(self, moment: datetime) -> None:
        """Be as patient as before, but from that moment on."""
        self._wait(moment, self.patience)

    def _wait(self, since: datetime, patience: timedelta) -> None:
        self.patience, self.silent_due_at = patience, since + patience
