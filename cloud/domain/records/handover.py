"""Shift handover (交接班): what goes over from one shift to the next, signed by who leaves and who comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Literal

from cloud.domain.community.names import Names
from cloud.errors import Conflict, NotAllowed

UNSIGNED_AFTER: Final = timedelta(minutes=30)
"""How long after it was drawn up a handover may wait for its second signature before it counts as overdue."""

Side = Literal["leaving", "coming"]


class HandoverState(StrEnum):
    """What is still missing."""

    UNSIGNED = "unsigned"
    HALF_SIGNED = "half_signed"
    SIGNED = "signed"
    OVERDUE = "overdue"


class ItemKind(StrEnum):
    TASK = "task"
    MUTED = "muted"
    EXERCISE = "exercise"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that goes over, as it stood when the handover was drawn up. `subject`: a task, an alert or a point."""

    kind: ItemKind
    subject: str
    names: Names
    state: str = ""
    life_safety: bool = False


@dataclass(frozen=True, slots=True)
class Shifts:
    """Whom the roster names on both sides of a change of shift. A side without anybody, as without a roster, is anybody's of
    the party.
    """

    leaving: tuple[str, ...] = ()
    coming: tuple[str, ...] = ()

    def of(self, side: Side) -> tuple[str, ...]:
        return self.leaving if side == "leaving" else self.coming

    def signs(self, side: Side, member_id: str) -> bool:
        return not self.of(side) or member_id in self.of(side)


@dataclass(frozen=True, slots=True)
class Signature:
    member_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Handover:
    """One handover. What stands in it is never changed; only the two signatures are added."""

    id: str
    estate: str
    party_id: str
    drawn_at: datetime
    drawn_by: str
    items: tuple[Item, ...]
    note: str = ""
    leaving: Signature | None = None
    coming: Signature | None = None

    def state(self, now: datetime) -> HandoverState:
        if self.leaving and self.coming:
            return HandoverState.SIGNED
        if now >= self.drawn_at + UNSIGNED_AFTER:
            return HandoverState.OVERDUE
        return HandoverState.HALF_SIGNED if self.leaving or self.coming else HandoverState.UNSIGNED

    def signed(self, side: Side, member_id: str, now: datetime) -> Handover:
        """With that signature. Raises Conflict when that side has signed, NotAllowed when one person would sign both."""
        mine, other = (self.leaving, self.coming) if side == "leaving" else (self.coming, self.leaving)
        if mine is not None:
            raise Conflict("This side of the handover is signed already.", "该方已签字")
        if other is not None and other.member_id == member_id:
            raise NotAllowed(
                "The outgoing and the incoming person must be two people: the other side is for somebody else to sign.",
                "交班人与接班人必须是两个人",
            )
        signature = Signature(member_id, now)
        return replace(self, leaving=signature) if side == "leaving" else replace(self, coming=signature)
