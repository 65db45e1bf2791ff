"""What can go wrong in the simulator.

SimulatorError
├── ScenarioError        a scenario file says something that cannot be done
├── WiringError          a node's configuration names hardware the simulated building cannot offer
├── PortInUseError       a fixed port of a board or a Modbus server is taken
├── RecordingError       a recording cannot be read at all, or the mapping names a column it does not have
└── CloudUnreadableError the cloud did not answer as its OpenAPI document promises
"""

from __future__ import annotations


class SimulatorError(Exception):
    """A sentence for the person who ran the simulator: what was wrong, where, and what to do."""


class ScenarioError(SimulatorError):
    """`where` is the key, `expected` what should stand there, `example` a line that would be accepted."""

    def __init__(self, where: str, problem: str, *, expected: str, example: str) -> None:
        super().__init__(f"{where}: {problem}. Expected {expected}. Example: {example}")
        self.where = where
        self.expected = expected
        self.example = example


class WiringError(SimulatorError):
    pass


class PortInUseError(SimulatorError):
    def __init__(self, host: str, port: int, what: str) -> None:
        super().__init__(
            f"{what} cannot listen on {host}:{port}: the port is in use. "
            "Choose another --port-base, or leave it at 0 for free ports."
        )


class RecordingError(SimulatorError):
    pass


class CloudUnreadableError(SimulatorError):
    pass
