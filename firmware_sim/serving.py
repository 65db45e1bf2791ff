"""A simulated estate as a process: boards and controllers on sockets, simulated time tied to real time or conducted."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from firmware_sim.board import VirtualBoard
from firmware_sim.building import TICK_S
from firmware_sim.estate import Estate, NodeFile, controller_ports, raise_estate
from firmware_sim.modbus import ControllerServer
from firmware_sim.pigpio_server import BoardServer
from firmware_sim.scenario import Scenario
from firmware_sim.time_server import MARK_LINE, TimeServer
from firmware_sim.truth import GroundTruth
from schemas.equipment import Lift

HOST: Final = "127.0.0.1"
_MAX_STEPS_AT_ONCE: Final = 50
"""Then the sockets get their turn, however far simulated time is behind."""
_POLL_S: Final = 0.02


@dataclass(slots=True)
class PortPlan:
    """`base` None: the ports that the node files name. 0: free ports. Otherwise `base`, `base` + 1, and so on: boards
    in the order of the nodes, then the controllers' servers.
    """

    base: int | None = None
    _given: int = 0

    def next(self, configured: int) -> int:
        if self.base is None:
            return configured
        port = self.base + self._given if self.base else 0
        self._given += 1
        return port


@dataclass(slots=True)
class SimulatedTicks:
    """The ticks of every board: simulated microseconds, so that an edge carries the moment at which it happened there,
    whatever the speed and however late the world is stepped.
    """

    now: int = 0

    def __call__(self) -> int:
        return self.now


@dataclass(slots=True)
class ServedEstate:
    """An estate whose boards and controllers listen. `ports` is what a caller needs to point agents at it."""

    estate: Estate
    boards: dict[str, BoardServer]
    controllers: dict[tuple[str, int], ControllerServer]
    ticks: SimulatedTicks
    behind_s: float = 0.0
    _units: dict[tuple[str, int], dict[str, int]] = field(default_factory=dict)
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ports(self) -> dict[str, Any]:
        """`configured` is where the node file looks for a controller; `port` is where it is."""
        return {
            "boards": {name: {"host": HOST, "port": server.port} for name, server in self.boards.items()},
            "controllers": [
                {
                    "configured": {"host": host, "port": port},
                    "host": HOST,
                    "port": server.port,
                    "lifts": self._units[host, port],
                }
                for (host, port), server in self.controllers.items()
            ],
        }

    @property
    def agents_connected(self) -> bool:
        """Every board has a client: the agents are there."""
        return all(server.connections for server in self.boards.values())

    async def await_agents(self, patience_s: float) -> bool:
        """Hold time still until every agent is connected; False when patience ran out first."""
        deadline = time.monotonic() + patience_s
        while not self.agents_connected and time.monotonic() < deadline:  # noqa: ASYNC110 - a count, not an event
            await asyncio.sleep(_POLL_S)
        return self.agents_connected

    def step(self) -> None:
        """One tick of everything: the world moves, and what its contacts did is told with the tick's own time."""
        self.ticks.now = round((self.estate.ticks + 1) * TICK_S * 1e6)
        self.estate.step()
        for server in self.boards.values():
            server.board.settle()
        if self.estate.over:
            self._over.set()

    async def conducted(self, server: TimeServer) -> None:
        """Let another program advance simulated time, until the scenario is over. It may go on doing so after that."""
        server.begin()
        await self._over.wait()

    def advance_to(self, tick: int) -> tuple[int, int]:
        """Step until that tick, if it is still to come; `ARRIVED`, once the boards that told edges have been marked."""
        told = {name: server.told for name, server in self.boards.items()}
        while self.estate.ticks < tick:
            self.step()
        moved = 0
        for place, (name, server) in enumerate(self.boards.items()):
            if server.told != told[name]:
                moved |= 1 << place
                drive = server.board.drive_low if server.board.level(MARK_LINE) else server.board.drive_high
                drive(MARK_LINE)
        return self.estate.ticks, moved

    async def run(self, *, speed: float = 1.0, until: float | None = None) -> None:
        """Advance simulated time at `speed` × real time, until `until` (simulated s) or until cancelled.

        Where the machine cannot keep up, simulated time runs late rather than in leaps; `behind_s` says by how much.
        """
        started = time.monotonic() - self.estate.now / speed
        while until is None or self.estate.now < until:
            due = (time.monotonic() - started) * speed
            for _ in range(_MAX_STEPS_AT_ONCE):
                if self.estate.now + TICK_S > due or (until is not None and self.estate.now >= until):
                    break
                self.step()
            self.behind_s = max((time.monotonic() - started) - self.estate.now / speed, 0.0)
            await asyncio.sleep(0 if self.behind_s > TICK_S / speed else min(TICK_S / speed, _POLL_S))


@contextlib.asynccontextmanager
async def served(
    scenario: Scenario, nodes: Sequence[NodeFile], truth: GroundTruth, plan: PortPlan | None = None
) -> AsyncIterator[ServedEstate]:
    """Raise the estate and listen; everything is closed again on leaving. `run` is the caller's."""
    plan = plan or PortPlan()
    ticks = SimulatedTicks()
    boards = {node.name: VirtualBoard(node.name, tick=ticks) for node in nodes}
    estate = raise_estate(scenario, nodes, lambda node: boards[node.name], truth)
    async with contextlib.AsyncExitStack() as stack:
        servers: dict[str, BoardServer] = {}
        for node in nodes:
            server = servers[node.name] = BoardServer(boards[node.name], ticks_pass=False)
            await server.start(HOST, plan.next(node.board_port))
            stack.push_async_callback(server.stop)
        controllers: dict[tuple[str, int], ControllerServer] = {}
        units = _units(nodes)
        for address in controller_ports(nodes):
            lifts = [
                building.controllers[lift]
                for building in estate.buildings
                for lift in units[address]
                if lift in building.controllers
            ]
            bus = controllers[address] = ControllerServer(lifts)
            await bus.start(HOST, plan.next(address[1]))
            stack.push_async_callback(bus.stop)
        yield ServedEstate(estate, servers, controllers, ticks, _units=units)


def _units(nodes: Sequence[NodeFile]) -> dict[tuple[str, int], dict[str, int]]:
    """Which lift answers as which unit, behind each address."""
    found: dict[tuple[str, int], dict[str, int]] = {}
    for node in nodes:
        for item in node.config.equipment:
            if isinstance(item, Lift) and item.controller is not None:
                address = (item.controller.host, item.controller.port)
                found.setdefault(address, {})[item.id] = item.controller.unit
    return found
