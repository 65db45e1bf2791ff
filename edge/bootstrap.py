"""Everything of one node, put together with plain constructor calls. Nothing is built at import."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from edge.adapters.card_key import card_key
from edge.adapters.clock import SystemClock
from edge.adapters.credentials import CredentialFolder
from edge.adapters.gpio import GpioBoard, open_pin_factory
from edge.adapters.machine import LinuxMachine
from edge.adapters.mqtt import MqttBroker
from edge.adapters.outbox import SqliteOutbox
from edge.adapters.systemd import SystemdSupervisor
from edge.application.alarms import Alarms
from edge.application.cards import Cards
from edge.application.deliver import Deliver
from edge.application.diagnose import Examined
from edge.application.keep import Keeper
from edge.application.link import Link
from edge.application.observe import Observer
from edge.application.ports import AnalogReader, Clock, LiftController, Outbox, Supervisor
from edge.application.renew import Renew
from edge.application.report_health import ReportHealth
from edge.application.run_node import Node
from edge.application.timestamps import Timestamps
from edge.application.wiring import wiring_of
from edge.domain.access_gate import AccessGateInterpreter
from edge.domain.lift import LiftInterpreter
from edge.domain.reflexes import Reflexes
from edge.domain.signals import Interpreter
from edge.domain.smoke_detector import SmokeDetectorInterpreter
from edge.errors import OutboxError, OutboxHeldError
from edge.settings import NodeSettings
from edge.version import RELEASED, agent_version
from schemas.equipment import AccessGate, DigitalOutput, Equipment, Lift, SmokeDetector
from schemas.events import NodeLifecycle

_VOLATILE_QUOTA = 8_000_000
_STORE_WITHIN_S = 2.0
_LAST_WORD_S = 1.0
_Lifecycle = Literal["node.started", "node.stopped", "node.configured", "node.store-salvaged"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Parts:
    node: Node
    keeper: Keeper
    deliver: Deliver
    timestamps: Timestamps


class Agent:
    """One node, ready to run. `run` returns after `stop`, or raises what took the node down."""

    def __init__(self, settings: NodeSettings, clock: Clock, pin_factory: Any | None, supervisor: Supervisor) -> None:
        self._settings = settings
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
                section.path, quota_bytes=int(section.quota_mb * 1_000_000), boot=self._clock.boot
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
            self._introduce()
            await self._work(parts)
        finally:
            await parts.node.close()

    async def _work(self, parts: _Parts) -> None:
        """Until somebody asks to stop, or a task dies and takes the others with it."""
        assert self._stopping is not None
        working = asyncio.create_task(parts.node.run(), name="node")
        renew = build_renewal(self._settings, self._clock)
        renewing = [] if renew is None else [asyncio.create_task(renew.run(), name="renew credentials")]
        asked = asyncio.create_task(self._stopping.wait(), name="stop")
        try:
            await asyncio.wait((working, asked, *renewing), return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                self._supervisor.stopping()
                await self._last_words(parts)
        finally:
            for task in (asked, working, *renewing):
                task.cancel()
            for task in (working, *renewing):
                with contextlib.suppress(asyncio.CancelledError):
                    await task

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
        settings, config, clock = self._settings, self._settings.config, self._clock
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
        wiring = wiring_of(config)
        board = GpioBoard(pin_factory, clock, asyncio.get_running_loop())
        memory = await outbox.memory()
        interpreters = {item.id: _interpreter(item, memory.get(item.id, {})) for item in config.equipment}
        observer = Observer(
            config,
            interpreters,
            wiring.inputs,
            alarms=alarms,
            reflexes=Reflexes(config.reflexes, config.outputs),
            keeper=keeper,
            clock=clock,
            timestamps=timestamps,
            drive=board.drive,
        )
        machine = LinuxMachine(settings.outbox.path.parent)
        link = Link(
            MqttBroker(settings.broker, settings.node.address, clock, last_trusted=lambda: outbox.last_trusted),
            outbox,
            clock,
            timestamps,
            config=config,
            agent_version=agent_version(),
            alarms=alarms,
            deliver=deliver,
            health=ReportHealth(outbox, clock, timestamps, machine=machine, alarms=alarms, stale=observer.stale_points),
            max_backoff_s=settings.broker.max_backoff_s,
            # A birth counts only above all before it in this boot, which a new, salvaged or volatile outbox has forgotten.
            numbered_from=int(mono * 10),  # outruns them: two a second at most
        )
        node = Node(
            wiring,
            board=board,
            converters=_converters(wiring.channels, pin_factory),
            controllers=_controllers(config.equipment),
            observer=observer,
            cards=Cards(wiring.readers, card_key(settings.privacy.card_key_file) if settings.privacy else b""),
            keeper=keeper,
            link=link,
            clock=clock,
            timestamps=timestamps,
            supervisor=self._supervisor,
            memories=lambda: _memories(interpreters),
        )
        return _Parts(node, keeper, deliver, timestamps)

    def _lifecycle(self, timestamps: Timestamps, kind: _Lifecycle, detail: str) -> NodeLifecycle:
        mono = self._clock.mono()
        return NodeLifecycle(kind=kind, detail=detail[:512], t=timestamps.time_of(mono), mono=mono)

    def _introduce(self) -> None:
        """Say what this node is, and what becomes of each output without it."""
        config = self._settings.config
        _log.info(
            "node started",
            extra={
                "estate": self._settings.node.estate,
                "version": agent_version(),
                "boot": self._clock.boot,
                "equipment": [item.id for item in config.equipment],
                "rules": len(config.effective_rules()),
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
) -> Agent:
    """The agent of one node.

    `clock`: time for everything it does, the machine's own unless given; one that runs N times faster makes it do so.
    `pin_factory`: a gpiozero factory that stays its owner's; unless given, the one that `[board]` names is opened and closed.
    """
    return Agent(settings, clock or SystemClock(), pin_factory, supervisor or SystemdSupervisor())


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


def _interpreter(item: Equipment, memory: Mapping[str, float]) -> Interpreter:
    match item:
        case AccessGate():
            return AccessGateInterpreter(item)
        case SmokeDetector():
            return SmokeDetectorInterpreter(item, memory)
        case Lift():
            return LiftInterpreter(item)


def _memories(interpreters: Mapping[str, Interpreter]) -> dict[str, dict[str, float]]:
    return {
        equipment: interpreter.memory()
        for equipment, interpreter in interpreters.items()
        if isinstance(interpreter, SmokeDetectorInterpreter)
    }


def _converters(channels: list[tuple[int, int]], pin_factory: Any) -> AnalogReader | None:
    if not channels:
        return None
    from edge.adapters.adc import Mcp3008Reader

    return Mcp3008Reader(channels, pin_factory)


def _controllers(equipment: Iterable[Equipment]) -> dict[str, LiftController]:
    wired = {item.id: item.controller for item in equipment if isinstance(item, Lift) and item.controller is not None}
    if not wired:
        return {}
    from edge.adapters.modbus import ModbusLiftController

    return {name: ModbusLiftController(controller) for name, controller in wired.items()}
