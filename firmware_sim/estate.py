"""The whole simulated estate: its buildings, the faults of a scenario, and one clock for all."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from firmware_sim.board import Board
from firmware_sim.building import TICK_S, Building, raise_building
from firmware_sim.errors import WiringError
from firmware_sim.faults import Kind, check
from firmware_sim.scenario import FaultSpec, Scenario
from firmware_sim.script import Script, Stage
from firmware_sim.staging import Staging
from firmware_sim.truth import GroundTruth, InjectedFault
from firmware_sim.wiegand import Card
from schemas.equipment import Lift
from schemas.node_config import NodeConfig


@dataclass(frozen=True, slots=True)
class NodeFile:
    """What the simulator needs of a node file: the node's name, its wiring, and where its agent looks for the board."""

    name: str
    config: NodeConfig
    board_port: int = 0


def load_node(path: Path) -> NodeFile:
    """Read the `[node]`, `[board]` and `[config]` tables of a node file."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
        return NodeFile(
            name=document["node"]["name"],
            config=NodeConfig.model_validate(document["config"]),
            board_port=int(document.get("board", {}).get("port", 0)),
        )
    except OSError as error:
        raise WiringError(f"{path}: the node file cannot be read ({error.strerror})") from error
    except tomllib.TOMLDecodeError as error:
        raise WiringError(f"{path}: not TOML: {error}") from error
    except KeyError as error:
        raise WiringError(
            f'{path}: the table or key {error} is missing, for example [node] name = "b1-node"'
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WiringError(
            f"{path}: config.{where}: {first['msg']}; `tocsin-edge doctor` explains node files"
        ) from error


@dataclass(slots=True)
class Estate:
    """`step` advances everything by one tick of simulated time; nothing here knows a wall clock."""

    scenario: Scenario
    buildings: list[Building]
    truth: GroundTruth
    stage: Stage = field(default_factory=Stage)
    ticks: int = 0

    @property
    def now(self) -> float:
        return self.ticks * TICK_S

    @property
    def over(self) -> bool:
        return self.now >= self.scenario.duration

    def step(self) -> None:
        self.ticks += 1
        now = self.now
        for building in self.buildings:
            building.step(now)
        self.stage.step(now)

    def building_of(self, equipment: str) -> Building:
        return next(
            building for building in self.buildings if any(item.id == equipment for item in building.config.equipment)
        )


def raise_estate(
    scenario: Scenario, nodes: Sequence[NodeFile], board_for: Callable[[NodeFile], Board], truth: GroundTruth
) -> Estate:
    """Build every node's building on the board made for it, and put the faults on the stage."""
    equipment = {item.id: item for node in nodes for item in node.config.equipment}
    kinds = [check(spec, number, equipment) for number, spec in enumerate(scenario.faults)]
    buildings = [raise_building(node.name, node.config, board_for(node), scenario) for node in nodes]
    estate = Estate(scenario, buildings, truth)
    for number, (spec, kind) in enumerate(zip(scenario.faults, kinds, strict=True), 1):
        fault = InjectedFault(f"f{number}", spec.kind, spec.equipment, kind.hazard, kind.also)
        truth.enter(fault)
        estate.stage.play(_at_its_time(estate, spec, kind, fault))
    return estate


def _at_its_time(estate: Estate, spec: FaultSpec, kind: Kind, fault: InjectedFault) -> Script:
    yield spec.at
    building = estate.building_of(spec.equipment)
    things: dict[str, Any] = {**building.lifts, **building.detectors, **building.gates}
    thing = things[spec.equipment]
    known: Card | None = min(getattr(thing, "cards", ()), default=None)
    staging = Staging(spec, fault, thing, estate.stage, estate.truth, building.panel, known)
    staging.injected()
    yield from kind.script(staging)


def controller_ports(nodes: Sequence[NodeFile]) -> list[tuple[str, int]]:
    """Every (host, port) at which the nodes expect lift controllers, each once."""
    found = {
        (item.controller.host, item.controller.port): None
        for node in nodes
        for item in node.config.equipment
        if isinstance(item, Lift) and item.controller is not None
    }
    return list(found)
