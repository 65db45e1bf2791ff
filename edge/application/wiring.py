"""Where a configuration's inputs and outputs are: every line, converter channel and reader of one node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from edge.application.board_ports import Line
from edge.application.changing import lock_name
from schemas.base import DocumentModel
from schemas.equipment import (
    AccessGate,
    AnalogInput,
    DigitalInput,
    DigitalOutput,
    Lift,
    LiftSensors,
    ModbusController,
    WiegandReader,
)
from schemas.node_config import NodeConfig

_Wired = TypeVar("_Wired", bound=DocumentModel)


@dataclass(frozen=True, slots=True)
class Wiring:
    """What is connected, by line, gate, equipment or output."""

    inputs: Mapping[Line, DigitalInput]
    readers: Mapping[str, WiegandReader]
    outputs: Mapping[str, DigitalOutput]
    analog: Mapping[str, Mapping[str, AnalogInput]]
    periods_s: Mapping[str, float]
    controllers: Mapping[str, ModbusController]

    @property
    def channels(self) -> list[tuple[int, int]]:
        """(device, channel) of every converter input."""
        return [(wired.device, wired.channel) for inputs in self.analog.values() for wired in inputs.values()]


def wiring_of(config: NodeConfig) -> Wiring:
    gates = [item for item in config.equipment if isinstance(item, AccessGate)]
    analog = {item.id: _fields(item, AnalogInput) for item in config.equipment}
    return Wiring(
        inputs={(item.id, name): wired for item in config.equipment for name, wired in _contacts(item).items()},
        readers={gate.id: gate.reader for gate in gates if gate.reader is not None},
        outputs={output.id: output for output in config.outputs}
        | {lock_name(gate.id): gate.lock for gate in gates if gate.lock is not None},
        analog={equipment: inputs for equipment, inputs in analog.items() if inputs},
        periods_s={item.id: item.sampling.period_s for item in config.equipment},
        controllers={
            item.id: item.controller for item in config.equipment if isinstance(item, Lift) and item.controller
        },
    )


def _contacts(item: DocumentModel) -> dict[str, DigitalInput]:
    contacts = _fields(item, DigitalInput)
    for sensors in _fields(item, LiftSensors).values():
        contacts |= _fields(sensors, DigitalInput)
    return contacts


def _fields(item: DocumentModel, kind: type[_Wired]) -> dict[str, _Wired]:
    return {name: value for name in type(item).model_fields if isinstance(value := getattr(item, name), kind)}
