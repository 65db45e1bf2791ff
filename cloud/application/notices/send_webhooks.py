"""What the ledger gained is told to other systems, at least once, each entry on its own schedule of repetitions."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.application.messages import Event, NotTaken, Poster, why_not
from cloud.application.notices.cloud_events import document, source_of
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.sight import concerns_among
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.duties.register import Register
from cloud.domain.records.failure import facts_of
from cloud.domain.records.ledger import Draft, Entry, Kind
from cloud.domain.records.webhook import LONGEST_REST, Posting, Webhook
from cloud.domain.tasks.sight import Outlook, outlook, private
from cloud.errors import CloudError

LEASE: Final = timedelta(seconds=60)
TAKES_AT_MOST: Final = timedelta(seconds=20)
ENTRIES_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True)
class Posted:
    sent: int
    failed: int
    queued: int


@dataclass(frozen=True, slots=True)
class _Ready:
    posting: Posting
    event: Event


@dataclass(frozen=True, slots=True)
class _Outcome:
    """`why` it was not taken; None when it was. `gone` and `rest` as in `NotTaken`."""

    why: str | None = None
    gone: bool = False
    rest: timedelta = timedelta()


_TAKEN: Final = _Outcome()
_NO_TIME: Final = _Outcome("no time left")


class SendWebhooks:
    """The ledger itself is the outbox: `position` says how far each webhook has been given its entries, and moves in the
    transaction that queues them. Each posting is claimed before it is sent; a crash sends it again under the same id.
    """

    def __init__(
        self, units: UnitsOfWork, clock: Clock, ids: Ids, poster: Poster, *, at_once: int = 1,
        jitter: Callable[[], float] = random.random, url: str | None = None,
    ) -> None:  # fmt: skip
        """`url`: the service's own address, for the source of the events."""
        self._units, self._clock, self._ids, self._poster = units, clock, ids, poster
        self._at_once, self._jitter, self._url = at_once, jitter, url

    def __call__(self, limit: int = 30) -> Posted:
        by = secrets.token_hex(8)
        queued = self._queue()
        ready = self._claim(by, limit)
        if not ready:
            return Posted(0, 0, queued)
        outcomes = self._attempt_all(ready)
        with self._units.writing() as uow:
            now = self._clock.now()
            for item, outcome in zip(ready, outcomes, strict=True):
                self._settle(uow, item, outcome, now, by)
            uow.commit()
        sent = sum(outcome == _TAKEN for outcome in outcomes)
        return Posted(sent, sum(outcome not in (_TAKEN, _NO_TIME) for outcome in outcomes), queued)

    def _queue(self) -> int:
        with self._units.reading() as uow:
            if not uow.webhooks.behind(1):
                return 0
        with self._units.writing() as uow:
            count = sum([self._queue_one(uow, webhook) for webhook in uow.webhooks.behind()])
            uow.commit()
        return count

    def _queue_one(self, uow: UnitOfWork, webhook: Webhook) -> int:
        now = self._clock.now()
        entries = uow.ledger.since(webhook.estate, webhook.position, ENTRIES_AT_ONCE)
        # That a webhook was given up is not told to webhooks: a dead one would beget itself for ever.
        asked = [e for e in entries if webhook.wants(e.kind) and e.kind != Kind.WEBHOOK_GIVEN_UP]
        wanted = _its_own(uow, webhook, asked)
        uow.webhooks.post([Posting(self._ids.new(now), webhook.id, webhook.estate, e.seq, now, now) for e in wanted])
        uow.webhooks.save(replace(webhook, position=entries[-1].seq))
        return len(wanted)

    def _claim(self, by: str, limit: int) -> Sequence[_Ready]:
        with self._units.reading() as uow:
            if not uow.webhooks.any_due(self._clock.now()):
                return ()
        with self._units.writing() as uow:
            now = self._clock.now()
            claimed = uow.webhooks.claim(now, by=by, until=now + LEASE, limit=limit)
            ready = [self._ready(uow, posting, now) for posting in claimed]
            uow.commit()
        return ready

    def _ready(self, uow: UnitOfWork, posting: Posting, now: datetime) -> _Ready:
        webhook = uow.webhooks.get(posting.webhook_id)
        entries = uow.ledger.since(posting.estate, posting.seq - 1, 1)
        assert webhook is not None, f"posting {posting.id} has lost its webhook"
        assert entries, f"ledger of {posting.estate} has lost entry {posting.seq}"
        told = document(source_of(self._url, posting.estate), entries[0])
        event = Event(posting.id, webhook.url, webhook.secrets(now), now, told)
        return _Ready(posting, event)

    def _attempt_all(self, ready: Sequence[_Ready]) -> list[_Outcome]:
        if self._at_once == 1:
            return [self._attempt(item) for item in ready]
        with ThreadPoolExecutor(self._at_once, "webhook") as pool:
            return list(pool.map(self._attempt, ready))

    def _attempt(self, item: _Ready) -> _Outcome:
        until = item.posting.held_until
        if until is None or self._clock.now() + TAKES_AT_MOST > until:
            return _NO_TIME
        try:
            self._poster.post(item.event)
        except NotTaken as error:
            return _Outcome(error.why, error.gone, error.rest)
        except CloudError as error:
            return _Outcome(why_not(error))
        return _TAKEN

    def _settle(self, uow: UnitOfWork, item: _Ready, outcome: _Outcome, now: datetime, by: str) -> None:
        posting, why = item.posting, outcome.why
        if outcome is _NO_TIME:
            uow.webhooks.settle(posting, by=by)
        elif why is None:
            uow.webhooks.settle(posting.sent(now), by=by)
        elif outcome.gone:
            uow.webhooks.settle(posting.given_up(why, now), by=by)
            if uow.webhooks.gone(posting.webhook_id, item.event.url, why, now):
                _note(uow, posting.given_up(why, now), Kind.WEBHOOK_GONE, now)
        else:
            after = posting.failed(why, now, self._jitter(), outcome.rest)
            if uow.webhooks.settle(after, by=by) and after.failed_at is not None:
                _note(uow, after, Kind.WEBHOOK_GIVEN_UP, now)
            if outcome.rest:
                uow.webhooks.rest(posting.webhook_id, now + min(outcome.rest, LONGEST_REST))


def _its_own(uow: UnitOfWork, webhook: Webhook, entries: Sequence[Entry]) -> Sequence[Entry]:
    """What its party sees; of homes nothing leaves for other systems."""
    register = uow.registers.find(webhook.estate)
    if register is None or not entries:
        return ()
    concerns, sees = concerns_among(uow, register, entries), _outlook(register, webhook).sees
    known = [(entry, concerns.get(entry.seq)) for entry in entries]
    return [one for one, concern in known if not (concern and private(concern.hazard)) and sees(concern)]


def _outlook(register: Register, webhook: Webhook) -> Outlook:
    """As whoever made it sees the estate for that party; as its manager, once that person is gone."""
    made, party = register.members.get(webhook.created_by), webhook.party_id
    role = made.role_in(party) if made else None
    return outlook(register, Member(webhook.created_by, party, Names("", ""), role or Role.MANAGER))


def _note(uow: UnitOfWork, posting: Posting, kind: Kind, now: datetime) -> None:
    facts = {
        "subject": posting.webhook_id,
        "seq": posting.seq,
        **facts_of(posting.why or ""),
        "count": posting.attempts,
    }
    uow.ledger.append(posting.estate, [Draft(kind, now, "system", None, posting.webhook_id, posting.id, facts)])
