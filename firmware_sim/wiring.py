"""Wires from the world to a board's terminals, as a node's configuration says they run."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from firmware_sim import wiegand
from firmware_sim.access import Gate
from firmware_sim.board import Board
from firmware_sim.fire import Detector
from firmware_sim.lift import Lift
from firmware_sim.mcp3008 import REFERENCE_VOLTS
from schemas import equipment as wired

NOISE_VOLTS: Final = 0.004
"""Standard deviation at the converter: a little over one code (3.2 mV)."""
_BOUNCE_MS: Final = (0.5, 12.0)
"""A reed or micro switch settles within some milliseconds."""

_SATURATION_VOLTS: Final = 0.1
"""A transmitter that has more to say than its range stops short of what means a fault (NAMUR NE 43)."""

Truth = Callable[[], bool]
Quantity = Callable[[], float]


@dataclass(slots=True)
class Contact:
    """A dry contact on one input. Where the pull already gives the level, the contact is open."""

    board: Board
    wire: wired.DigitalInput
    reads: Truth
    bouncing: random.Random | None = None
    _shown: bool | None = None

    def show(self) -> None:
        active = self.reads()
        if active == self._shown:
            return
        level = active == (self.wire.active == "high")
        if self.bouncing is not None and self._shown is not None:
            self.board.bounce(self.wire.pin, level, self.bouncing.uniform(*_BOUNCE_MS), self.bouncing)
        self._shown = active
        if (level and self.wire.pull == "up") or (not level and self.wire.pull == "down"):
            self.board.let_go(self.wire.pin)
        elif level:
            self.board.drive_high(self.wire.pin)
        else:
            self.board.drive_low(self.wire.pin)

    def chatter(self, rng: random.Random) -> None:
        """Some milliseconds of the other level, and back."""
        level = bool(self._shown) == (self.wire.active == "high")
        self.board.bounce(self.wire.pin, level, rng.uniform(5.0, 25.0), rng)


@dataclass(slots=True)
class AnalogLoop:
    """A 4-20 mA loop or a sensor's voltage on one channel, with its noise; cut, it reads 0 V."""

    board: Board
    wire: wired.AnalogInput
    reads: Quantity
    noise: Callable[[float], float]
    cut: Truth = field(default=lambda: False)
    frozen: Truth = field(default=lambda: False)

    def show(self) -> None:
        if self.frozen() and not self.cut():
            return
        volts = 0.0
        if not self.cut():
            span = self.wire.at_full - self.wire.at_zero
            volts = self._saturated((self.reads() - self.wire.at_zero) / span * REFERENCE_VOLTS)
            volts += self.noise(NOISE_VOLTS)
        self.board.set_voltage(self.wire.channel, volts, device=self.wire.device)

    def _saturated(self, volts: float) -> float:
        low, high = self.wire.fault_below_v, self.wire.fault_above_v
        lowest = 0.0 if low is None else low + _SATURATION_VOLTS
        highest = REFERENCE_VOLTS if high is None else high - _SATURATION_VOLTS
        return min(max(volts, lowest), highest)


Terminal = Contact | AnalogLoop


def lift_terminals(config: wired.Lift, lift: Lift, board: Board) -> list[Terminal]:
    """The retrofit box, where there is one; the controller is read over Modbus."""
    box = config.sensors
    if box is None:
        return []
    contacts = [
        Contact(board, box.level_up, lambda: lift.sensors().level_up),
        Contact(board, box.level_down, lambda: lift.sensors().level_down),
        Contact(board, box.door_open, lambda: lift.sensors().door_open),
    ]
    if box.presence is not None:
        contacts.append(Contact(board, box.presence, lambda: lift.presence))
    if box.alarm_button is not None:
        contacts.append(Contact(board, box.alarm_button, lambda: lift.alarm_button))
    return list(contacts)


def detector_terminals(config: wired.SmokeDetector, detector: Detector, board: Board) -> list[Terminal]:
    relays: list[tuple[wired.DigitalInput | None, Truth]] = [
        (config.alarm_relay, lambda: detector.alarm),
        (config.fault_relay, lambda: detector.faulty),
        (config.battery_low, lambda: detector.battery_low),
        (config.tamper, lambda: detector.tampered),
        (config.call_point, lambda: detector.called),
    ]
    air = detector.room
    loops: list[tuple[wired.AnalogInput | None, Quantity, Truth]] = [
        (config.obscuration, lambda: detector.obscuration, lambda: detector.open_circuit),
        (config.temperature, lambda: air.at_detector.temperature, lambda: False),
        (config.co, lambda: air.at_detector.co, lambda: False),
    ]
    terminals: list[Terminal] = [Contact(board, wire, reads) for wire, reads in relays if wire is not None]
    terminals += [
        AnalogLoop(board, wire, reads, detector.noise, cut, lambda: detector.frozen)
        for wire, reads, cut in loops
        if wire is not None
    ]
    return terminals


def gate_terminals(config: wired.AccessGate, gate: Gate, board: Board) -> list[Terminal]:
    contact = Contact(board, config.contact, lambda: gate.open, bouncing=gate.rng)
    gate.on_chatter.append(lambda: contact.chatter(gate.rng))
    inputs: list[tuple[wired.DigitalInput | None, Truth]] = [
        (config.rex, lambda: gate.rex),
        (config.granted, lambda: gate.granted),
        (config.lock_released, lambda: gate.lock_released),
        (config.beam, lambda: gate.beam),
        (config.tamper, lambda: gate.tamper),
        (config.fire_input, lambda: gate.fire_input),
    ]
    if config.reader is not None:
        _connect_reader(config.reader, gate, board)
    if config.lock is not None:
        follow_output(config.lock, board, lambda on: setattr(gate, "unlocked_by_node", on))
    return [contact, *(Contact(board, wire, reads) for wire, reads in inputs if wire is not None)]


def _connect_reader(reader: wired.WiegandReader, gate: Gate, board: Board) -> None:
    for line in (reader.d0, reader.d1):
        board.drive_high(line)
    gate.on_card.append(lambda card: board.pulse_wiegand(reader.d0, reader.d1, wiegand.frame(card, reader.bits)))


def follow_output(output: wired.DigitalOutput, board: Board, tell: Callable[[bool], None]) -> None:
    """Tell what the agent's output does to the world, now and from now on; undriven, it does what it fails to."""

    def means(level: bool | None) -> bool:
        return output.fail_safe == "on" if level is None else level == (output.active == "high")

    tell(means(board.output(output.pin)))
    board.on_output(output.pin, lambda level: tell(means(level)))
