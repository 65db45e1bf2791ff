"""Ladders: who is called next when nobody answers. A ladder for life safety never ends in silence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.community.work_calendar import WorkCalendar, after, between
from cloud.domain.duties.target import Target


class Condition(StrEnum):
    """A step is taken only if this still holds (Opsgenie); `if_not_arrived` is ours, for clocks to be on site.

    Whether anybody's arrival will do (fire: there is word from the site) or only the lead's (a lift: the property talks to
    the passenger, the maintainer gets them out) is the duty's to say.
    """

    IF_NOT_ACKNOWLEDGED = "if_not_acknowledged"
    IF_NOT_ARRIVED = "if_not_arrived"
    IF_LEAD_NOT_ARRIVED = "if_lead_not_arrived"
    IF_NOT_CLOSED = "if_not_closed"


class Importance(StrEnum):
    NORMAL = "normal"
    HIGH = "high"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Repeat:
    """A step taken again `every` so often while its condition holds; `limit` None is without bound."""

    every: timedelta
    limit: int | None = None


TOLD_AT_MOST: Final = 5
"""How often a ladder that is not about life calls again before it is handed on (governance.md, Vertical)."""

EACH_AGAIN: Final = Repeat(timedelta(minutes=5), TOLD_AT_MOST)
"""How a step that each of its targets must acknowledge repeats where the matrix does not say."""


@dataclass(frozen=True, slots=True)
class Step:
    """`targets` are called `delay` after the ladder began. A call sheet names numbers for a person to dial.

    `multi_ack`: each party among them has to acknowledge for itself, so it repeats to those who have not, whoever else has.
    The repeat is a step's own: a call sheet goes on sounding while a later step waits for its hour.
    """

    delay: timedelta
    condition: Condition
    targets: tuple[Target, ...]
    importance: Importance = Importance.HIGH
    multi_ack: bool = False
    call_sheet: bool = False
    repeat: Repeat | None = None

    def due(self, began_at: datetime, taken: int, calendar: WorkCalendar | None = None) -> datetime | None:
        """When it is due for the time after `taken` times; None when it is not to be taken again. With a calendar it waits
        in working time.
        """
        if taken == 0:
            return after(began_at, self.delay, calendar)
        again = self.again
        if again is None or (again.limit is not None and taken > again.limit):
            return None
        return after(began_at, self.delay + again.every * taken, calendar)

    @property
    def again(self) -> Repeat | None:
        return self.repeat or (EACH_AGAIN if self.multi_ack else None)

    def weight(self, *, life_safety: bool) -> Importance:
        """With what it is said: where life is at stake an emergency, whatever the matrix has; else as it has it - `normal` may
        be gathered and wait for the morning -, but never an emergency: quiet hours are ignored by life safety alone.
        """
        if life_safety:
            return Importance.EMERGENCY
        return Importance.NORMAL if self.importance is Importance.NORMAL else Importance.HIGH

    def later(self, more: timedelta) -> Step:
        return replace(self, delay=max(self.delay + more, timedelta()))

    def at_most(self, times: int) -> Step:
        """The same step repeated no more often than that."""
        if self.repeat is None or (self.repeat.limit is not None and self.repeat.limit <= times):
            return self
        return replace(self, repeat=replace(self.repeat, limit=times))

    @property
    def endless(self) -> bool:
        """Whether it keeps calling until somebody has accepted."""
        unbounded = self.repeat is not None and self.repeat.limit is None
        return unbounded and self.condition is Condition.IF_NOT_ACKNOWLEDGED


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    steps: tuple[Step, ...] = ()

    @property
    def endless(self) -> bool:
        return any(step.endless for step in self.steps)


_AT_REST = -1


@dataclass(frozen=True, slots=True)
class Ladder:
    """Where a task stands on its ladder. `taken` counts per step; `step` is due next at `due_at` (None: at its end).

    `resumed_at`: since when those who wait for an answer wait anew, because an acknowledgement came to nothing.
    `calendar`: the working time in which it climbs, where it does not always.
    """

    began_at: datetime
    taken: tuple[int, ...] = ()
    step: int = 0
    due_at: datetime | None = None
    resumed_at: datetime | None = None
    calendar: WorkCalendar | None = None

    @classmethod
    def start(cls, policy: EscalationPolicy, now: datetime, calendar: WorkCalendar | None = None) -> Ladder:
        return cls(now, (0,) * len(policy.steps), calendar=calendar).aim(policy)

    def aim(self, policy: EscalationPolicy) -> Ladder:
        """The same place on the ladder, with the step that is due first found anew."""
        dues = [
            (due, number)
            for number, (step, taken) in enumerate(zip(policy.steps, self.taken, strict=True))
            if taken != _AT_REST and (due := step.due(self._since(step), taken, self.calendar)) is not None
        ]
        due_at, step = min(dues, default=(None, self.step))
        return replace(self, step=step, due_at=due_at)

    def _since(self, step: Step) -> datetime:
        waits = step.condition is Condition.IF_NOT_ACKNOWLEDGED
        return self.resumed_at if waits and self.resumed_at is not None else self.began_at

    def _with(self, policy: EscalationPolicy, taken: int) -> Ladder:
        counts = (*self.taken[: self.step], taken, *self.taken[self.step + 1 :])
        return replace(self, taken=counts).aim(policy)

    def climb(self, policy: EscalationPolicy, now: datetime) -> Ladder:
        """The step was taken. Others that came due while nobody looked are caught up one by one, never skipped; only
        its own repeats are: after a long pause a call sheet sounds once, and then on its rhythm again.
        """
        step, taken = policy.steps[self.step], self.taken[self.step] + 1
        while (again := step.due(self._since(step), taken, self.calendar)) is not None and again <= now:
            taken += 1
        return self._with(policy, taken)

    def hurry(self, policy: EscalationPolicy, now: datetime) -> Ladder:
        """The next step at once, because this one reached nobody; a step that repeats keeps its rhythm."""
        climbed = self.climb(policy, now)
        if climbed.due_at is None or climbed.taken[climbed.step] > 0:
            return climbed
        return replace(climbed, due_at=min(climbed.due_at, now))

    def bring_forward(self, policy: EscalationPolicy, now: datetime) -> Ladder:
        """Who was called cannot be reached: the next step that waits for an answer is due at once. Unlike `hurry` it
        takes no step, for the one that reached nobody was taken; steps that wait for an arrival keep their time. One
        that repeats does so on its rhythm from now, not from when it would have begun, and what waits behind it comes as
        much sooner.
        """
        waiting = [
            (due, number)
            for number, (step, taken) in enumerate(zip(policy.steps, self.taken, strict=True))
            if step.condition is Condition.IF_NOT_ACKNOWLEDGED
            and taken == 0
            and (due := step.due(self._since(step), taken, self.calendar)) is not None
        ]
        if self.due_at is None or not waiting:
            return self
        due, number = min(waiting)
        if due <= now:
            return self
        if policy.steps[number].repeat is not None and self.calendar is None:
            return replace(self, resumed_at=now - policy.steps[number].delay).aim(policy)
        return replace(self, step=number, due_at=now)

    def bring_closing_forward(self, policy: EscalationPolicy, now: datetime) -> tuple[Ladder, bool]:
        """The next step that waits for the closing and was not taken is due at once; whether there is one."""
        waiting = [
            (due, number)
            for number, (step, taken) in enumerate(zip(policy.steps, self.taken, strict=True))
            if step.condition is Condition.IF_NOT_CLOSED
            and taken == 0
            and (due := step.due(self._since(step), taken, self.calendar)) is not None
        ]
        if not waiting:
            return self, False
        due, number = min(waiting)
        return replace(self, step=number, due_at=min(due, now)), True

    def drop(self, policy: EscalationPolicy) -> Ladder:
        """This step is not taken again: what it waited for has happened."""
        return self._with(policy, _AT_REST)

    def until_closed(self, policy: EscalationPolicy) -> Ladder:
        """It is said to be done: only the steps that wait until it is closed are taken still."""
        waits = [step.condition is Condition.IF_NOT_CLOSED for step in policy.steps]
        taken = tuple(count if kept else _AT_REST for kept, count in zip(waits, self.taken, strict=True))
        resting = self.due_at is None
        return replace(self, taken=taken).rest() if resting else replace(self, taken=taken).aim(policy)

    def resume(self, policy: EscalationPolicy, now: datetime) -> Ladder:
        """Nobody answers any more: the steps that wait for an answer are taken from now on; all others keep their time."""
        taken = tuple(
            0 if step.condition is Condition.IF_NOT_ACKNOWLEDGED else count
            for step, count in zip(policy.steps, self.taken, strict=True)
        )
        return replace(self, taken=taken, resumed_at=now).aim(policy)

    def postpone(self, policy: EscalationPolicy, held_since: datetime, now: datetime) -> Ladder:
        """Everything is due so much later: the task was on hold since then."""
        resumed = self._moved(self.resumed_at, held_since, now) if self.resumed_at else None
        return replace(self, began_at=self._moved(self.began_at, held_since, now), resumed_at=resumed).aim(policy)

    def _moved(self, began: datetime, held_since: datetime, now: datetime) -> datetime:
        """From when it would have begun to wait, had it waited as long without the hold."""
        waited = between(began, held_since, self.calendar)
        return now - waited if self.calendar is None else self.calendar.begun(now, waited)

    def rest(self) -> Ladder:
        """Nothing is due any more."""
        return replace(self, due_at=None)
