"""One party's part in a task: asked, accepted or declined, arrived, done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from cloud.domain.community.work_calendar import WorkCalendar
from cloud.domain.tasks.clock import Clock, ClockKind
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

_LIMITS: Final = (("accept_by", ClockKind.ACCEPT), ("arrive_by", ClockKind.ARRIVE), ("finish_by", ClockKind.FINISH))

JOINED: Final = frozenset({_S.ACCEPTED, _S.ARRIVED})


@dataclass
class Assignment:
    """`assumed_at` and `renounced_at` bound the time in which the party held its part (PagerDuty responders).

    `handing_to`: the party that it has asked to take over; until that one accepts, this one answers for it.
    `bound_by`: the party by whose whistle or ruling it may not simply decline, and which judges what it objects
    (`objected_at`). `limited_at`: since when the limits run, `finish_from` since when the last one does after a reopening;
    `noted`: those whose breach is on the record; `lead_by`: until when it is to say whether it takes the lead as well, where
    it had joined already; `climbed_at`: since when the ladder has climbed to it, so that by accepting it takes the lead while
    nobody holds that; `present`: the members who have said themselves that they are on site.
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
    bound_by: str | None = None
    objected_at: datetime | None = None
    limited_at: datetime | None = None
    finish_from: datetime | None = None
    noted: frozenset[ClockKind] = frozenset()
    lead_by: datetime | None = None
    climbed_at: datetime | None = None
    present: frozenset[str] = frozenset()

    @property
    def joined(self) -> bool:
        """Whether the party has taken its part and holds it still."""
        return self.state in JOINED

    @property
    def engaged(self) -> bool:
        """Whether it has the part, or is still to answer."""
        return self.joined or self.state is AssignmentState.REQUESTED

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

    def take_lead(self, member_id: str, now: datetime) -> None:
        """Who had joined already leads from now on."""
        self.role, self.lead_by = AssignmentRole.LEAD, None
        self.assumed_at, self.assumed_by = now, member_id

    def arrive(self, now: datetime) -> None:
        """The first of the party is there; who it is, `joined_by` says. Who was there before it lapsed came then."""
        self._enter(AssignmentState.ARRIVED)
        self.arrived_at = self.arrived_at or now

    def joined_by(self, member_id: str) -> None:
        """This very person is on site, too."""
        self.present |= {member_id}

    def has_there(self, member_id: str) -> bool:
        """Whether this very person is on site: that a colleague is makes nobody see what is there."""
        return self.state is AssignmentState.ARRIVED and member_id in self.present

    def finish(self, now: datetime) -> None:
        self._enter(AssignmentState.DONE)
        self.done_at = now

    def decline(self, reason: str, now: datetime) -> None:
        self._enter(AssignmentState.DECLINED)
        self.reason, self.renounced_at = reason, now
        self.arrived_at, self.present = None, frozenset()
        self.handing_to = self.objected_at = self.lead_by = None

    def expire(self, now: datetime) -> None:
        self._enter(AssignmentState.EXPIRED)
        self.renounced_at = now

    def transfer(self, reason: str, now: datetime) -> None:
        self._enter(AssignmentState.TRANSFERRED)
        self.reason, self.renounced_at, self.handing_to = reason, now, None

    def release(self, now: datetime) -> None:
        self._enter(AssignmentState.RELEASED)
        self.renounced_at, self.handing_to, self.lead_by = now, None, None

    def ask_again(self, now: datetime) -> None:
        """Asked anew, with everything that was answered before forgotten here (the ledger remembers)."""
        self.state, self.requested_at, self.handing_to = AssignmentState.REQUESTED, now, None
        self.objected_at = self.finish_from = self.lead_by = self.climbed_at = None
        self.present = frozenset()
        self.assumed_at = self.assumed_by = self.arrived_at = self.done_at = self.renounced_at = self.reason = None

    def lapse(self, now: datetime) -> None:
        """Asked anew, because no sign of work came. Who has said that they are on site is so for all that anybody knows, and
        since when stays a fact; by that alone they do nothing there any more until their party has answered.
        """
        arrived_at, present = self.arrived_at, self.present
        self.ask_again(now)
        self.arrived_at, self.present = arrived_at, present

    def postpone(self, since: datetime, now: datetime, calendar: WorkCalendar | None) -> None:
        """Its task waited since then: what was left of each limit is left still. For what it was asked meanwhile it has its whole
        time from now on, and no more.
        """
        begun = self.limited_at or self.requested_at
        for limit, kind in _LIMITS:
            due = getattr(self, limit)
            if due is not None:
                stood = Clock(kind, begun, due, calendar=calendar).pause(max(since, begun))
                setattr(self, limit, stood.go_on(now).due_at)
