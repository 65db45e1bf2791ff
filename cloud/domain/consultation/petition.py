"""A petition: one starts it, others sign; with enough signatures it is a topic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cloud.errors import Conflict


@dataclass
class Petition:
    """Its words stand in the store of personal data under its own id. `signers` are members, the first who started it."""

    id: str
    estate: str
    started_at: datetime
    signers: tuple[str, ...]
    needed: int
    equipment: str | None = None
    topic_id: str | None = None
    revision: int = 0

    @property
    def enough(self) -> bool:
        return len(self.signers) >= self.needed

    def sign(self, member_id: str) -> None:
        if self.topic_id is not None:
            raise Conflict("It is a topic already: take part there.", "该倡议已成为议题，请在议题中参与")
        if member_id in self.signers:
            raise Conflict("You have signed it already.", "您已签名")
        self.signers = (*self.signers, member_id)
