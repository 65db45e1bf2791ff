"""What a node says of itself to somebody who stands beside it, with the network cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from edge.application.alarms import Alarms
from edge.application.configure import Configure
from edge.application.keep import Keeper
from edge.application.link import Link
from edge.application.ports import Clock, Outbox
from edge.application.timestamps import Timestamps
from edge.application.watch_cloud import WatchCloud
from schemas.batch import Stream


@dataclass(frozen=True, slots=True)
class Status:
    """`cloud_heard_s_ago`: since the last acknowledgement or hint. `clock_offset_s`: as in Health. `trouble`: why the outbox does
    not take anything now.
    """

    node: str
    agent_version: str
    configuration: int
    connected: bool
    cloud_silent: bool
    cloud_heard_s_ago: float
    waiting_events: int
    waiting_batches: int
    clock: str
    clock_offset_s: float | None
    trouble: str | None
    alarms: tuple[str, ...]
    outputs: Mapping[str, bool]


class ReportStatus:
    """Gathers; asks nothing of the network."""

    def __init__(
        self,
        node: str,
        agent_version: str,
        clock: Clock,
        *,
        link: Link,
        watch: WatchCloud,
        outbox: Outbox,
        keeper: Keeper,
        alarms: Alarms,
        configure: Configure,
        timestamps: Timestamps,
        outputs: Callable[[], Mapping[str, bool]],
    ) -> None:
        self._node, self._agent_version, self._clock = node, agent_version, clock
        self._link, self._watch, self._outbox, self._keeper = link, watch, outbox, keeper
        self._alarms, self._configure, self._timestamps, self._outputs = alarms, configure, timestamps, outputs

    async def __call__(self) -> Status:
        return Status(
            node=self._node,
            agent_version=self._agent_version,
            configuration=self._configure.in_force.version,
            connected=self._link.connected,
            cloud_silent=self._watch.silent,
            cloud_heard_s_ago=round(self._watch.heard_s_ago, 1),
            waiting_events=(await self._outbox.depth(Stream.EVENTS)).batches,
            waiting_batches=(await self._outbox.depth(Stream.TELEMETRY)).batches,
            clock=self._timestamps.state.value,
            clock_offset_s=await self._clock.offset(),
            trouble=self._keeper.trouble or self._kept_nowhere(),
            alarms=tuple(f"{standing.hazard} {standing.equipment}" for standing in self._alarms.active),
            outputs=dict(self._outputs()),
        )

    def _kept_nowhere(self) -> str | None:
        file = self._outbox.volatile_instead_of
        return None if file is None else f"{file} could not be opened at start; all that waits lies in memory"
