"""A line of a ledger as it goes over streams: encoded once for all readers, judged once for all that see the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from fastapi.sse import format_sse_event
from pydantic import TypeAdapter

from cloud.application.asking.views import LineView
from cloud.domain.community.access import Purpose
from cloud.domain.records.ledger import Kind
from cloud.domain.tasks.sight import Concern, Outlook
from schemas.hazards import HAZARDS

Told = tuple[LineView, Concern | None]

EVERYBODY: Final = ""

_OF_ONE: Final = frozenset({Kind.SIGNED_OUT, Kind.ACCESS_REVOKED, Kind.MEMBER_REMOVED})
_OF_ALL: Final = frozenset({Kind.ESTATE_LOADED, Kind.DUTIES_CHANGED, Kind.CONSENT_CHANGED, Kind.CONSENT_WITHDRAWN})

_LINE: Final = TypeAdapter(LineView)


@dataclass(frozen=True, slots=True)
class Frame:
    """`life_safety`: it is about a matter in which a life may be at stake. `shuts`: the member who may see less from then on,
    or `EVERYBODY`, any of whom may.
    """

    seq: int
    wire: bytes
    concern: Concern | None = None
    incident_id: str | None = None
    life_safety: bool = False
    shuts: str | None = None
    _judged: dict[Outlook, bool] = field(default_factory=dict, compare=False)

    def seen_by(self, outlook: Outlook) -> bool:
        if self.concern is None:
            return True
        known = self._judged.get(outlook)
        if known is None:
            known = self._judged[outlook] = outlook.sees(self.concern)
        return known


def _shuts(line: LineView) -> str | None:
    # Who takes a screen back from a wall is not who looks at it.
    if line.kind in _OF_ALL or (line.kind in _OF_ONE and line.data.get("purpose") == Purpose.SCREEN):
        return EVERYBODY
    return line.subject if line.kind in _OF_ONE else None


def framed(told: Told) -> Frame:
    line, concern = told
    wire = format_sse_event(data_str=_LINE.dump_json(line).decode(), id=str(line.seq))
    hazard = HAZARDS.get(concern.hazard) if concern and line.incident_id else None
    return Frame(line.seq, wire, concern, line.incident_id, hazard is not None and hazard.life_safety, _shuts(line))
