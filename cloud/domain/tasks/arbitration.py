"""A dispute over who leads, and who decides it: the estate's arbiter, on a clock of its own, then one level up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.domain.community.party import Party
from cloud.domain.duties.oversight import levels_above
from cloud.domain.duties.reach import callable_members
from cloud.domain.duties.register import Register
from cloud.domain.tasks.clock import Clock, ClockKind

LIFE_SAFETY_LIMIT: Final = timedelta(minutes=3)
"""Where life is at stake an arbiter has no longer than this, whatever the estate says."""


@dataclass(frozen=True, slots=True)
class Arbitration:
    """`clock` runs for the arbiter that is asked now; `passed_over` let theirs run out. `lead_id`: whom it decided on;
    `settled_at` without one: a party took the lead by itself before. `bounces`: how many there had been by then, which
    count no more.
    """

    arbiter_id: str
    asked_at: datetime
    clock: Clock
    passed_over: tuple[str, ...] = ()
    settled_at: datetime | None = None
    decided_by: str | None = None
    lead_id: str | None = None
    bounces: int = 0

    @classmethod
    def ask(cls, arbiter: Party, now: datetime, limit: timedelta) -> Arbitration:
        return cls(arbiter.id, now, Clock.start(ClockKind.ARBITRATE, now, limit))

    @property
    def open(self) -> bool:
        return self.settled_at is None

    def settle(
        self, now: datetime, bounces: int, *, member_id: str | None = None, lead_id: str | None = None
    ) -> Arbitration:
        clock = self.clock.meet(now)
        return replace(self, settled_at=now, clock=clock, decided_by=member_id, lead_id=lead_id, bounces=bounces)

    def postponed(self, since: datetime, now: datetime) -> Arbitration:
        """Nobody was asked since then: what was left to the arbiter is left still."""
        return replace(self, clock=self.clock.pause(since).go_on(now))

    def escalate(self, above: Party | None, now: datetime) -> Arbitration:
        """Its clock has run out: whoever stands above is asked, from now on. Above the highest there is nobody, so it
        stays there, with the breach on the record.
        """
        if above is None:
            return replace(self, clock=self.clock.note_breach(now))
        limit = self.clock.due_at - self.clock.started_at
        clock = Clock.start(ClockKind.ARBITRATE, now, limit)
        return replace(self, arbiter_id=above.id, clock=clock, passed_over=(*self.passed_over, self.arbiter_id))


def first_arbiter(register: Register, place_id: str, disputing: Collection[str]) -> Party:
    """The estate's arbiter; where it is a party to the dispute itself, whoever stands above it, if anybody does. Where nobody
    of it is here, it could never decide: then a street or township that has people, the levels above who answers for the
    estate, and that one, of these the first that is not in the dispute.
    """
    arbiter = register.arbiter
    if callable_members(register, arbiter.id):
        return (
            arbiter
            if arbiter.id not in disputing
            else higher_arbiter(register, arbiter, place_id, disputing) or arbiter
        )
    fallback = register.fallback
    line = (*register.streets(place_id), *levels_above(register, fallback, place_id), fallback)
    able = (one for one in line if one.may_lead and one.id not in disputing and callable_members(register, one.id))
    return next(able, fallback)


def higher_arbiter(register: Register, arbiter: Party, place_id: str, besides: Collection[str]) -> Party | None:
    """The nearest level above an arbiter that may decide and is none of `besides`; None where there is none."""
    above = levels_above(register, arbiter, place_id)
    return next((party for party in above if party.may_lead and party.id not in besides), None)
