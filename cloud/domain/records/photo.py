"""A photo on an incident: what is known of it. The picture itself is personal data and stands beside the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """`digest`: SHA-256 (hex) of the stored picture; None once it was erased. `by`: a member's id, or `report:<id>`;
    `public`: whether residents may see it too. `stage` says what it shows; `salt` as with notes.
    """

    id: str
    estate: str
    incident_id: str
    stage: str
    at: datetime
    by: str
    party_id: str | None
    width: int
    height: int
    size: int
    public: bool = False
    salt: str = ""
    digest: str | None = None
    erased_at: datetime | None = None
