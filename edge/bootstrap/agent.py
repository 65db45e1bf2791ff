"""One node from its start to its last words."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import Any

from edge.adapters.clock import SystemClock
from edge.adapters.gpio import open_pin_factory
from edge.adapters.outbox import SqliteOutbox
from edge.adapters.outbox_check import OutboxFile
from edge.adapters.systemd import SystemdSupervisor
from edge.application.ports import Clock, Outbox, Supervisor
from edge.application.wiring import wiring_of
from edge.bootstrap.assembling import Assembly, Parts
from edge.domain.fail_safe import fail_safe_statement
from edge.errors import OutboxError, OutboxHeldError
from edge.settings import NodeSettings
from edge.version import agent_version
from schemas.node_config import NodeConfig

_VOLATILE_QUOTA = 8_000_000
_STORE_WITHIN_S = 2.0
_LAST_WORD_S = 1.0
_log = logging.getLogger(__name__)


class Agent:
    """One node, ready to run. `run` returns after `stop`, or raises what took the node down."""

    def __init__(
        self,
        settings: NodeSettings,
        clock: Clock,
        pin_factory: Any | None,
        supervisor: Supervisor,
        source: Path | None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._assembly = Assembly(settings, clock, supervisor, source)
        self._pin_factory = pin_factory
        self._supervisor = supervisor
        self._stopping: asyncio.Event | None = None
        self._stop_asked = False

    def stop(self) -> None:
        """End in order: what is observed is stored, a farewell is said, lines go back. From the loop's own thread."""
        self._stop_asked = True
        if self._stopping is not None:
            self._stopping.set()

    async def run(self) -> None:
        """Start, work, and end in order. Raises EdgeError, or a group of them, where something cannot go on."""
        self._stopping = asyncio.Event()
        if self._stop_asked:
            self._stopping.set()
        outbox = await self._open_outbox()
        owned = None if self._pin_factory is not None else open_pin_factory(self._settings.board)
        try:
            await self._run_with(outbox, self._pin_factory if owned is None else owned)
        finally:
            if owned is not None:
                # A board that went away cannot be closed; why it ended is being raised already.
                with contextlib.suppress(Exception):
                    owned.close()
            await outbox.close()

    async def _open_outbox(self) -> Outbox:
        section = self._settings.outbox
        file = OutboxFile(section.path, int(section.quota_mb * 1_000_000), str(self._settings.node.address))
        try:
            return await SqliteOutbox.open(
                file.path, quota_bytes=file.quota_bytes, boot=self._clock.boot, node=file.node
            )
        except OutboxHeldError:
            raise
        except OutboxError as error:
            _log.critical(
                "the outbox cannot be opened: alarms still go out, but nothing survives a restart until it can be",
                extra={
                    "why": str(error),
                    "what_to_do": "free disk space or check its owner (tocsin-edge doctor); it is tried again by itself",
                },
            )
            return await SqliteOutbox.volatile(quota_bytes=_VOLATILE_QUOTA, boot=self._clock.boot, instead_of=file)

    async def _run_with(self, outbox: Outbox, pin_factory: Any) -> None:
        parts = await self._assembly.parts(outbox, pin_factory)
        try:
            parts.node.start()
            parts.keeper.events(
                [self._assembly.lifecycle(parts.timestamps, "node.started", f"agent {agent_version()}")]
            )
            self._introduce(parts.configure.in_force)
            await self._work(parts)
        finally:
            await parts.node.close()

    async def _work(self, parts: Parts) -> None:
        """Until somebody asks to stop, or a task dies and takes the others with it."""
        assert self._stopping is not None
        working = asyncio.create_task(parts.node.run(parts.beside), name="node")
        asked = asyncio.create_task(self._stopping.wait(), name="stop")
        try:
            await asyncio.wait((working, asked), return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                self._supervisor.stopping()
                await self._last_words(parts)
        finally:
            asked.cancel()
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working

    async def _last_words(self, parts: Parts) -> None:
        """Store what was observed, and give the events among it a moment to arrive."""
        parts.node.remember()
        parts.keeper.events([self._assembly.lifecycle(parts.timestamps, "node.stopped", "asked to stop")])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STORE_WITHIN_S):
                await parts.keeper.flush()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORD_S):
                await parts.deliver.events_settled()

    def _introduce(self, config: NodeConfig) -> None:
        """Say what this node is, and what becomes of each output without it."""
        _log.info(
            "node started",
            extra={
                "estate": self._settings.node.estate,
                "version": agent_version(),
                "boot": self._clock.boot,
                "equipment": [item.id for item in config.equipment],
                "rules": len(config.effective_rules()),
                "configuration": config.version,
                "installed_configuration": self._settings.config.version,
                "broker": f"{self._settings.broker.host}:{self._settings.broker.port}",
                "outbox": str(self._settings.outbox.path),
            },
        )
        for name, wired in wiring_of(config).outputs.items():
            _log.info(
                "output taken over", extra={"output": name, "pin": wired.pin, "means": fail_safe_statement(wired)}
            )


def build_agent(
    settings: NodeSettings,
    *,
    clock: Clock | None = None,
    pin_factory: Any | None = None,
    supervisor: Supervisor | None = None,
    source: Path | None = None,
) -> Agent:
    """The agent of one node.

    `clock`: time for everything it does, the machine's own unless given; one that runs N times faster makes it do so.
    `pin_factory`: a gpiozero factory that stays its owner's; unless given, the one that `[board]` names is opened and closed.
    `source`: the file that the settings were read from, for when the cloud asks to read it anew.
    """
    return Agent(settings, clock or SystemClock(), pin_factory, supervisor or SystemdSupervisor(), source)
