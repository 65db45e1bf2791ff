"""One message to one member: which channel is next, when to try again, and when it is over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cloud.domain.community.contacts import Contact
from cloud.domain.community.reaching import CONSOLE

FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(minutes=10)

MOST_ROUNDS: Final = 8
"""After so many rounds over a member's channels, some ten minutes, it is a dead letter; the ladder went on long before."""

CALL_LASTS: Final = timedelta(minutes=30)
"""How long the key pressed in a call is taken for an answer."""


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to one member; `member_id` None is the party as a whole. `rounds` counts how often every channel of theirs
    was tried in vain, `tried` which of them in this round, `attempts` all tries there were. `waited`: it was held back
    for quiet hours or for company. `follow_up`: the message that tells who has answered, where this one was sent meanwhile.
    `proven`: what took it was proven to be the member's. `summary`: the message in which it was told together with others, in a flood. `held_by` and `held_until`: the worker that is about to send it, and until when nobody else may.
    """

    id: str
    notification_id: str
    estate: str
    task_id: str
    incident_id: str
    party_id: str
    member_id: str | None
    urgency: int
    created_at: datetime
    next_attempt_at: datetime
    attempts: int = 0
    rounds: int = 0
    tried: tuple[str, ...] = ()
    waited: bool = False
    channel: str | None = None
    why: str | None = None
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    withdrawn_at: datetime | None = None
    follow_up: str | None = None
    call_hash: str | None = None
    call_until: datetime | None = None
    answered_at: datetime | None = None
    held_by: str | None = None
    held_until: datetime | None = None
    proven: bool = False
    summary: str | None = None

    @property
    def state(self) -> DeliveryState:
        if self.sent_at is not None:
            return DeliveryState.SENT
        if self.withdrawn_at is not None:
            return DeliveryState.WITHDRAWN
        return DeliveryState.FAILED if self.failed_at is not None else DeliveryState.WAITING

    @property
    def reached_nobody_yet(self) -> bool:
        """Whether every channel there is was tried in vain at least once, and nothing has come of it since."""
        return self.rounds > 0 and self.sent_at is None

    def may_answer(self, *, life_safety: bool) -> bool:
        """Whether the member was reached, or may still be at the first try. Where life is at stake, what went through a
        channel that nobody has proven to be theirs is not relied upon; what is only printed on a console never is.
        """
        unproven = self.sent_at is not None and not self.proven
        return not self.reached_nobody_yet and not (unproven and (life_safety or self.channel == CONSOLE))

    @property
    def reached_its_member(self) -> bool:
        """Whether it went out a way that is relied upon where life is at stake."""
        return self.state is DeliveryState.SENT and self.may_answer(life_safety=True)

    def sent(self, contact: Contact, now: datetime, *, summary: str | None = None) -> Delivery:
        done = replace(self, attempts=self.attempts + 1, channel=contact.channel, sent_at=now, why=None)
        return replace(done, proven=contact.relied_upon, summary=summary)

    def held_back(self, until: datetime, why: str | None = None) -> Delivery:
        return replace(self, next_attempt_at=until, waited=True, why=why or self.why)

    def failed(self, contact: Contact | None, why: str, now: datetime, *, others: bool) -> Delivery:
        """The next channel at once; when all have failed, all of them again after a wait that doubles; then no more."""
        channel = contact.channel if contact else None
        tried = (*self.tried, contact.key) if contact else self.tried
        after = replace(self, attempts=self.attempts + 1, channel=channel, why=why, tried=tried)
        if others:
            return replace(after, next_attempt_at=now)
        rounds = self.rounds + 1
        wait = min(FIRST_WAIT * 2 ** (rounds - 1), LONGEST_WAIT)
        over = now if rounds >= MOST_ROUNDS else None
        return replace(after, rounds=rounds, tried=(), next_attempt_at=now + wait, failed_at=over)

    def tried_again(self, now: datetime) -> Delivery:
        """Given up, and now once more from the beginning: every channel, as often as at first. Why it failed is known until
        it is sent.
        """
        return replace(self, rounds=0, tried=(), failed_at=None, next_attempt_at=now)

    def rings(self, call_hash: str, now: datetime) -> Delivery:
        """A call is about to be made; the key pressed in it answers under this hash, once."""
        return replace(self, call_hash=call_hash, call_until=now + CALL_LASTS)

    def takes_answer(self, now: datetime) -> bool:
        return self.answered_at is None and self.call_until is not None and now < self.call_until
