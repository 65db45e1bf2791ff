"""What can go wrong while running Tocsin as a whole.

DeployError
├── PortInUse         another program listens where we want to
├── ProgramFailed     a program of ours ended when it should not have
└── NotReady          a program of ours did not become ready in time
"""

from __future__ import annotations


class DeployError(Exception):
    """Says what was wrong and what to do. The command line prints it without a traceback."""


class PortInUse(DeployError):  # noqa: N818 - named for what went wrong, as everywhere in this tree
    """Another program listens where we want to."""

    def __init__(self, what: str, port: int, option: str) -> None:
        super().__init__(
            f"{what} cannot listen on 127.0.0.1:{port}: another program does. "
            f"Stop that program, or choose another port with {option}."
        )


class ProgramFailed(DeployError):  # noqa: N818
    """A program of ours ended when it should not have."""


class NotReady(DeployError):  # noqa: N818
    """A program of ours did not become ready in time."""
