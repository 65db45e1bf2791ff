"""A scenario file: which nodes, which seed, how long, what goes on in the background, and what goes wrong when."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from firmware_sim.errors import ScenarioError
from schemas.base import EquipmentId

FaultKind = Literal[
    "entrapment",
    "lift-door-fault",
    "unintended-movement",
    "overspeed",
    "lift-power-lost",
    "lift-inspection",
    "stuck-floor",
    "smoke",
    "co",
    "manual-call-point",
    "detector-fault",
    "stuck-detector",
    "cooking",
    "dust",
    "forced-door",
    "held-open-door",
    "tailgating",
    "denied-burst",
    "reader-tamper",
    "release-failed",
    "contact-chatter",
]


class FaultSpec(BaseModel):
    """One thing that goes wrong. `at` and `for` in simulated seconds; `for` counts from the onset."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    at: Annotated[float, Field(ge=0)]
    kind: FaultKind
    equipment: EquipmentId
    for_: Annotated[float, Field(gt=0, le=86400, alias="for")] = 60.0
    growth: Literal["slow", "medium", "fast", "ultra-fast"] = "fast"
    ppm: Annotated[float, Field(ge=60, le=1000)] = 400.0
    count: Annotated[int, Field(ge=5, le=50)] = 6
    circuit: Literal["relay", "open"] = "relay"
    panel: bool = False


class Scenario(BaseModel):
    """The whole file. `nodes` are paths of node files, relative to the scenario's own folder."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = "scenario"
    nodes: Annotated[list[str], Field(min_length=1)]
    seed: int = 1
    duration: Annotated[float, Field(gt=0)] = 600.0
    background: bool = True
    start_hour: Annotated[float, Field(ge=0, lt=24)] = 8.0
    floors: Annotated[int, Field(ge=2, le=60)] = 12
    floor_height: Annotated[float, Field(ge=2.2, le=8)] = 3.0
    residents: Annotated[int, Field(ge=0, le=5000)] = 120
    faults: list[FaultSpec] = []


_EXAMPLES: Final = {
    "nodes": 'nodes = ["../nodes/b1-node.toml"]',
    "seed": "seed = 7",
    "duration": "duration = 600.0",
    "background": "background = true",
    "start_hour": "start_hour = 8.0",
    "floors": "floors = 12",
    "residents": "residents = 120",
    "at": "at = 30.0",
    "kind": 'kind = "entrapment"',
    "equipment": 'equipment = "b1/lift-1"',
    "for": "for = 60.0",
    "growth": 'growth = "fast"',
}
_FAULT_EXAMPLE: Final = 'faults = [{ at = 30.0, kind = "entrapment", equipment = "b1/lift-1", for = 60.0 }]'


def load_scenario(path: Path) -> Scenario:
    """Read a file; a mistake is named by its key, with what was expected and a line that would be accepted."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ScenarioError(
            str(path),
            f"cannot be read ({error.strerror})",
            expected="a scenario file",
            example="--scenario deploy/example_estate/scenarios/first-hour.toml",
        ) from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(str(path), f"is not TOML: {error}", expected="TOML", example=_FAULT_EXAMPLE) from error
    return parse_scenario({"name": path.stem, **document}, str(path))


def parse_scenario(document: dict[str, Any], where: str = "scenario") -> Scenario:
    try:
        return Scenario.model_validate(document)
    except ValidationError as error:
        raise _explained(error, where) from error


def _explained(error: ValidationError, where: str) -> ScenarioError:
    """The first mistake, in the words of the file."""
    first = error.errors()[0]
    keys = [str(part) for part in first["loc"]]
    path = ".".join(keys)
    if first["type"] == "extra_forbidden":
        model: type[BaseModel] = FaultSpec if keys[0] == "faults" else Scenario
        known = sorted(info.alias or name for name, info in model.model_fields.items())
        return ScenarioError(
            f"{where}: {path}", "nobody knows this key", expected=f"one of {', '.join(known)}", example=_FAULT_EXAMPLE
        )
    said = "is missing" if first["type"] == "missing" else f"{first['input']!r} will not do"
    return ScenarioError(
        f"{where}: {path}", said, expected=_expected(first), example=_EXAMPLES.get(keys[-1], _FAULT_EXAMPLE)
    )


def _expected(first: Any) -> str:
    message: str = first["msg"]
    return message.removeprefix("Input should be ").removeprefix("Value error, ")
