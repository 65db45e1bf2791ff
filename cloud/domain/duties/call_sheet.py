"""The call sheet: whom a person dials at a place, and which number comes first for what somebody there has seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cloud.domain.community.emergency import rescue_number
from cloud.domain.community.party import Party, PartyRef
from cloud.domain.duties.register import Register
from schemas.hazards import hazard


def to_dial(register: Register, refs: Iterable[PartyRef], place_id: str) -> list[Party]:
    """The parties that these references mean there and that have a number, each once."""
    meant = (party for ref in refs for party in register.meant(ref, place_id))
    return [party for party in dict.fromkeys(meant) if party.phone]


def first_number(register: Register, hazard_id: str, place_id: str, at: datetime) -> str | None:
    """Whom whoever sees it dials themselves before anything else: the first of the call sheet that the estate's duty for
    it has, failing that the country's fire and rescue. None where no life is at stake.
    """
    known = hazard(hazard_id)
    if not known.life_safety:
        return None
    rows = register.matrix.ranked(hazard_id, place_id, register.estate.local(at), known.severity)
    sheet = to_dial(register, rows[0].call_sheet, place_id) if rows else []
    return next((party.phone for party in sheet), None) or rescue_number(register.estate.days.region)
