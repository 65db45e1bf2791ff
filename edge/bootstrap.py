"""Everything of one node, put together with plain constructor calls. Nothing is built at import."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from edge.adapters.card_key import card_key
from edge.adapters.clock import SystemClock
from edge.adapters.credentials import CredentialFolder
from edge.adapters.gpio import GpioBoard, open_pin_factory
from edge.adapters.instruments import BusInstruments
from edge.adapters.kept_configuration import KeptConfiguration
from edge.adapters.machine import LinuxMachine
from edge.adapters.mqtt import MqttBroker
from edge.adapters.no_credential_store import NoCredentialStore
from edge.adapters.outbox import SqliteOutbox
from edge.adapters.status_page import StatusPage
from edge.adapters.systemd import SystemdSupervisor
from edge.application.alarms import Alarms
from edge.application.answers import Answers
from edge.application.cards import Cards
from edge.application.configure import Configure, chosen
from edge.application.deliver import Deliver
from edge.application.diagnose import Examined
from edge.application.hardware import Hardware
from edge.application.keep import Keeper
from edge.application.link import Link
from edge.application.obey import Obey
from edge.application.observe import Observer
from edge.application.ports import Clock, Outbox, Supervisor
from edge.application.renew import Renew
from edge.application.report_health import ReportHealth
from edge.application.run_node import Node
from edge.application.status import ReportStatus
from edge.application.timestamps import Timestamps
from edge.application.watch_cloud import WatchCloud
from edge.application.wiring import wiring_of
from edge.domain.interpreters import interpreter_of, memories_of
from edge.domain.reflexes import Reflexes
from edge.errors import OutboxError, OutboxHeldError, SettingsError
from edge.settings import NodeSettings, load_settings
from edge.version import RELEASED, agent_version
from schemas.equipment import DigitalOutput, Lift
from schemas.events import NodeLifecycle
from schemas.node_config import NodeConfig

_VOLATILE_QUOTA = 8_000_000
_STORE_WITHIN_S = 2.0
_LAST_WORD_S = 1.0
_Lifecycle = Literal["node.started", "node.stopped", "node.configured", "node.store-salvaged"]
Work = Callable[[], Coroutine[Any, Any, None]]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Parts:
    node: Node
    keeper: Keeper
    deliver: Deliver
    timestamps: Timestamps
    configure: Configure
    beside: Mapping[str, Work]
    """What runs beside the node's own tasks, by name."""


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
        self._source = source
        self._kept = KeptConfiguration(settings.outbox.path)
        self._clock = clock
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
        try:
            return await SqliteOutbox.open(
                section.path,
                quota_bytes=int(section.quota_mb * 1_000_000),
                boot=self._clock.boot,
                node=str(self._settings.node.address),
            )
        except OutboxHeldError:
            raise
        except OutboxError as error:
            _log.critical(
                "the outbox cannot be opened: alarms still go out, but nothing survives a restart",
                extra={
                    "why": str(error),
                    "what_to_do": "tocsin-edge doctor; then check disk and permissions, and restart",
                },
            )
            return await SqliteOutbox.volatile(quota_bytes=_VOLATILE_QUOTA, boot=self._clock.boot)

    async def _run_with(self, outbox: Outbox, pin_factory: Any) -> None:
        parts = await self._assemble(outbox, pin_factory)
        try:
            parts.node.start()
            parts.keeper.events([self._lifecycle(parts.timestamps, "node.started", f"agent {agent_version()}")])
            self._introduce(parts.configure.in_force)
            await self._work(parts)
        finally:
            await parts.node.close()

    async def _work(self, parts: _Parts) -> None:
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

    async def _last_words(self, parts: _Parts) -> None:
        """Store what was observed, and give the events among it a moment to arrive."""
        parts.node.remember()
        parts.keeper.events([self._lifecycle(parts.timestamps, "node.stopped", "asked to stop")])
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STORE_WITHIN_S):
                await parts.keeper.flush()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_WORD_S):
                await parts.deliver.events_settled()

    async def _assemble(self, outbox: Outbox, pin_factory: Any) -> _Parts:
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
            keeper.events([self._lifecycle(timestamps, "node.store-salvaged", outbox.salvaged)])
        if unusable is not None:
            _log.error(unusable)
            keeper.events([self._lifecycle(timestamps, "node.configured", unusable)])
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
            cards=Cards(wiring.readers, card_key(settings.privacy.card_key_file) if settings.privacy else b""),
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
        return _Parts(node, keeper, deliver, timestamps, *conversation)

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
        beside = {"link": link.run, "configure": configure.run, "obey commands": obey.run}
        beside["watch the cloud"] = watch.run
        if settings.status is not None:
            report = ReportStatus(
                str(settings.node.address),
                agent_version(),
                link=link,
                watch=watch,
                outbox=outbox,
                keeper=keeper,
                alarms=alarms,
                configure=configure,
                timestamps=timestamps,
                outputs=lambda: observer.outputs,
            )
            beside["status page"] = StatusPage(settings.status, report).run
        if renew is not None:
            beside["renew credentials"] = renew.run
        return configure, beside

    def _reread(self) -> NodeConfig:
        """What node.toml says now. Raises SettingsError."""
        if self._source is None:
            raise SettingsError("node.toml", ["this agent was not started from a file; there is nothing to read anew"])
        now = load_settings(self._source)
        if now.model_copy(update={"config": self._settings.config}) != self._settings:
            raise SettingsError(str(self._source), ["more than [config] has changed: restart the agent to use it"])
        return now.config

    def _lifecycle(self, timestamps: Timestamps, kind: _Lifecycle, detail: str) -> NodeLifecycle:
        mono = self._clock.mono()
        return NodeLifecycle(kind=kind, detail=detail[:512], t=timestamps.time_of(mono), mono=mono)

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


def build_renewal(settings: NodeSettings, clock: Clock) -> Renew | None:
    """What renews this node's credential; None for a node that was not enrolled."""
    if settings.broker.credentials is None:
        return None
    return Renew(CredentialFolder(settings.broker.credentials), clock, RELEASED)


async def examine(settings: NodeSettings) -> list[Examined]:
    """Look at everything this node depends on. Safe beside a running agent, whose lines are then left alone."""
    from edge.adapters import checks

    clock = SystemClock()
    wiring = wiring_of(settings.config)
    found = [checks.look_at_clock(clock), checks.look_at_disk(settings.outbox)]
    runs = checks.agent_runs(settings.outbox.path)
    if runs:
        found.append(checks.pins_skipped())
    elif wiring.inputs or wiring.channels:
        found += await checks.look_at_pins(settings.board, wiring, clock)
    for item in settings.config.equipment:
        if isinstance(item, Lift) and item.controller is not None:
            found.append(await checks.look_at_controller(item.id, item.controller))
    if settings.broker.credentials is not None:
        found.append(checks.look_at_credential(settings.broker.credentials, clock))
    return [*found, await checks.look_at_broker(settings, clock, agent_runs=runs)]


def fail_safe_statement(wired: DigitalOutput) -> str:
    """What an output is while the agent does not drive it, in words."""
    return (
        f"on is {wired.active}; while the agent is stopped, crashed, restarting or upgraded the line is an input"
        f" and the equipment is {wired.fail_safe}"
    )
