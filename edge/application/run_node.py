"""One node at work: its tasks, the order in which it starts, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from edge.application.board_ports import LiftController, Line
from edge.application.cards import Cards
from edge.application.hardware import Hardware
from edge.application.keep import Keeper
from edge.application.observe import Observer
from edge.application.ports import Clock, Supervisor
from edge.application.timestamps import Timestamps
from edge.application.waiting import Wakeup
from edge.application.wiring import wiring_of
from edge.domain.signals import ControllerSilent, RegistersRead, Signal, VoltageRead, earliest
from edge.errors import ControllerError
from schemas.equipment import AnalogInput
from schemas.node_config import NodeConfig

CONTACTS_EVERY_S = 5.0
"""How often all contacts are read anew, in case an edge was missed."""
_CLOCK_EVERY_S = 10.0
_MEMORY_EVERY_S = 300.0
_CONTROLLER_BACKOFF_S = 5.0
_BLINK_S = 0.5
_log = logging.getLogger(__name__)


class Node:
    """Runs until cancelled. Any of its tasks that dies takes it down: the supervisor starts it afresh."""

    def __init__(
        self,
        hardware: Hardware,
        *,
        config: NodeConfig,
        observer: Observer,
        cards: Cards,
        keeper: Keeper,
        clock: Clock,
        timestamps: Timestamps,
        supervisor: Supervisor,
        memories: Callable[[], Mapping[str, Mapping[str, float]]],
    ) -> None:
        self._hardware = hardware
        self._config = config
        self._observer = observer
        self._cards = cards
        self._keeper = keeper
        self._clock = clock
        self._timestamps = timestamps
        self._supervisor = supervisor
        self._memories = memories
        self._timers = Wakeup(clock)
        self._tasks: asyncio.TaskGroup | None = None
        self._sampling: dict[str, asyncio.Task[None]] = {}
        self._laid = 0
        """How often the lines were laid; what was read before the last time says nothing of what they mean now."""

    def start(self) -> None:
        """Look before acting: outputs are taken over only when it is known what they should be.

        So a node that starts, or starts again, during a fire never holds a gate for a moment that it would release.
        """
        mono = self._clock.mono()
        self._observer.start(mono)
        for line, active in self._hardware.open_inputs(self._edge).items():
            self._observer.edge(line, active, mono)
        self._hardware.open_readers(self._pulse)
        self._hardware.open_outputs(self._observer.outputs)
        self._observer.arm()
        self._supervisor.ready()

    async def run(self, beside: Mapping[str, Callable[[], Coroutine[Any, Any, None]]]) -> None:
        """All tasks, for ever. `beside`: what else runs as long as the node does, by name."""
        async with asyncio.TaskGroup() as tasks:
            self._tasks = tasks
            for name, task in self._work().items():
                tasks.create_task(task, name=name)
            for name, work in beside.items():
                tasks.create_task(work(), name=name)
            self._sample_anew(set())

    def change(self, config: NodeConfig) -> None:
        """Go over to another configuration, in one go: nothing is observed in between.

        Raises BoardError where it cannot be had, and then everything is as it was.
        """
        before = {item.id: item for item in self._config.equipment}
        wiring, change = wiring_of(config), self._observer.prepare(config)
        levels = self._hardware.change(wiring, change.outputs, self._observer.outputs)
        self._laid += 1
        self._observer.change(change, wiring.inputs, levels)
        self._cards.change(wiring.readers)
        self._config = config
        self._sample_anew({item.id for item in config.equipment if before.get(item.id) == item})
        self._timers.wake()

    def blink(self, seconds: float) -> str | None:
        """Blink the beacon, so that somebody who stands there sees which node is meant. The beacon's name; None where
        there is none, or it is on for a reason. A reflex that switches it ends the blinking at once.
        """
        beacon = next((output.id for output in self._config.outputs if output.purpose == "beacon"), None)
        if beacon is None or self._tasks is None or self._observer.outputs[beacon]:
            return None
        self._tasks.create_task(self._blink(beacon, seconds), name=f"blink {beacon}")
        return beacon

    def wake(self) -> None:
        """Something will fall due that was not before."""
        self._timers.wake()

    async def close(self) -> None:
        """Give lines and controllers back."""
        self._hardware.close()

    def remember(self) -> None:
        """Have what interpreters learned kept with the next commit."""
        for equipment, memory in self._memories().items():
            if memory:
                self._keeper.remember(equipment, memory)

    def _work(self) -> dict[str, Coroutine[Any, Any, None]]:
        tasks: dict[str, Coroutine[Any, Any, None]] = {
            "keep": self._keeper.run(),
            "timers": self._run_timers(),
            "judge the clock": self._every(_CLOCK_EVERY_S, self._judge_clock),
            "remember": self._every(_MEMORY_EVERY_S, self._remember),
            "read contacts": self._every(CONTACTS_EVERY_S, self._read_contacts),
        }
        if self._supervisor.watchdog_s is not None:
            tasks["watchdog"] = self._every(self._supervisor.watchdog_s, self._say_alive)
        return tasks

    def _sample_anew(self, as_before: set[str]) -> None:
        """Sample and poll what the configuration names; equipment that is `as_before` goes on in its own rhythm."""
        if self._tasks is None:
            return
        wiring = self._hardware.wiring
        for name in [name for name in self._sampling if name.partition(" ")[2] not in as_before]:
            self._sampling.pop(name).cancel()
        for equipment, inputs in wiring.analog.items():
            if (name := f"sample {equipment}") not in self._sampling:
                self._sampling[name] = self._tasks.create_task(self._sample(equipment, inputs), name=name)
        for equipment in wiring.controllers:
            if (name := f"poll {equipment}") not in self._sampling:
                task = self._poll(equipment, self._hardware.controller(equipment))
                self._sampling[name] = self._tasks.create_task(task, name=name)

    async def _blink(self, beacon: str, seconds: float) -> None:
        until = self._clock.mono() + seconds
        lit = False
        while self._clock.mono() < until and self._observer.outputs.get(beacon) is False:
            lit = not lit
            self._hardware.drive(beacon, lit)
            await self._clock.sleep(_BLINK_S)
        if self._observer.outputs.get(beacon) is False:
            self._hardware.drive(beacon, False)

    def _edge(self, line: Line, active: bool, mono: float, at: float) -> None:
        self._observer.edge(line, active, mono, at)
        self._timers.wake()

    def _pulse(self, gate: str, bit: int, at: float, mono: float) -> None:
        self._cards.pulse(gate, bit, at, mono)
        self._timers.wake()

    def _take(self, equipment: str, signal: Signal) -> None:
        self._observer.take(equipment, signal, self._clock.mono())
        self._timers.wake()

    async def _run_timers(self) -> None:
        while True:
            due = earliest(self._observer.due, self._cards.due)
            await self._timers.wait(None if due is None else due - self._clock.mono())
            mono = self._clock.mono()
            for gate, card in self._cards.tick(mono):
                self._observer.take(gate, card, mono)
            self._observer.tick(mono)

    async def _sample(self, equipment: str, inputs: Mapping[str, AnalogInput]) -> None:
        while True:
            async with _Pace(self._clock, self._hardware.wiring.periods_s[equipment]):
                volts = await self._hardware.volts(inputs)
                for name, value in volts.items():
                    self._take(equipment, VoltageRead(name, value))

    async def _poll(self, equipment: str, controller: LiftController) -> None:
        silent = False
        while True:
            async with _Pace(self._clock, self._hardware.wiring.periods_s[equipment]):
                try:
                    self._take(equipment, RegistersRead(await controller.read()))
                except ControllerError as error:
                    self._take(equipment, ControllerSilent(str(error)))
                    if not silent:
                        _log.warning("a controller is silent", extra={"equipment": equipment, "why": str(error)})
                    silent = True
                    await self._clock.sleep(_CONTROLLER_BACKOFF_S * random.uniform(0.2, 1.0))  # noqa: S311 - spreads nodes
                    continue
                if silent:
                    _log.info("a controller answers again", extra={"equipment": equipment})
                silent = False

    async def _read_contacts(self) -> None:
        # Stamped before reading: an edge told meanwhile is newer than what was read here.
        mono, laid = self._clock.mono(), self._laid
        levels = await self._hardware.levels()
        if laid == self._laid:
            self._observer.levels(levels, mono)
            self._timers.wake()

    async def _every(self, seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        while True:
            await self._clock.sleep(seconds)
            await work()

    async def _judge_clock(self) -> None:
        before = self._timestamps.state
        if (now := self._timestamps.refresh()) is not before:
            _log.warning("the clock is now " + now, extra={"before": before})

    async def _remember(self) -> None:
        self.remember()

    async def _say_alive(self) -> None:
        self._supervisor.alive()


class _Pace:
    """One turn of something periodic: leaving waits for the rest of the period, if any is left."""

    def __init__(self, clock: Clock, period_s: float) -> None:
        self._clock = clock
        self._period_s = period_s
        self._began = 0.0

    async def __aenter__(self) -> None:
        self._began = self._clock.mono()

    async def __aexit__(self, *failure: object) -> None:
        if failure[0] is None:
            await self._clock.sleep(max(self._began + self._period_s - self._clock.mono(), 0.0))
