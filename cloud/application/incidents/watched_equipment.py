"""What the cloud itself finds wrong with pieces of equipment, brought into line with what stands of it already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from cloud.application.incidents.consequences import Consequences
from cloud.application.incidents.node_hazards import gone, noticed
from cloud.application.incidents.sightings import Sighting
from cloud.domain.duties.register import Register

CLOUD: Final = "cloud"
"""Who noticed it: no node."""

About = tuple[str, str]
"""(hazard, equipment)."""


def bring_into_line(
    consequences: Consequences, register: Register, wanted: frozenset[About], standing: Mapping[About, list[str]], *,
    at: datetime, occurrence: Callable[[], str],
) -> int:  # fmt: skip
    """Raises what is wanted and does not stand, each under an occurrence of its own, and clears what stands and is not wanted.
    How many of both.
    """
    begun, over = sorted(wanted - standing.keys()), sorted(standing.keys() - wanted)
    for about in begun:
        consequences.raised(_sighting(register, about, occurrence(), at))
    for about in over:
        for lasting in standing[about]:
            consequences.cleared(gone(_sighting(register, about, lasting, at), at, about[0]))
    return len(begun) + len(over)


def _sighting(register: Register, about: About, occurrence: str, at: datetime) -> Sighting:
    name, equipment = about
    item = register.equipment.get(equipment)
    # In the name of its own node: that a lift is inspected is no matter of another's.
    node = (item.node_id if item else None) or CLOUD
    return noticed(register.estate.id, node, name, occurrence=occurrence, at=at, cause=name, about=equipment)
