"""One node at work: its tasks, the order in which it starts, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from edge.application.cards import Cards
from edge.application.keep import Keeper
from edge.application.link import Link
from edge.application.observe import Observer
from edge.application.ports import AnalogReader, Board, Clock, LiftController, Line, Supervisor
from edge.application.timestamps import Timestamps
from edge.application.waiting import Wakeup
from edge.application.wiring import Wiring
from edge.domain.signals import ControllerSilent, RegistersRead, Signal, VoltageRead, earliest
from edge.errors import ControllerError
from schemas.equipment import AnalogInput

CONTACTS_EVERY_S = 5.0
"""How often all contacts are read anew, in case an edge was missed."""
_CLOCK_EVERY_S = 10.0
_MEMORY_EVERY_S = 300.0
_CONTROLLER_BACKOFF_S = 5.0
_log = logging.getLogger(__name__)


class Node:
    """Runs until cancelled. Any of its tasks that dies takes it down: the supervisor starts it afresh."""

    def __init__(
        self,
        wiring: Wiring,
        *,
        board: Board,
        converters: AnalogReader | None,
        controllers: Mapping[str, LiftController],
        observer: Observer,
        cards: Cards,
        keeper: Keeper,
        link: Link,
        clock: Clock,
        timestamps: Timestamps,
        supervisor: Supervisor,
        memories: Callable[[], Mapping[str, Mapping[str, float]]],
    ) -> None:
        self._wiring = wiring
        self._board = board
        self._converters = converters
        self._controllers = controllers
        self._observer = observer
        self._cards = cards
        self._keeper = keeper
        self._link = link
        self._clock = clock
        self._timestamps = timestamps
        self._supervisor = supervisor
        self._memories = memories
        self._timers = Wakeup(clock)
        # One thread for all that blocks on the board, so that two reads never share the SPI bus.
        self._board_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="board")

    def start(self) -> None:
        """Look before acting: outputs are taken over only when it is known what they should be.

        So a node that starts, or starts again, during a fire never holds a gate for a moment that it would release.
        """
        mono = self._clock.mono()
        self._observer.start(mono)
        for line, active in self._board.open_inputs(self._wiring.inputs, self._edge).items():
            self._observer.edge(line, active, mono)
        self._board.open_readers(self._wiring.readers, self._pulse)
        self._board.open_outputs(self._wiring.outputs, self._observer.outputs)
        self._observer.arm()
        self._supervisor.ready()

    async def run(self) -> None:
        """All tasks, for ever."""
        async with asyncio.TaskGroup() as tasks:
            for name, task in self._tasks().items():
                tasks.create_task(task, name=name)

    async def close(self) -> None:
        """Give lines and controllers back."""
        for controller in self._controllers.values():
            controller.close()
        if self._converters is not None:
            self._converters.close()
        self._board.close()
        self._board_thread.shutdown()

    def remember(self) -> None:
        """Have what interpreters learned kept with the next commit."""
        for equipment, memory in self._memories().items():
            if memory:
                self._keeper.remember(equipment, memory)

    def _tasks(self) -> dict[str, Coroutine[Any, Any, None]]:
        tasks: dict[str, Coroutine[Any, Any, None]] = {
            "keep": self._keeper.run(),
            "link": self._link.run(),
            "timers": self._run_timers(),
            "judge the clock": self._every(_CLOCK_EVERY_S, self._judge_clock),
            "remember": self._every(_MEMORY_EVERY_S, self._remember),
        }
        if self._wiring.inputs or self._wiring.readers or self._wiring.outputs:
            tasks["read contacts"] = self._every(CONTACTS_EVERY_S, self._read_contacts)
        for equipment, inputs in self._wiring.analog.items():
            tasks[f"sample {equipment}"] = self._sample(equipment, inputs)
        for equipment, controller in self._controllers.items():
            tasks[f"poll {equipment}"] = self._poll(equipment, controller)
        if self._supervisor.watchdog_s is not None:
            tasks["watchdog"] = self._every(self._supervisor.watchdog_s, self._say_alive)
        return tasks

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
            async with _Pace(self._clock, self._wiring.periods_s[equipment]):
                volts = await self._on_board_thread(self._read_voltages, inputs)
                for name, value in volts.items():
                    self._take(equipment, VoltageRead(name, value))

    async def _poll(self, equipment: str, controller: LiftController) -> None:
        silent = False
        while True:
            async with _Pace(self._clock, self._wiring.periods_s[equipment]):
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

    def _read_voltages(self, inputs: Mapping[str, AnalogInput]) -> dict[str, float]:
        assert self._converters is not None
        return {name: self._converters.volts(wired.device, wired.channel) for name, wired in inputs.items()}

    async def _read_contacts(self) -> None:
        # Stamped before reading: an edge told meanwhile is newer than what was read here.
        mono = self._clock.mono()
        levels = await self._on_board_thread(self._board.levels)
        self._observer.levels(levels, mono)
        self._timers.wake()

    async def _on_board_thread(self, work: Callable[..., Any], *arguments: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._board_thread, work, *arguments)

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
