"""Ground truth: what was done to the building and when, as JSON lines that a score can be counted from.

The first line names the scenario; every other states one fact about one fault, in seconds of simulated time:

- `injected`  the script began to prepare it (a passenger is sent to the lift that will stop);
- `onset`     the hazard began in the physical world, as `faults.py` defines for its kind;
- `defined`   the rule of equipment.md is fulfilled for the first time by what physically is (a door has been open for
              30 s): nobody can be asked to know earlier. Never before the onset;
- `ended`     the physical world is well again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TextIO

from firmware_sim.errors import ScenarioError

Fact = Literal["injected", "onset", "defined", "ended"]


@dataclass(slots=True)
class InjectedFault:
    """One fault of a run, with the times (s) at which its facts came true; None: it did not come to that.

    `hazard` is None for a nuisance that should raise nothing. `also` may be raised besides it without being false.
    """

    id: str
    kind: str
    equipment: str
    hazard: str | None
    also: frozenset[str] = frozenset()
    injected: float | None = None
    onset: float | None = None
    defined: float | None = None
    ended: float | None = None


@dataclass(slots=True)
class GroundTruth:
    """Keeps the facts of a run, and writes each as it comes true. `epoch`: wall time of simulated time 0, or None."""

    scenario: str
    seed: int
    epoch: float | None = None
    speed: float = 1.0
    faults: dict[str, InjectedFault] = field(default_factory=dict)
    out: TextIO | None = None

    def begin(self, epoch: float | None = None) -> None:
        """Write the first line, before any fact."""
        self.epoch = epoch
        header = {"scenario": self.scenario, "seed": self.seed, "epoch": self.epoch, "speed": self.speed}
        self._write(header)

    def enter(self, fault: InjectedFault) -> None:
        self.faults[fault.id] = fault

    def state(self, fault: InjectedFault, fact: Fact, at: float) -> None:
        """A fact is stated once; a second time changes nothing."""
        if getattr(fault, fact) is not None:
            return
        at = round(at, 3)
        setattr(fault, fact, at)
        line = {"fault": fault.id, "fact": fact, "at": at, "kind": fault.kind, "equipment": fault.equipment}
        self._write({**line, "hazard": fault.hazard, "also": sorted(fault.also)})

    def _write(self, line: dict[str, Any]) -> None:
        if self.out is not None:
            self.out.write(json.dumps(line, ensure_ascii=False) + "\n")
            self.out.flush()


def read_truth(path: Path) -> GroundTruth:
    """A ground truth as it was written."""
    return parse_truth(path.read_text("utf-8").splitlines(), str(path))


def parse_truth(lines: Iterable[str], where: str = "ground truth") -> GroundTruth:
    truth: GroundTruth | None = None
    for number, line in enumerate(lines, 1):
        try:
            said = json.loads(line)
            if truth is None:
                truth = GroundTruth(said["scenario"], said["seed"], said["epoch"], said["speed"])
                continue
            fault = truth.faults.setdefault(
                said["fault"],
                InjectedFault(said["fault"], said["kind"], said["equipment"], said["hazard"], frozenset(said["also"])),
            )
            truth.state(fault, said["fact"], said["at"])
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ScenarioError(
                f"{where}, line {number}",
                f"not a fact of a ground truth ({error})",
                expected="the file that `estate` wrote",
                example='{"fault": "f1", "fact": "onset", "at": 41.2, …}',
            ) from error
    if truth is None:
        raise ScenarioError(
            where,
            "the file is empty",
            expected="a first line that names scenario and seed",
            example='{"scenario": "day", "seed": 7, "epoch": null, "speed": 1.0}',
        )
    return truth
