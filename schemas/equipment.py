"""How a piece of equipment is wired to a node: pins, ADC channels, readers, controllers."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from schemas.base import DocumentModel, EquipmentId, PointName, misfit

Pin = Annotated[int, Field(ge=0, le=27)]
"""BCM number of a GPIO line on the 40-pin header."""


class DigitalInput(DocumentModel):
    """A dry contact or open-collector output, opto-isolated. `active`: the electrical level that means true."""

    pin: Pin
    active: Literal["low", "high"] = "low"
    pull: Literal["up", "down", "none"] = "up"
    debounce_ms: Annotated[int, Field(ge=0, le=10_000)] = 50


class AnalogInput(DocumentModel):
    """A channel of an MCP3008 (10 bit, 0 to 3.3 V). `at_zero` and `at_full` are the values at 0 V and at 3.3 V.

    A code at the very end of the range, where `fault_below_v`/`fault_above_v` say so, is an open or shorted circuit.
    """

    channel: Annotated[int, Field(ge=0, le=7)]
    device: Literal[0, 1] = 0
    at_zero: float = 0.0
    at_full: float
    fault_below_v: Annotated[float, Field(ge=0, le=3.3)] | None = None
    fault_above_v: Annotated[float, Field(ge=0, le=3.3)] | None = None

    @model_validator(mode="after")
    def _spans(self) -> Self:
        if self.at_zero == self.at_full:
            raise misfit(
                "no-span", "at_zero and at_full are equal, so every voltage would mean the same value; write two values"
            )
        return self


class DigitalOutput(DocumentModel):
    """A line that a reflex or a granted card drives.

    `active`: the level that means on. `fail_safe`: the state the equipment takes when nobody drives the line - with the
    agent stopped, crashed or upgrading the line becomes an input again, and the board's resistor and the relay decide.
    A gate's release must fail `on` (unlocked), a siren `off`; doctor and the documentation say what was chosen.
    """

    pin: Pin
    active: Literal["low", "high"] = "high"
    fail_safe: Literal["on", "off"]


class WiegandReader(DocumentModel):
    """A card reader on two lines (Wiegand 26 or 34), each pulsed low for a bit."""

    d0: Pin
    d1: Pin
    bits: Literal[26, 34] = 26


Register = Annotated[int, Field(ge=0, le=0xFFFF)]


class LiftRegisters(DocumentModel):
    """Holding registers of a lift controller (Modbus, zero-based). Controllers differ: these are the simulator's.

    `service_mode`: 0 stopped, 1 normal, 2 inspection, 3 fire recall, 4 firefighter, 5 emergency power, 6 earthquake,
    7 unknown. `direction`: 0 none, 1 up, 2 down. `floor`: signed. `speed`: mm/s, signed. `door_state`: 0 closed,
    1 opening, 2 open, 3 closing. `load`: kg. `fault_code`: GB/T 24476. `main_power`, `alarm_button`, `at_level`,
    `presence`: 0 or 1. `door_reversals`: reversals of the door since the last departure.
    """

    service_mode: Register = 0
    direction: Register = 1
    floor: Register = 2
    speed: Register = 3
    door_state: Register = 4
    load: Register = 5
    fault_code: Register = 6
    main_power: Register = 7
    alarm_button: Register = 8
    at_level: Register = 9
    presence: Register = 10
    door_reversals: Register = 11


class ModbusController(DocumentModel):
    """A lift controller on Modbus TCP. Read only: a node never writes to a safety circuit."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 502
    unit: Annotated[int, Field(ge=0, le=255)] = 1
    registers: LiftRegisters = LiftRegisters()
    timeout_s: Annotated[float, Field(gt=0, le=30)] = 1.0


class Sampling(DocumentModel):
    """How often analog points and controllers are read, and when a reading is reported.

    By exception: when a value differs from the last reported by more than `deadband`, or is of another state; and in
    any case after `max_silence_s`. `deadbands` names points that want one of their own.
    """

    period_s: Annotated[float, Field(ge=0.05, le=3600)] = 1.0
    max_silence_s: Annotated[float, Field(ge=1, le=86400)] = 60.0
    deadbands: dict[PointName, Annotated[float, Field(ge=0)]] = {}


class _Equipment(DocumentModel):
    id: EquipmentId
    sampling: Sampling = Sampling()


class AccessGate(_Equipment):
    """A door or barrier: contact, request to exit, lock, reader, tamper loop, fire input.

    Who decides: a controller that reports `granted` on a contact, or this node, by the keyed hashes in `credentials`,
    each behind the name of its card key and a colon (`tocsin-edge credential` prints it so); one without a name is compared
    whatever the key.
    `lock` unlocks for `unlock_s` after a grant; `lock_released` is the lock's own feedback contact. `obstructed`, at an
    exit: the contact of its bolt or of a fire door's monitor, active while nobody could get out.
    """

    kind: Literal["access_gate"]
    contact: DigitalInput
    rex: DigitalInput | None = None
    reader: WiegandReader | None = None
    granted: DigitalInput | None = None
    credentials: list[Annotated[str, Field(pattern=r"^([0-9a-f]{8}:)?[0-9a-f]{16,64}$")]] = []
    lock: DigitalOutput | None = None
    lock_released: DigitalInput | None = None
    beam: DigitalInput | None = None
    tamper: DigitalInput | None = None
    fire_input: DigitalInput | None = None
    obstructed: DigitalInput | None = None
    unlock_s: Annotated[float, Field(gt=0, le=60)] = 5.0
    grant_window_s: Annotated[float, Field(gt=0, le=60)] = 7.0


class SmokeDetector(_Equipment):
    """A smoke or CO detector, a call point, or a zone of a panel, by its relays and its analog outputs."""

    kind: Literal["smoke_detector"]
    alarm_relay: DigitalInput | None = None
    fault_relay: DigitalInput | None = None
    obscuration: AnalogInput | None = None
    temperature: AnalogInput | None = None
    co: AnalogInput | None = None
    battery_low: DigitalInput | None = None
    tamper: DigitalInput | None = None
    call_point: DigitalInput | None = None

    @model_validator(mode="after")
    def _reads_something(self) -> Self:
        if all(
            getattr(self, name) is None for name in type(self).model_fields if name not in ("id", "kind", "sampling")
        ):
            raise misfit(
                "detector-without-input",
                "a smoke_detector needs at least one input, for example {example}",
                example="alarm_relay = { pin = 17 }",
            )
        return self


class LiftSensors(DocumentModel):
    """A retrofit box on a lift without an open controller."""

    level_up: DigitalInput
    level_down: DigitalInput
    door_open: DigitalInput
    presence: DigitalInput | None = None
    alarm_button: DigitalInput | None = None


class Lift(_Equipment):
    """A lift, read from its controller, from a retrofit box, or from both (the box then gives what the controller lacks)."""

    kind: Literal["lift"]
    controller: ModbusController | None = None
    sensors: LiftSensors | None = None
    rated_speed_m_s: Annotated[float, Field(gt=0, le=20)] = 1.75

    @model_validator(mode="after")
    def _reads_something(self) -> Self:
        if self.controller is None and self.sensors is None:
            raise misfit(
                "lift-without-source",
                "a lift needs a controller or sensors, for example {example}",
                example='controller = { host = "192.0.2.7" }',
            )
        return self


Equipment = Annotated[AccessGate | SmokeDetector | Lift, Field(discriminator="kind")]


def channels_of(item: DocumentModel) -> list[tuple[str, tuple[int, int]]]:
    """Every ADC channel that a document claims, as (where it stands, (device, channel))."""
    inputs = ((name, getattr(item, name)) for name in type(item).model_fields)
    return [(name, (wired.device, wired.channel)) for name, wired in inputs if isinstance(wired, AnalogInput)]


def lines_of(item: DocumentModel, path: str = "") -> list[tuple[str, int]]:
    """Every GPIO line that a document claims, as (where it stands, BCM number)."""
    claimed: list[tuple[str, int]] = []
    for name in type(item).model_fields:
        value: Any = getattr(item, name)
        where = f"{path}.{name}" if path else name
        if name in ("pin", "d0", "d1"):
            claimed.append((where, value))
        elif isinstance(value, DocumentModel):
            claimed += lines_of(value, where)
    return claimed
