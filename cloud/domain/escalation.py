"""Ladders: who is called next when nobody answers. A ladder for life safety never ends in silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from cloud.domain.party import PartyRef


class Condition(StrEnum):
    """A step is taken only if this still holds (Opsgenie); `if_not_arrived` is ours, for clocks to be on site."""

    IF_NOT_ACKNOWLEDGED = "if_not_acknowledged"
    IF_NOT_ARRIVED = "if_not_arrived"
    IF_NOT_CLOSED = "if_not_closed"


class Importance(StrEnum):
    NORMAL = "normal"
    HIGH = "high"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Step:
    """`targets` are called `delay` after the ladder began. A call sheet names numbers for a person to dial."""

    delay: timedelta
    condition: Condition
    targets: tuple[PartyRef, ...]
    importance: Importance = Importance.NORMAL
    multi_ack: bool = False
    call_sheet: bool = False


@dataclass(frozen=True, slots=True)
class Repeat:
    """The last step again `every` so often; `limit` None is without bound."""

    every: timedelta
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    steps: tuple[Step, ...] = ()
    repeat: Repeat | None = None

    def step(self, number: int) -> Step | None:
        """Step `number` from 0; past the last one, the last one repeated; None when the ladder is at its end."""
        if not self.steps or (number >= len(self.steps) and self.repeat is None):
            return None
        round_number = number - len(self.steps) + 1
        if self.repeat and self.repeat.limit is not None and round_number > self.repeat.limit:
            return None
        return self.steps[min(number, len(self.steps) - 1)]

    def due(self, number: int, began_at: datetime) -> datetime | None:
        """When step `number` is due on a ladder that began then; None when there is no such step."""
        step = self.step(number)
        if step is None:
            return None
        round_number = number - len(self.steps) + 1
        rest = self.repeat.every * round_number if self.repeat and round_number > 0 else timedelta()
        return began_at + step.delay + rest

    def repeats(self, number: int) -> bool:
        return number >= len(self.steps)


@dataclass(frozen=True, slots=True)
class Ladder:
    """Where a task stands on its ladder: the step that is due next, and when. `due_at` None: at rest."""

    began_at: datetime
    step: int = 0
    due_at: datetime | None = None

    @classmethod
    def start(cls, policy: EscalationPolicy, now: datetime) -> Ladder:
        return cls(now, 0, policy.due(0, now))

    def climb(self, policy: EscalationPolicy, now: datetime, *, at_once: bool = False) -> Ladder:
        """The next step. Steps that came due while nobody looked are caught up one by one, never skipped;
        only repeats are: after a long pause the sheet sounds once and then on its rhythm again.
        """
        number = self.step + 1
        due_at = policy.due(number, self.began_at)
        while due_at is not None and due_at < now and policy.repeats(number) and policy.due(number + 1, self.began_at):
            number += 1
            due_at = policy.due(number, self.began_at)
        if at_once and due_at is not None and not policy.repeats(number):
            due_at = min(due_at, now)
        return Ladder(self.began_at, number, due_at)

    def rest(self) -> Ladder:
        return Ladder(self.began_at, self.step, None)
