"""What sending messages to people and systems needs from outside: the outbox that commits fill, who is to be called and
how, and channels that deliver.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from cloud.domain.community.faults import Fault
from cloud.domain.community.names import Language
from cloud.domain.duties.escalation import Importance
from cloud.domain.records.allowance import Spent
from cloud.domain.records.delivery import Delivery
from cloud.domain.records.notification import Notification
from cloud.domain.records.webhook import Posting, Tally, Webhook
from cloud.domain.tasks.sight import Outlook
from cloud.errors import CloudError, Invalid, Unavailable


@dataclass(frozen=True, slots=True)
class Message:
    """What a channel is given to deliver. `id` is the same at every repetition of the same words: a gateway that knows
    idempotency keys gets it as one. `name`: what the reader is called. `link` opens the task for this member alone,
    `callback` is where the key pressed in a call is told. Both are secrets. `about`: what it is made from, for channels
    that are programs; None in a test message, the most urgent of several that were joined; `also` the others.
    """

    id: str
    address: str
    name: str
    language: Language
    importance: Importance
    text: str
    link: str | None = None
    callback: str | None = None
    about: Notification | None = None
    also: tuple[Notification, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a message: a member, whichever party they act for; without one, the party as a whole."""

    member_id: str | None
    party_id: str | None = None

    @classmethod
    def of(cls, delivery: Delivery) -> Reader:
        return cls(delivery.member_id, None if delivery.member_id else delivery.party_id)


class Channel(Protocol):
    """One way to a person. `deliver` comes back within `send_notifications.TAKES_AT_MOST` or raises NotSent
    with a reason that says no secret and no address.
    """

    @property
    def carries_links(self) -> bool: ...

    @property
    def rings(self) -> bool:
        """Whether it is a call in which a key can be pressed."""
        ...

    def deliver(self, message: Message) -> None: ...


Channels = Mapping[str, Channel]
"""By kind, as contacts name it."""


class NotificationOutbox(Protocol):
    """Messages to parties as commits left them, and the deliveries to members that they became."""

    def put(self, notifications: Sequence[Notification]) -> None: ...

    def waits(self, now: datetime) -> bool:
        """Whether anything is to be addressed, sent or passed on now; asked once a second, and mostly not so."""
        ...

    def unsent(self, now: datetime, limit: int = 20) -> Sequence[Notification]:
        """Those that nobody has addressed yet, oldest first; locked for this unit of work where it may write."""
        ...

    def second_rounds(self, now: datetime, limit: int = 20) -> Sequence[Notification]:
        """Those for which the rest of the party is to be called; locked like those of `unsent`."""
        ...

    def get(self, notification_id: str) -> Notification | None: ...

    def lock(self, notification_id: str) -> None:
        """Nobody else settles deliveries of this message until the unit of work ends: the last one knows of all others."""
        ...

    def save(self, notification: Notification) -> None: ...

    def of_task(self, task_id: str) -> Sequence[Notification]:
        """Those that were not withdrawn, oldest first."""
        ...

    def hurrying(self, limit: int = 20) -> Sequence[Notification]:
        """Those in vain, for which the ladder is still to go on."""
        ...

    def deliver(self, deliveries: Sequence[Delivery]) -> None: ...

    def due(self, now: datetime, limit: int = 20) -> Sequence[Delivery]:
        """Deliveries whose next attempt is due and which no worker holds, the most urgent first."""
        ...

    def claim(
        self, now: datetime, *, by: str, until: datetime, limit: int = 20, reader: Reader | None = None
    ) -> Sequence[Delivery]:
        """Those of `due`, held by that worker from the commit on: no other gets them before `until`, nor, on a
        storage with several writers, while this unit of work lasts. `reader`: only theirs.
        """
        ...

    def told_since(self, reader: Reader, since: datetime) -> Sequence[Delivery]:
        """What went out to that reader since then."""
        ...

    def delivery(self, delivery_id: str) -> Delivery | None: ...

    def called(self, call_hash: str) -> Delivery | None:
        """The delivery whose call is answered under this hash."""
        ...

    def of_notification(self, notification_id: str) -> Sequence[Delivery]: ...

    def spent(self, channel: str, delivery: Delivery, window: datetime, day: datetime) -> Spent:
        """What that channel has carried since `window` to the same member about the same task, and since `day` altogether."""
        ...

    def latest(
        self, estate: str, *, failed: bool, limit: int, before: str | None = None, seen_by: Outlook | None = None
    ) -> Sequence[Delivery]:
        """Newest first, after the one with the id `before`; `failed`: only those that have failed at least once; `seen_by`: only
        those about matters that this outlook sees.
        """
        ...

    def of_member(self, member_id: str, since: datetime, limit: int) -> Sequence[Delivery]:
        """What was to reach that member, created since then, newest first."""
        ...

    def settle(self, delivery: Delivery, *, by: str) -> bool:
        """What came of it; nobody holds it any more. False, and nothing changes, where that worker does not hold it."""
        ...

    def amend(self, delivery: Delivery) -> None:
        """Something else about it has changed; who holds it stays."""
        ...


class Webhooks(Protocol):
    """Systems that are told, and what is on its way to them."""

    def get(self, webhook_id: str) -> Webhook | None: ...

    def of(self, estate: str) -> Sequence[Webhook]: ...

    def behind(self, limit: int = 20) -> Sequence[Webhook]:
        """Active ones whose estate's ledger has gone on, locked for this unit of work."""
        ...

    def save(self, webhook: Webhook) -> None: ...

    def remove(self, webhook_id: str) -> None: ...

    def post(self, postings: Sequence[Posting]) -> None: ...

    def claim(self, now: datetime, *, by: str, until: datetime, limit: int = 20) -> Sequence[Posting]: ...

    def any_due(self, now: datetime) -> bool: ...

    def settle(self, posting: Posting, *, by: str) -> bool: ...

    def posting(self, posting_id: str) -> Posting | None: ...

    def rest(self, webhook_id: str, until: datetime) -> None:
        """Nothing that waits for it is tried before then."""
        ...

    def gone(self, webhook_id: str, url: str, why: str, now: datetime) -> bool:
        """Switched off, and what waits for it is given up. False, and nothing changes, where it is off already or has another
        address by now.
        """
        ...

    def untaken(self, estate: str, of: Collection[str], limit: int) -> Sequence[Posting]:
        """What has failed of these webhooks and was not taken since, newest first: tried again, or given up."""
        ...

    def tallies(self, of: Collection[str]) -> Mapping[str, Tally]:
        """By webhook; of those to which nothing was ever posted there is none."""
        ...

    def postings(self, webhook_id: str, *, failed: bool, limit: int, before: str | None = None) -> Sequence[Posting]:
        """Newest first, after the one with the id `before`; `failed`: only those that have failed at least once."""
        ...

    def forget(self, settled_before: datetime, limit: int, /) -> int:
        """Delete at most so many of the postings that were taken or given up by then; how many. The last that a webhook took
        stays: it says when that was.
        """
        ...


@dataclass(frozen=True, slots=True)
class Event:
    """What a webhook is sent: a CloudEvents 1.0 document and its signing."""

    id: str
    url: str
    secrets: tuple[str, ...]
    at: datetime
    document: Mapping[str, Any]


class NotSent(Unavailable):
    """It did not get there, or was not taken there. `why`: a fault with its code, without secrets."""

    def __init__(self, why: Fault) -> None:
        super().__init__(str(why), why.zh)
        self.why = why


class NotTaken(NotSent):
    """The other side answered that it does not take it. `gone`: nor ever will; `rest`: for how long it asks to be left
    alone.
    """

    def __init__(self, why: Fault, *, gone: bool = False, rest: timedelta = timedelta()) -> None:
        super().__init__(why)
        self.gone, self.rest = gone, rest


class Answered(NotSent):
    """The other side did not take it, and said something: `said`, for whoever sets a channel up. It may hold anything, and goes
    into no ledger and no log.
    """

    def __init__(self, why: Fault, said: str = "") -> None:
        super().__init__(why)
        self.said = said


def why_not(error: CloudError) -> str:
    """Why it was not sent; a fault wherever it has a code."""
    if isinstance(error, NotSent):
        return error.why
    if isinstance(error, Invalid) and error.problems:
        return error.problems[0]
    return str(error) or type(error).__name__


class Poster(Protocol):
    def check(self, url: str) -> None:
        """Raises cloud.errors.Invalid where nothing will ever be sent there."""
        ...

    def post(self, event: Event) -> None:
        """Raises NotSent with the reason, NotTaken where the other side says more; Invalid where nothing may be sent there any more."""
        ...
