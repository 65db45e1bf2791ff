"""What people offer each other and what they need: skills, time and tools."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cloud.domain.community.hours import ALWAYS, Hours
from cloud.errors import Conflict, NotAllowed

MAX_TEXT: Final = 500


class Side(StrEnum):
    OFFER = "offer"
    NEED = "need"


class Good(StrEnum):
    """What is offered or needed."""

    SKILL = "skill"
    TIME = "time"
    TOOL = "tool"


@dataclass
class Posting:
    """An offer or a need. `capability`: in one word what one can do or have, as parties declare it (`first-aid`,
    `ladder`, `shopping`); `place_id`: for an offer the area in which it holds, for a need where it is; `hours`: when.
    `text` may hold personal data, so the ledger knows its salted digest only. `revision` grows with every saving.
    """

    id: str
    estate: str
    side: Side
    member_id: str
    party_id: str
    good: Good
    capability: str
    text: str
    place_id: str
    posted_at: datetime
    salt: str
    hours: Hours = ALWAYS
    withdrawn_at: datetime | None = None
    met_at: datetime | None = None
    revision: int = 0

    @property
    def open(self) -> bool:
        return self.withdrawn_at is None and self.met_at is None

    @property
    def ended_at(self) -> datetime | None:
        return self.withdrawn_at or self.met_at

    def may_change(self, member_id: str) -> None:
        """Raises NotAllowed for everybody but whose it is, Conflict when it is over."""
        if member_id != self.member_id:
            raise NotAllowed(f"This {self.side} is another member's: only they may change it.", "只有发布人可以修改")
        if not self.open:
            raise Conflict(f"This {self.side} is over: post a new one.", "该条目已结束，请重新发布")

    def withdraw(self, member_id: str, now: datetime) -> None:
        self.may_change(member_id)
        self.withdrawn_at = now

    def meet(self, now: datetime) -> None:
        """The need has been met."""
        if self.side is not Side.NEED or not self.open:
            raise Conflict(f"This {self.side} cannot be met: it is no open need.", "该条目不是待满足的需求")
        self.met_at = now
