"""The parties of a task as read models: parts with their clocks, calls, custody, arbitration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cloud.application.asking import matrix_views
from cloud.application.asking.part_views import (
    ArbitrationView,
    AssignmentView,
    ClockView,
    CustodyView,
    HelpView,
    LookView,
    MemberView,
    PartyView,
    WishView,
)
from cloud.domain.community.party import Party
from cloud.domain.duties.duty import Duty
from cloud.domain.duties.register import Register
from cloud.domain.tasks.assignment import Assignment
from cloud.domain.tasks.calls import Call
from cloud.domain.tasks.clock import Clock
from cloud.domain.tasks.custody import shares
from cloud.domain.tasks.part_clocks import clocks_of
from cloud.domain.tasks.promised_look import going
from cloud.domain.tasks.task import Task


@dataclass(frozen=True)
class PartDepiction:
    """Parties and members stand here as they are called in the register."""

    register: Register
    now: datetime

    def party(self, party_id: str) -> PartyView:
        return party_view(self.register.party(party_id))

    def perhaps(self, party_id: str | None) -> PartyView | None:
        return self.party(party_id) if party_id is not None else None

    def member(self, member_id: str) -> MemberView | None:
        member = self.register.members.get(member_id)
        return MemberView(member.id, member.party_id, member.names, member.role) if member else None

    def clock(self, clock: Clock, ended_at: datetime | None = None) -> ClockView:
        """`ended_at`: when the work was over. From then on nobody owes anything, so the clock stands still."""
        now = ended_at or self.now
        return ClockView(
            clock.kind, clock.started_at, clock.due_at, clock.met_at, clock.state(now), round(clock.used(now), 4)
        )

    def assignment(self, part: Assignment, task: Task) -> AssignmentView:
        ended = task.resolved_at or task.closed_at
        return AssignmentView(
            party=self.party(part.party_id),
            role=part.role,
            state=part.state,
            requested_at=part.requested_at,
            assumed_at=part.assumed_at,
            assumed_by=self.member(part.assumed_by) if part.assumed_by else None,
            arrived_at=part.arrived_at,
            done_at=part.done_at,
            clocks=[self.clock(clock, ended) for clock in clocks_of(part, task.held_since, task.duty.calendar)],
            bound_by=self.perhaps(part.bound_by),
            objecting=part.objected_at is not None,
            lead_asked=part.lead_by is not None,
            handing_to=self.perhaps(part.handing_to),
        )

    def custody(self, task: Task) -> Sequence[CustodyView]:
        return [
            CustodyView(
                self.party(share.party_id), share.held.total_seconds(), share.accepted.total_seconds(), share.now
            )
            for share in shares(task.custody, self.now)
        ]

    def wish(self, task: Task) -> WishView | None:
        wish = task.wish
        if wish is None:
            return None
        named = [self.party(party) for party in wish.parties]
        return WishView(self.party(wish.party_id), wish.at, wish.ground, named, wish.capabilities)

    def look(self, task: Task) -> LookView | None:
        goes = going(task, self.now)
        return LookView(self.party(goes.party_id), goes.until) if goes is not None else None

    def arbitration(self, task: Task) -> ArbitrationView | None:
        dispute = task.arbitration
        if dispute is None:
            return None
        return ArbitrationView(
            arbiter=self.party(dispute.arbiter_id),
            asked_at=dispute.asked_at,
            clock=self.clock(dispute.clock),
            passed_over=[self.party(party) for party in dispute.passed_over],
            settled_at=dispute.settled_at,
            lead=self.perhaps(dispute.lead_id),
        )

    def call(self, call: Call) -> HelpView:
        return HelpView(
            id=call.id,
            kind=call.kind,
            caller=self.party(call.caller_id),
            called=self.party(call.party_id),
            at=call.at,
            ground=call.ground,
            wish_of=self.perhaps(call.wish_of),
            capability=call.capability,
            accept_by=call.accept_by,
            arrive_by=call.arrive_by,
            finish_by=call.finish_by,
            accepted_at=call.accepted_at,
            arrived_at=call.arrived_at,
            finished_at=call.finished_at,
            declined_at=call.declined_at,
            expired_at=call.expired_at,
            released_at=call.released_at,
            objections=call.objections,
            insisted=call.insisted,
        )


def party_view(party: Party) -> PartyView:
    return PartyView(party.id, party.kind, party.names, party.phone)


def duty_view(duty: Duty) -> matrix_views.DutyView:
    return matrix_views.DutyView(
        id=duty.id,
        hazards=duty.hazards,
        place_id=duty.place_id,
        leads=[str(ref) for ref in duty.leads],
        supports=[str(ref) for ref in duty.supports],
        observers=[str(ref) for ref in duty.observers],
        tto_s=duty.tto.total_seconds(),
        ttr_s=duty.ttr.total_seconds(),
        needs=sorted(duty.needs),
        basis=duty.basis,
        basis_seen=duty.basis_seen,
        calendar=duty.running,
        hours=None if duty.hours.always else matrix_views.HoursView.of(duty.hours),
        arrive_s=duty.arrive.total_seconds() if duty.arrive else None,
        outside_towns_s=duty.arrive_outside_towns.total_seconds() if duty.arrive_outside_towns else None,
        severity=duty.severity,
    )
