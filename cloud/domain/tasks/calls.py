"""Calls for others to join in: a lead asks for help, a street or township whistles. Each keeps the facts that rates need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CallKind(StrEnum):
    """协同, 吹哨."""

    HELP = "help"
    WHISTLE = "whistle"


class Ground(StrEnum):
    """On what a street or township may whistle (Beijing's 接诉即办 ordinance, art. 16)."""

    NOT_SOLVABLE_ALONE = "not_solvable_alone"
    JOINT_ENFORCEMENT = "joint_enforcement"
    EMERGENCY = "emergency"


@dataclass
class Call:
    """One party called by another. Unlike the part it leads to, it is never asked anew: another call is another record.

    `wish_of`: the lead at whose request a whistle sounded; `capability`: what was looked for, where no party was named;
    `task_id`: the task in which it was made, where that was merged. `objections`: how often the called party asked to be
    let off, `insisted` how often the caller did not let it, `upheld_at` when it did; `released_at`: when the lead let it go.
    """

    id: str
    kind: CallKind
    caller_id: str
    member_id: str
    party_id: str
    at: datetime
    ground: Ground | None = None
    wish_of: str | None = None
    capability: str | None = None
    accept_by: datetime | None = None
    arrive_by: datetime | None = None
    finish_by: datetime | None = None
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    finished_at: datetime | None = None
    declined_at: datetime | None = None
    expired_at: datetime | None = None
    objections: int = 0
    insisted: int = 0
    task_id: str | None = None
    released_at: datetime | None = None
    upheld_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether the called party still has something to do about it. Late help is help: an expired call is open."""
        return self.finished_at is None and self.declined_at is None and self.released_at is None

    @property
    def came(self) -> bool:
        """Whether the called party came: on site, done, or - where nobody set a limit to be on site - joined."""
        joined = self.accepted_at is not None and self.declined_at is None and self.arrive_by is None
        return joined or self.arrived_at is not None or self.finished_at is not None


@dataclass(frozen=True, slots=True)
class Wish:
    """A lead asks the street or township to whistle, on that ground, for these parties or capabilities."""

    party_id: str
    member_id: str
    at: datetime
    ground: Ground
    parties: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
