"""A moment as a client says it: a date, a time and an offset (RFC 3339), as the interface's description has it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator


def _no_number(said: Any) -> Any:
    """Pydantic reads a number as seconds since 1970, or as milliseconds where it is a large one; a client who sends one
    has mistaken the field for another.
    """
    text = said.strip().removeprefix("-").removeprefix("+").replace(".", "", 1) if isinstance(said, str) else said
    if isinstance(text, (int, float)) or (isinstance(text, str) and text.isdigit()):
        raise ValueError("give a date and time with its offset, such as 2026-11-26T08:00:00+08:00")
    return said


Moment = Annotated[AwareDatetime, BeforeValidator(_no_number)]
