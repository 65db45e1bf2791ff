"""Whom one phones when it burns. A person places the call; the program never dials."""

from __future__ import annotations

from typing import Final

_FIRE_AND_RESCUE: Final = {"CN": "119", "GB": "999"}

ANYWHERE: Final = "112"
"""What mobile networks put through to the emergency services (3GPP TS 22.101), where we know no number of the country."""


def rescue_number(region: str) -> str:
    """Fire and rescue in that country (ISO 3166)."""
    return _FIRE_AND_RESCUE.get(region, ANYWHERE)
