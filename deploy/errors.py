"""What can go wrong while running Tocsin as a whole.

DeployError
├── PortInUse         another program listens where we want to
├── DataInUse         another run keeps its data in the same folder
├── ProgramFailed     a program of ours ended when it should not have
├── NotReady          a program of ours did not become ready in time
└── Stopped           somebody stopped it before it was over
"""

from __future__ import annotations

from pathlib import Path


class DeployError(Exception):
    """Says what was wrong and what to do. The command line prints it without a traceback."""


class PortInUse(DeployError):  # noqa: N818 - named for what went wrong, as everywhere in this tree
    """Another program listens where we want to."""

    def __init__(self, what: str, port: int, option: str) -> None:
        other = port + 1000 if port <= 64_535 else port - 1000  # noqa: PLR2004 - where ports end
        super().__init__(
            f"{what} cannot listen on 127.0.0.1:{port}: another program does. "
            f"Stop that program (another `make run`?), or choose another port: "
            f"make run ARGS='{option} {other}', or tocsin run {option} {other}."
        )


class DataInUse(DeployError):  # noqa: N818
    """Another run keeps its data in the same folder."""

    def __init__(self, data: Path) -> None:
        super().__init__(
            f"Another `tocsin run` keeps its data in {data}. Stop it, or give this one a folder of its own with --data."
        )


class ProgramFailed(DeployError):  # noqa: N818
    """A program of ours ended when it should not have."""


class NotReady(DeployError):  # noqa: N818
    """A program of ours did not become ready in time."""


class Stopped(DeployError):  # noqa: N818
    """Somebody stopped it before it was over."""
