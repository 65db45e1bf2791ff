"""What becomes of the equipment on an output while nobody drives it."""

from __future__ import annotations

from schemas.equipment import DigitalOutput


def fail_safe_statement(wired: DigitalOutput) -> str:
    """What an output is while the agent does not drive it, in words."""
    return (
        f"on is {wired.active}; while the agent is stopped, crashed, restarting or upgraded the line is an input"
        f" and the equipment is {wired.fail_safe}"
    )
