"""A node on the bench: gpiozero's mock pins, an unmoving clock, and hands that close contacts and turn knobs."""

from __future__ import annotations

import asyncio
from typing import Any, Self

from gpiozero.pins.mock import MockFactory, MockPin

from edge.adapters.gpio import GpioBoard
from edge.application.alarms import Alarms
from edge.application.cards import Cards
from edge.application.keep import Keeper
from edge.application.observe import Observer
from edge.application.timestamps import Timestamps
from edge.application.wiring import wiring_of
from edge.domain.credentials import CardKeys
from edge.domain.interpreters import interpreter_of
from edge.domain.reflexes import Reflexes
from edge.domain.signals import ControllerSilent, RegistersRead, VoltageRead
from edge.domain.wiegand import Card
from firmware_sim import wiegand
from schemas.batch import Stream
from schemas.events import AlarmRaised, EventBatch
from schemas.node_config import NodeConfig
from schemas.telemetry import Reading, TelemetryBatch, readings
from tests.fakes.edge_clock import SteppedClock
from tests.fakes.edge_outbox import MemoryOutbox

KEY = b"0" * 32
STANDING = {
    "service_mode": 1, "direction": 0, "floor": 3, "speed": 0, "door_state": 0, "load": 0, "fault_code": 0,
    "main_power": 1, "alarm_button": 0, "at_level": 1, "presence": 0, "door_reversals": 0,
}  # fmt: skip
RUNNING = STANDING | {"direction": 1, "speed": 1500, "at_level": 0}


class WiredPin(MockPin):
    """A mock pin with a wire on it: what the wire gives is stronger than a pull that is set later."""

    wire: bool | None = None

    def _set_pull(self, value):
        super()._set_pull(value)
        if self.wire is not None:
            self.lay(self.wire)

    def lay(self, level: bool) -> None:
        self.wire = level
        (self.drive_high if level else self.drive_low)()


class HereAndNow:
    """A loop without threads: what gpiozero's thread hands over happens at once."""

    @staticmethod
    def call_soon_threadsafe(call: Any, *arguments: object) -> None:
        call(*arguments)


class Bench:
    """One node's pins, rules and reflexes, without network. `clock` and `outbox` are given to continue an earlier run."""

    def __init__(
        self,
        *equipment: dict[str, Any],
        clock: SteppedClock | None = None,
        outbox: MemoryOutbox | None = None,
        factory: MockFactory | None = None,
        alive_at: float | None = None,
        **config: Any,
    ) -> None:
        self.config = NodeConfig.model_validate({"equipment": list(equipment)} | config)
        self.clock = clock or SteppedClock()
        self.outbox = outbox or MemoryOutbox(50_000_000)
        self.factory = factory or MockFactory(pin_class=WiredPin)
        self.timestamps = Timestamps(self.clock)
        self.wiring = wiring_of(self.config)
        self.alarms = Alarms(self.config.effective_rules(), self.timestamps, self.clock.boot)
        self.keeper = Keeper(self.outbox, self.clock, self.timestamps, self.alarms, lambda _: None)
        self.reflexes = Reflexes(self.config.effective_reflexes(), self.config.outputs)
        self.interpreters = {item.id: interpreter_of(item) for item in self.config.equipment}
        self.board = GpioBoard(self.factory, self.clock, HereAndNow())
        self.cards = Cards(self.wiring.readers, CardKeys(KEY))
        self.driven: list[tuple[float, str, bool]] = []
        self.observer = Observer(
            self.config, self.interpreters, self.wiring.inputs, alarms=self.alarms, reflexes=self.reflexes,
            keeper=self.keeper, clock=self.clock, timestamps=self.timestamps, drive=self._drive,
        )  # fmt: skip
        self._alive_at = alive_at

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.board.close()

    def rest(self, **contacts: bool) -> Bench:
        """All contacts are inactive before power comes, but for those named."""
        for (_, name), wired in self.wiring.inputs.items():
            self._electrical(wired, contacts.get(name, False))
        return self

    def power_on(self) -> Bench:
        kept = asyncio.run(self.outbox.rules())
        self.keeper.events(self.alarms.restore(kept, self.clock.mono(), self._alive_at))
        self.observer.start(self.clock.mono())
        for line, active in self.board.open_inputs(self.wiring.inputs, self.observer.edge).items():
            self.observer.edge(line, active, self.clock.mono())
        self.board.open_readers(self.wiring.readers, self.cards.pulse)
        self.board.open_outputs(self.wiring.outputs, self.observer.outputs)
        self.observer.arm()
        return self

    # -- hands ---------------------------------------------------------------------------------------------------------

    def set(self, equipment: str, name: str, active: bool = True) -> None:
        """A contact closes or opens, electrically."""
        self._electrical(self.wiring.inputs[equipment, name], active)

    def press(self, equipment: str, name: str, seconds: float = 0.5) -> None:
        self.set(equipment, name)
        self.wait(seconds)
        self.set(equipment, name, False)
        self.wait(0.1)

    def turn(self, equipment: str, name: str, volts: float) -> None:
        """A sensor's voltage is read."""
        self.observer.take(equipment, VoltageRead(name, volts), self.clock.mono())

    def hold(self, equipment: str, name: str, volts: float, seconds: float, *, noise: float = 0.004) -> None:
        """A sensor gives this for a while, sampled once a second, with the noise of a living one."""
        for second in range(round(seconds) + 1):
            self.turn(equipment, name, volts + (noise if second % 2 else 0.0))
            if second < seconds:
                self.wait(1.0)

    def says(self, equipment: str, registers: dict[str, int]) -> None:
        """A controller answers."""
        self.observer.take(
            equipment, RegistersRead({name: value & 0xFFFF for name, value in registers.items()}), self.clock.mono()
        )

    def keeps_saying(self, equipment: str, registers: dict[str, int], seconds: float, period: float = 0.5) -> None:
        for _ in range(round(seconds / period)):
            self.says(equipment, registers)
            self.wait(period)
        self.says(equipment, registers)

    def falls_silent(self, equipment: str) -> None:
        self.observer.take(equipment, ControllerSilent("no answer"), self.clock.mono())

    def show_card(self, equipment: str, card: Card, *, flip_bit: int | None = None) -> None:
        """A card is held to a reader: real pulses on its two lines."""
        reader = self.wiring.readers[equipment]
        bits = list(wiegand.frame(wiegand.Card(card.site, card.number), reader.bits))
        if flip_bit is not None:
            bits[flip_bit] ^= 1
        for bit in bits:
            pin = self.factory.pin(reader.d1 if bit else reader.d0)
            pin.drive_low()
            pin.drive_high()
        self.wait(0.05)

    def wait(self, seconds: float) -> None:
        """Time passes; whatever falls due happens at its own moment."""
        target = self.clock.mono() + seconds
        while True:
            dues = [due for due in (self.observer.due, self.cards.due) if due is not None and due <= target]
            if not dues:
                break
            self.clock.set(max(min(dues), self.clock.mono()))
            self._tick()
        self.clock.set(target)
        self._tick()

    def look_again(self) -> None:
        self.observer.levels(self.board.levels(), self.clock.mono())

    # -- eyes ----------------------------------------------------------------------------------------------------------

    @property
    def events(self) -> list[Any]:
        asyncio.run(self.keeper.flush())
        batches = asyncio.run(self.outbox.waiting(Stream.EVENTS, 0, 10_000))
        return [event for batch in batches for event in EventBatch.model_validate_json(batch.payload).events]

    @property
    def readings(self) -> list[Reading]:
        asyncio.run(self.keeper.flush())
        batches = asyncio.run(self.outbox.waiting(Stream.TELEMETRY, 0, 10_000))
        return [
            reading
            for batch in batches
            for reading in readings(TelemetryBatch.model_validate_json(batch.payload), self.clock.wall())
        ]

    def values(self, point: str) -> list[Any]:
        return [reading.value for reading in self.readings if reading.point == point]

    @property
    def raised(self) -> list[tuple[str, float]]:
        """(hazard, mono) of every raise."""
        return [(event.hazard, round(event.mono, 3)) for event in self.events if isinstance(event, AlarmRaised)]

    @property
    def standing(self) -> list[str]:
        return sorted(occurrence.hazard for occurrence in self.alarms.active)

    def level(self, output: str) -> bool:
        """The electrical level of an output's line."""
        return bool(self.factory.pin(self.wiring.outputs[output].pin).state)

    def _tick(self) -> None:
        mono = self.clock.mono()
        for gate, card in self.cards.tick(mono):
            self.observer.take(gate, card, mono)
        self.observer.tick(mono)

    def _electrical(self, wired: Any, active: bool) -> None:
        self.factory.pin(wired.pin).lay(active == (wired.active == "high"))

    def _drive(self, output: str, on: bool) -> None:
        self.driven.append((self.clock.mono(), output, on))
        self.board.drive(output, on)
