"""The version of this agent, as its birth reports it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def agent_version() -> str:
    """The installed version, or `0+unknown` where the package was never installed."""
    try:
        return version("tocsin")
    except PackageNotFoundError:
        return "0+unknown"


RELEASED = 1_795_651_200.0
"""2026-11-26T00:00:00Z, moved with each release: earlier than this it cannot be where this program runs."""
