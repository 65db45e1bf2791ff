"""One party's part in a task: asked, accepted or declined, arrived, done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cloud.errors import Conflict


class AssignmentRole(StrEnum):
    """牵头, 协办, 知会."""

    LEAD = "lead"
    SUPPORT = "support"
    OBSERVER = "observer"


class AssignmentState(StrEnum):
    REQUESTED = "requested"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    ARRIVED = "arrived"
    DONE = "done"
    TRANSFERRED = "transferred"
    RELEASED = "released"


_S = AssignmentState
NEXT: Final[dict[AssignmentState, frozenset[AssignmentState]]] = {
    _S.REQUESTED: frozenset({_S.ACCEPTED, _S.DECLINED, _S.EXPIRED, _S.RELEASED}),
    _S.ACCEPTED: frozenset({_S.ARRIVED, _S.DONE, _S.DECLINED, _S.TRANSFERRED, _S.RELEASED}),
    _S.ARRIVED: frozenset({_S.DONE, _S.TRANSFERRED, _S.RELEASED}),
    _S.DECLINED: frozenset({_S.REQUESTED, _S.ACCEPTED}),
    _S.EXPIRED: frozenset({_S.REQUESTED, _S.ACCEPTED, _S.DECLINED}),
    _S.DONE: frozenset({_S.REQUESTED}),
    _S.TRANSFERRED: frozenset({_S.REQUESTED}),
    _S.RELEASED: frozenset({_S.REQUESTED}),
}
"""Which state may follow which. An expired request may still be accepted: late help is help."""

JOINED: Final = frozenset({_S.ACCEPTED, _S.ARRIVED})


@dataclass
class Assignment:
    """`assumed_at` and `renounced_at` bound the time in which the party held its part (PagerDuty responders).

    `handing_to`: the party that it has asked to take over; until that one accepts, this one answers for it.
    """

    id: str
    party_id: str
    role: AssignmentRole
    requested_at: datetime
    state: AssignmentState = AssignmentState.REQUESTED
    assumed_at: datetime | None = None
    assumed_by: str | None = None
    arrived_at: datetime | None = None
    done_at: datetime | None = None
    renounced_at: datetime | None = None
    reason: str | None = None
    accept_by: datetime | None = None
    arrive_by: datetime | None = None
    finish_by: datetime | None = None
    handing_to: str | None = None

    @property
    def joined(self) -> bool:
        """Whether the party has taken its part and holds it still."""
        return self.state in JOINED

    @property
    def works(self) -> bool:
        """Lead and support have something to do; an observer is told."""
        return self.role is not AssignmentRole.OBSERVER

    def _enter(self, state: AssignmentState) -> None:
        if state not in NEXT[self.state]:
            raise Conflict(
                f"An assignment that is {self.state} cannot become {state}. Reload the task to see where it stands."
            )
        self.state = state

    def accept(self, member_id: str, now: datetime) -> None:
        self._enter(AssignmentState.ACCEPTED)
        self.assumed_at, self.assumed_by, self.renounced_at = now, member_id, None

    def arrive(self, now: datetime) -> None:
        self._enter(AssignmentState.ARRIVED)
        self.arrived_at = now

    def finish(self, now: datetime) -> None:
        self._enter(AssignmentState.DONE)
        self.done_at = now

    def decline(self, reason: str, now: datetime) -> None:
        self._enter(AssignmentState.DECLINED)
        self.reason, self.renounced_at, self.handing_to = reason, now, None

    def expire(self, now: datetime) -> None:
        self._enter(AssignmentState.EXPIRED)
        self.renounced_at = now

    def transfer(self, reason: str, now: datetime) -> None:
        self._enter(AssignmentState.TRANSFERRED)
        self.reason, self.renounced_at = reason, now

    def release(self, now: datetime) -> None:
        self._enter(AssignmentState.RELEASED)
        self.renounced_at = now

    def ask_again(self, now: datetime) -> None:
        """Asked anew, with everything that was answered before forgotten here (the ledger remembers)."""
        self.state, self.requested_at, self.handing_to = AssignmentState.REQUESTED, now, None
        self.assumed_at = self.assumed_by = self.arrived_at = self.done_at = self.renounced_at = self.reason = None
