"""One building: the lifts, detectors, gates and people behind one node, wired to its board and controllers."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Final

from firmware_sim.access import Gate
from firmware_sim.board import Board
from firmware_sim.fire import ALARM_OBSCURATION, Detector, Room
from firmware_sim.lift import Lift
from firmware_sim.modbus import LiftController
from firmware_sim.motion import Limits
from firmware_sim.people import Life, draw_residents
from firmware_sim.scenario import Scenario
from firmware_sim.wiring import (
    AnalogLoop,
    Contact,
    Terminal,
    detector_terminals,
    follow_output,
    gate_terminals,
    lift_terminals,
)
from schemas import equipment as wired
from schemas.node_config import NodeConfig

TICK_S: Final = 0.05
"""Simulated seconds per step: a car at 2.5 m/s moves 12 cm."""
_THRESHOLD_SPREAD: Final = 0.08
"""Detectors of one make differ; a fifth between makes (NIST), a twelfth within one."""
_LOOPS_EVERY: Final = 4
"""Ticks between new voltages at the converter: five a second, more than anybody samples."""


@dataclass(slots=True)
class Building:
    """`sounding` are the sirens and beacons that the node drives now. Everything random is drawn from the seed."""

    name: str
    config: NodeConfig
    board: Board
    lifts: dict[str, Lift] = field(default_factory=dict)
    detectors: dict[str, Detector] = field(default_factory=dict)
    gates: dict[str, Gate] = field(default_factory=dict)
    controllers: dict[str, LiftController] = field(default_factory=dict)
    sounding: set[str] = field(default_factory=set)
    life: Life | None = None
    contacts: list[Contact] = field(default_factory=list)
    loops: list[AnalogLoop] = field(default_factory=list)
    _ticks: int = 0

    def step(self, now: float) -> None:
        """Advance everything by one tick to `now`, and show it at the terminals."""
        for lift in self.lifts.values():
            lift.step(now, TICK_S)
        for detector in self.detectors.values():
            detector.step(now, TICK_S)
        for gate in self.gates.values():
            gate.step(now)
        if self.life is not None:
            self.life.step(now)
        self.show()

    def show(self) -> None:
        for contact in self.contacts:
            contact.show()
        if self._ticks % _LOOPS_EVERY == 0:
            for loop in self.loops:
                loop.show()
        self._ticks += 1
        for name, controller in self.controllers.items():
            controller.show(self.lifts[name].registers())

    def panel(self, fire: bool) -> None:
        """The panel's hard-wired output to the gates."""
        for gate in self.gates.values():
            gate.fire_input = fire

    def connect(self, terminals: list[Terminal]) -> None:
        for terminal in terminals:
            if isinstance(terminal, Contact):
                self.contacts.append(terminal)
            else:
                self.loops.append(terminal)


def raise_building(name: str, config: NodeConfig, board: Board, scenario: Scenario) -> Building:
    """Build what a node's configuration describes, and connect it."""
    building = Building(name, config, board)
    levels = tuple(index * scenario.floor_height for index in range(scenario.floors))

    def rng(concern: str) -> random.Random:
        return random.Random(f"{scenario.seed}/{name}/{concern}")  # noqa: S311 - physics, not secrets

    for item in config.equipment:
        match item:
            case wired.Lift():
                _add_lift(building, item, levels, rng(item.id))
            case wired.SmokeDetector():
                _add_detector(building, item, rng(item.id))
            case wired.AccessGate():
                _add_gate(building, item, rng(item.id))
    for output in config.outputs:
        _connect_output(building, output.id, output.purpose, output)
    _settle(building, scenario, rng("people"))
    building.show()
    return building


def _add_lift(building: Building, item: wired.Lift, levels: tuple[float, ...], rng: random.Random) -> None:
    lift = Lift(item.id, levels, Limits(speed=item.rated_speed_m_s), rng)
    lift.has_controller = item.controller is not None
    building.lifts[item.id] = lift
    if item.controller is not None:
        building.controllers[item.id] = LiftController(item.controller.unit, item.controller.registers)
    building.connect(lift_terminals(item, lift, building.board))


def _add_detector(building: Building, item: wired.SmokeDetector, rng: random.Random) -> None:
    room = Room(volume=rng.uniform(90.0, 180.0), transport_s=rng.uniform(4.0, 9.0))
    threshold = ALARM_OBSCURATION * rng.uniform(1.0, 1.0 + _THRESHOLD_SPREAD)
    detector = Detector(item.id, room, rng, threshold)
    building.detectors[item.id] = detector
    building.connect(detector_terminals(item, detector, building.board))


def _add_gate(building: Building, item: wired.AccessGate, rng: random.Random) -> None:
    gate = Gate(item.id, rng, decides=item.granted is not None, unlock_s=item.unlock_s)
    building.gates[item.id] = gate
    building.connect(gate_terminals(item, gate, building.board))


def _connect_output(building: Building, name: str, purpose: str, output: wired.DigitalOutput) -> None:
    def release(on: bool) -> None:
        for gate in building.gates.values():
            gate.released_by_node = on

    def sound(on: bool) -> None:
        (building.sounding.add if on else building.sounding.discard)(name)

    follow_output(output, building.board, release if purpose == "gate_release" else sound)


def _settle(building: Building, scenario: Scenario, rng: random.Random) -> None:
    """People move in: their cards open every gate that decides for itself and has a reader."""
    site = rng.randrange(1, 256)
    residents = draw_residents(scenario.residents, scenario.floors, rng, site=site)
    for item in building.config.equipment:
        if isinstance(item, wired.AccessGate) and item.reader is not None and item.granted is not None:
            building.gates[item.id].cards.update(resident.card for resident in residents)
    # Where a plain contact is all there is, nobody passes in the background: each opening would be a forced door.
    passable = [
        building.gates[item.id]
        for item in building.config.equipment
        if isinstance(item, wired.AccessGate) and item.rex is not None
    ]
    living = residents if scenario.background else []
    building.life = Life(living, passable, list(building.lifts.values()), rng, scenario.start_hour)
