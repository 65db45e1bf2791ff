"""Everything of one node, put together with plain constructor calls. Nothing is built at import."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from edge.adapters.card_key import card_keys
from edge.adapters.credentials import CredentialFolder
from edge.adapters.gpio import GpioBoard
from edge.adapters.instruments import BusInstruments
from edge.adapters.kept_configuration import KeptConfiguration
from edge.adapters.machine import LinuxMachine
from edge.adapters.mqtt import MqttBroker
from edge.adapters.no_credential_store import NoCredentialStore
from edge.application.alarms import Alarms
from edge.application.answers import Answers
from edge.application.cards import Cards
from edge.application.configure import Configure, chosen
from edge.application.deliver import Deliver
from edge.application.hardware import Hardware
from edge.application.keep import Keeper
from edge.application.link import Link
from edge.application.obey import Obey
from edge.application.observe import Observer
from edge.application.ports import Clock, Outbox, Supervisor
from edge.application.renew import Renew
from edge.application.report_health import ReportHealth
from edge.application.return_to_disk import ReturnToDisk
from edge.application.run_node import Node
from edge.application.status import ReportStatus
from edge.application.timestamps import Timestamps
from edge.application.watch_cloud import WatchCloud
from edge.application.wiring import wiring_of
from edge.domain.interpreters import interpreter_of, memories_of
from edge.domain.reflexes import Reflexes
from edge.errors import SettingsError
from edge.settings import NodeSettings, load_settings
from edge.version import RELEASED, agent_version
from schemas.events import NodeLifecycle
from schemas.node_config import NodeConfig

Lifecycle = Literal["node.started", "node.stopped", "node.configured", "node.store-salvaged"]
Work = Callable[[], Coroutine[Any, Any, None]]
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
        settings, clock = self._settings, self._clock
        config, unusable = chosen(settings.config, self._kept, reads_cards=settings.privacy is not None)
        timestamps = Timestamps(clock, settings.clock.trust)
        mono = clock.mono()
        alive_boot, alive_mono = outbox.alive_at or ("", 0.0)
        alarms = Alarms(config.effective_rules(), timestamps, clock.boot)
        ended = alarms.restore(await outbox.rules(), mono, alive_mono if alive_boot == clock.boot else None)
        deliver = Deliver(outbox, clock, backlog_batches_per_s=settings.outbox.backlog_batches_per_s)
        keeper = Keeper(outbox, clock, timestamps, alarms, deliver.sealed)
        keeper.events(ended)
        if outbox.salvaged is not None:
            keeper.events([self.lifecycle(timestamps, "node.store-salvaged", outbox.salvaged)])
        if unusable is not None:
            _log.error(unusable)
            keeper.events([self.lifecycle(timestamps, "node.configured", unusable)])
        wiring = wiring_of(config)
        hardware = Hardware(
            wiring, GpioBoard(pin_factory, clock, asyncio.get_running_loop()), BusInstruments(pin_factory)
        )
        memory = await outbox.memory()
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
        node = Node(
            hardware,
            config=config,
            observer=observer,
            cards=Cards(wiring.readers, card_keys(settings.privacy.card_key_file) if settings.privacy else None),
            keeper=keeper,
            clock=clock,
            timestamps=timestamps,
            supervisor=self._supervisor,
            memories=lambda: memories_of(observer.interpreters),
        )
        conversation = self._conversation(
            outbox,
            config,
            node=node,
            observer=observer,
            keeper=keeper,
            deliver=deliver,
            timestamps=timestamps,
            alarms=alarms,
        )
        return Parts(node, keeper, deliver, timestamps, *conversation)

    def _conversation(
        self,
        outbox: Outbox,
        config: NodeConfig,
        *,
        node: Node,
        observer: Observer,
        keeper: Keeper,
        deliver: Deliver,
        timestamps: Timestamps,
        alarms: Alarms,
    ) -> tuple[Configure, Mapping[str, Work]]:
        """What speaks with the cloud: the link, and what takes configurations and commands from it."""
        settings, clock = self._settings, self._clock
        answers = Answers(clock)
        renew = build_renewal(settings, clock)
        configure = Configure(
            config,
            store=self._kept,
            apply=node.change,
            keeper=keeper,
            answers=answers,
            clock=clock,
            timestamps=timestamps,
            reads_cards=settings.privacy is not None,
        )
        obey = Obey(
            outbox,
            clock,
            timestamps,
            configure=configure,
            alarms=alarms,
            keeper=keeper,
            answers=answers,
            blink=node.blink,
            reread=self._reread,
            rotation=renew or NoCredentialStore(),
            on_exercise=node.wake,
        )
        watch = WatchCloud(clock, lambda silent, mono: observer.cloud_silent(silent=silent, mono=mono))
        link = Link(
            MqttBroker(settings.broker, settings.node.address, clock, last_trusted=lambda: outbox.last_trusted),
            outbox,
            clock,
            timestamps,
            configure=configure,
            obey=obey,
            answers=answers,
            agent_version=agent_version(),
            alarms=alarms,
            deliver=deliver,
            watch=watch,
            health=ReportHealth(
                outbox,
                clock,
                timestamps,
                machine=LinuxMachine(settings.outbox.path.parent),
                alarms=alarms,
                stale=observer.stale_points,
                card_endurance_bytes=settings.outbox.card_endurance_tb * 1e12,
            ),
            max_backoff_s=settings.broker.max_backoff_s,
            # A birth counts only above all before it in this boot, which a new, salvaged or volatile outbox has forgotten.
            numbered_from=int(clock.mono() * 10),  # outruns them: two a second at most
        )

        def returned() -> None:
            deliver.look_anew()
            answers.bear()
            if outbox.salvaged is not None:
                keeper.events([self.lifecycle(timestamps, "node.store-salvaged", outbox.salvaged)])

        beside = {"link": link.run, "configure": configure.run, "obey commands": obey.run}
        beside["watch the cloud"] = watch.run
        if settings.status is not None:
            report = ReportStatus(
                str(settings.node.address),
                agent_version(),
                clock,
                link=link,
                watch=watch,
                outbox=outbox,
                keeper=keeper,
                alarms=alarms,
                configure=configure,
                timestamps=timestamps,
                outputs=lambda: observer.outputs,
            )
            # Half a megabyte for a node that has no page: only where it is asked for.
            from edge.adapters.status_page import StatusPage

            beside["status page"] = StatusPage(settings.status, report).run
        if renew is not None:
            beside["renew credentials"] = renew.run
        if outbox.volatile_instead_of is not None:
            beside["return to disk"] = ReturnToDisk(outbox, clock, returned).run
        return configure, beside

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


def build_renewal(settings: NodeSettings, clock: Clock) -> Renew | None:
    """What renews this node's credential; None for a node that was not enrolled."""
    if settings.broker.credentials is None:
        return None
    return Renew(CredentialFolder(settings.broker.credentials), clock, RELEASED)
