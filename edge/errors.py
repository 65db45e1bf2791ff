"""What can go wrong at a node, as one small tree.

EdgeError
├── SettingsError      node.toml cannot be read or says something impossible
├── BoardError         pins or SPI cannot be opened or have gone away
├── ControllerError    a lift controller does not answer, or answers with an exception
├── OutboxError        the store cannot commit (disk full, read-only, damaged)
│   └── OutboxHeldError another agent holds the store
├── BrokerError        the MQTT connection could not be made or was lost
└── EnrolmentError     the cloud could not be asked for a certificate, or refused; or what was kept of it cannot be read

Every message says what was wrong, where, and what to do.
"""

from __future__ import annotations


class EdgeError(Exception):
    """The root: caught at the process's edge and said in one line."""


class SettingsError(EdgeError):
    """node.toml is wrong. `problems` lists every one of them, each with its key, what was expected and an example."""

    def __init__(self, where: str, problems: list[str]) -> None:
        super().__init__(f"{where}: " + "; ".join(problems))
        self.where = where
        self.problems = problems


class BoardError(EdgeError):
    """A line or the SPI bus cannot be used."""


class ControllerError(EdgeError):
    """A controller on a field bus is silent or refuses."""


class OutboxError(EdgeError):
    """The store could not do what was asked; nothing of it was done. Worth trying again."""


class OutboxHeldError(OutboxError):
    """Another agent holds the store. Not worth trying again: two agents may not share one."""


class BrokerError(EdgeError):
    """The broker cannot be reached, refused us, or the connection broke. Worth trying again."""


class EnrolmentError(EdgeError):
    """No certificate could be had, or the one there is cannot be used. Nothing was changed."""


class StatusPageError(EdgeError):
    """The node's own page cannot be served or read."""
