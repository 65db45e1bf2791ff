"""Node files made ready for one run: the same documents, pointed at the ports that this run uses."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """Where something listens on this machine."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class SimulatedPorts:
    """Where a simulated estate listens. `controllers`: by the address that the node files give, where each really is."""

    boards: Mapping[str, Address]
    controllers: Mapping[Address, Address]

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> SimulatedPorts:
        """From the line of JSON that `python -m firmware_sim estate` prints when everything listens."""
        return cls(
            {name: Address(board["host"], board["port"]) for name, board in answer["boards"].items()},
            {
                Address(item["configured"]["host"], item["configured"]["port"]): Address(item["host"], item["port"])
                for item in answer["controllers"]
            },
        )


def write_node_files(sources: Sequence[Path], into: Path, *, broker: Address, ports: SimulatedPorts) -> list[Path]:
    """Write each node file anew into a folder, pointed at this run's broker, boards and controllers.

    State (outbox, card key) stays beside the written file, so a second run over the same folder continues.
    """
    into.mkdir(parents=True, exist_ok=True)
    written = []
    for source in sources:
        document: Document = tomllib.loads(source.read_text("utf-8"))
        point_at(document, broker=broker, ports=ports)
        target = into / source.name
        target.write_text(tomli_w.dumps(document), encoding="utf-8")
        written.append(target)
    return written


def point_at(document: Document, *, broker: Address, ports: SimulatedPorts) -> None:
    """Change a node document in place: broker, board, controllers, and a clock that is believed.

    Nodes and cloud share this machine's clock, so it is right whether or not anything keeps it synchronised.
    """
    board = ports.boards[document["node"]["name"]]
    document["broker"] |= {"host": broker.host, "port": broker.port}
    document["board"] = {"pin_factory": "pigpio", "host": board.host, "port": board.port}
    document["clock"] = {"trust": "always"}
    for item in document["config"]["equipment"]:
        controller = item.get("controller")
        if controller is not None:
            there = ports.controllers[Address(controller["host"], controller["port"])]
            controller |= {"host": there.host, "port": there.port}
