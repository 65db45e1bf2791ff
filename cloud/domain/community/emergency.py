"""Whom one phones in an emergency, by country. A person places the call; the program never dials.

Defaults, to be confirmed locally: an estate's own call sheets go before them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

ANYWHERE: Final = "112"
"""What mobile networks put through to the emergency services (3GPP TS 22.101), where we know no number of the country."""


@dataclass(frozen=True, slots=True)
class EmergencyNumbers:
    """What people dial in one country. `lifts`: a line for those who are trapped in one; None where it has none."""

    fire: str = ANYWHERE
    ambulance: str = ANYWHERE
    police: str = ANYWHERE
    lifts: str | None = None

    def by_number(self) -> dict[str, tuple[str, ...]]:
        """Each number once, with whom it reaches: `fire`, `ambulance`, `police`, `lifts`."""
        found: dict[str, tuple[str, ...]] = {}
        for whom in ("fire", "ambulance", "police", "lifts"):
            number = getattr(self, whom)
            if number is not None:
                found[number] = (*found.get(number, ()), whom)
        return found


_NUMBERS: Final = {
    "CN": EmergencyNumbers(fire="119", ambulance="120", police="110", lifts="96333"),
    "GB": EmergencyNumbers(fire="999", ambulance="999", police="999"),
}


def numbers_of(region: str) -> EmergencyNumbers:
    """The numbers of that country (ISO 3166)."""
    return _NUMBERS.get(region, EmergencyNumbers())


def numbers_of_all(regions: Iterable[str]) -> tuple[EmergencyNumbers, ...]:
    """Those of several countries, each once."""
    return tuple(dict.fromkeys(numbers_of(region) for region in regions))


def rescue_number(region: str) -> str:
    """Fire and rescue in that country."""
    return numbers_of(region).fire
