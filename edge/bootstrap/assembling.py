"""Everything of one node, put together with plain constructor calls. Nothing is built at import."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from edge.adapters.gpio import GpioBoard
from edge.adapters.instruments import BusInstruments
from edge.adapters.kept_configuration import KeptConfiguration
from edge.application.alarms import Alarms
from edge.application.cards import Cards
from edge.application.configure import Configure, chosen
from edge.application.deliver import Deliver
from edge.application.hardware import Hardware
from edge.application.keep import Keeper
from edge.application.observe import Observer
from edge.application.ports import Clock, Outbox, Supervisor
from edge.application.run_node import Node
from edge.application.timestamps import Timestamps
from edge.application.wiring import wiring_of
from edge.bootstrap.conversing import Conversation, Inside, Work, build_keyring
from edge.domain.interpreters import interpreter_of, memories_of
from edge.domain.reflexes import Reflexes
from edge.errors import SettingsError
from edge.settings import NodeSettings, load_settings
from schemas.events import NodeLifecycle
from schemas.node_config import NodeConfig

Lifecycle = Literal["node.started", "node.stopped", "node.configured", "node.store-salvaged"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a running agent speaks with."""

    node: Node
    keeper: Keeper
    deliver: Deliver
    timestamps: Timestamps
    configure: Configure
    beside: Mapping[str, Work]
    """What runs beside the node's own tasks, by name."""


class Assembly:
    """Puts a node together from its settings. `source`: the file that they were read from, if any."""

    def __init__(self, settings: NodeSettings, clock: Clock, supervisor: Supervisor, source: Path | None) -> None:
        self._settings = settings
        self._clock = clock
        self._supervisor = supervisor
        self._source = source
        self._kept = KeptConfiguration(settings.outbox.path)

    async def parts(self, outbox: Outbox, pin_factory: Any) -> Parts:
        """Everything of the node on this outbox and these pins."""
        timestamps = Timestamps(self._clock, self._settings.clock.trust)
        inside = await self._inside(outbox, pin_factory, timestamps)
        keeper = inside.keeper
        conversation = Conversation(
            self._settings,
            self._clock,
            inside,
            kept=self._kept,
            keyring=build_keyring(self._settings, self._clock, timestamps, inside.cards),
            reread=self._reread,
            salvaged=lambda said: keeper.events([self.lifecycle(timestamps, "node.store-salvaged", said)]),
        )
        return Parts(inside.node, keeper, inside.deliver, timestamps, conversation.configure, conversation.beside())

    async def _inside(self, outbox: Outbox, pin_factory: Any, timestamps: Timestamps) -> Inside:
        settings, clock = self._settings, self._clock
        config, unusable = chosen(settings.config, self._kept, reads_cards=settings.privacy is not None)
        alarms = Alarms(config.effective_rules(), timestamps, clock.boot)
        deliver = Deliver(outbox, clock, backlog_batches_per_s=settings.outbox.backlog_batches_per_s)
        keeper = Keeper(outbox, clock, timestamps, alarms, deliver.sealed)
        await self._take_up(outbox, alarms, keeper, timestamps, unusable)
        wiring, memory = wiring_of(config), await outbox.memory()
        hardware = Hardware(
            wiring, GpioBoard(pin_factory, clock, asyncio.get_running_loop()), BusInstruments(pin_factory)
        )
        observer = Observer(
            config,
            {item.id: interpreter_of(item, memory.get(item.id, {})) for item in config.equipment},
            wiring.inputs,
            alarms=alarms,
            reflexes=Reflexes(config.effective_reflexes(), config.outputs),
            keeper=keeper,
            clock=clock,
            timestamps=timestamps,
            drive=hardware.drive,
        )
        cards = Cards(wiring.readers, None)
        node = Node(
            hardware,
            config=config,
            observer=observer,
            cards=cards,
            keeper=keeper,
            clock=clock,
            timestamps=timestamps,
            supervisor=self._supervisor,
            memories=lambda: memories_of(observer.interpreters),
        )
        return Inside(outbox, config, node, observer, cards, keeper, deliver, timestamps, alarms)

    async def _take_up(
        self, outbox: Outbox, alarms: Alarms, keeper: Keeper, timestamps: Timestamps, unusable: str | None
    ) -> None:
        """Where the last run stopped, and what is to be said of what it left. `unusable`: of the kept configuration."""
        alive_boot, alive_mono = outbox.alive_at or ("", 0.0)
        alive_at = alive_mono if alive_boot == self._clock.boot else None
        keeper.events(alarms.restore(await outbox.rules(), self._clock.mono(), alive_at))
        if outbox.salvaged is not None:
            keeper.events([self.lifecycle(timestamps, "node.store-salvaged", outbox.salvaged)])
        if unusable is not None:
            _log.error(unusable)
            keeper.events([self.lifecycle(timestamps, "node.configured", unusable)])

    def _reread(self) -> NodeConfig:
        """What node.toml says now. Raises SettingsError."""
        if self._source is None:
            raise SettingsError("node.toml", ["this agent was not started from a file; there is nothing to read anew"])
        now = load_settings(self._source)
        if now.model_copy(update={"config": self._settings.config}) != self._settings:
            raise SettingsError(str(self._source), ["more than [config] has changed: restart the agent to use it"])
        return now.config

    def lifecycle(self, timestamps: Timestamps, kind: Lifecycle, detail: str) -> NodeLifecycle:
        """What happened to the agent, as an event of now."""
        mono = self._clock.mono()
        return NodeLifecycle(kind=kind, detail=detail[:512], t=timestamps.time_of(mono), mono=mono)
