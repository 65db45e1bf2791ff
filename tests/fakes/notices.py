"""The outbox, contacts and webhooks in memory."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from cloud.application.messages import Reader
from cloud.domain.records.allowance import Spent
from cloud.domain.records.webhook import Tally
from tests.fakes.matters import FakeTasks


class FakeNotificationOutbox:
    def __init__(self, memory):
        self._memory = memory

    def put(self, notifications):
        self._memory.notifications |= {n.id: n for n in notifications}

    def waits(self, now):
        return bool(self.unsent(now) or self.second_rounds(now) or self.due(now) or self.hurrying())

    def unsent(self, now, limit=20):
        waiting = [
            n
            for n in self._memory.notifications.values()
            if n.addressed_at is None and n.withdrawn_at is None and n.created_at <= now
        ]
        return sorted(waiting, key=lambda n: (n.created_at, n.id))[:limit]

    def second_rounds(self, now, limit=20):
        found = [
            n
            for n in self._memory.notifications.values()
            if n.second_at is not None and n.withdrawn_at is None and n.second_at <= now
        ]
        return sorted(found, key=lambda n: (n.second_at, n.id))[:limit]

    def get(self, notification_id):
        return self._memory.notifications.get(notification_id)

    def lock(self, notification_id):
        """Memory has one writer at a time."""

    def save(self, notification):
        self._memory.notifications[notification.id] = notification

    def of_task(self, task_id):
        found = [n for n in self._memory.notifications.values() if n.task_id == task_id and n.withdrawn_at is None]
        return sorted(found, key=lambda n: n.id)

    def hurrying(self, limit=20):
        found = [n for n in self._memory.notifications.values() if n.hurry_at is not None]
        return sorted(found, key=lambda n: (n.hurry_at, n.id))[:limit]

    def deliver(self, deliveries):
        self._memory.deliveries |= {d.id: d for d in deliveries}

    def due(self, now, limit=20):
        due = [
            d
            for d in self._memory.deliveries.values()
            if d.state == "waiting" and d.next_attempt_at <= now and (d.held_until is None or d.held_until <= now)
        ]
        return sorted(due, key=lambda d: (-d.urgency, d.next_attempt_at, d.id))[:limit]

    def claim(self, now, *, by, until, limit=20, reader=None):
        due = [d for d in self.due(now, 100_000) if reader is None or Reader.of(d) == reader]
        found = [replace(d, held_by=by, held_until=until) for d in due[:limit]]
        self.deliver(found)
        return found

    def told_since(self, reader, since):
        told = [d for d in self._memory.deliveries.values() if d.sent_at is not None and d.sent_at >= since]
        return sorted((d for d in told if Reader.of(d) == reader), key=lambda d: d.id)

    def delivery(self, delivery_id):
        return self._memory.deliveries.get(delivery_id)

    def called(self, call_hash):
        return next((d for d in self._memory.deliveries.values() if d.call_hash == call_hash), None)

    def of_notification(self, notification_id):
        found = [d for d in self._memory.deliveries.values() if d.notification_id == notification_id]
        return sorted(found, key=lambda d: d.id)

    def spent(self, channel, delivery, window, day):
        sent = [d for d in self._memory.deliveries.values() if d.sent_at is not None]
        whose = [d for d in sent if (d.task_id, d.member_id) == (delivery.task_id, delivery.member_id)]
        to_member = sorted(d.sent_at for d in whose if d.channel == channel and d.sent_at > window)
        in_day = {(d.member_id, d.sent_at) for d in sent if d.channel == channel and d.sent_at > day}
        return Spent(tuple(to_member), len(in_day), not whose)

    def latest(self, estate, *, failed, limit, before=None, seen_by=None):
        found = sorted(self._memory.deliveries.values(), key=lambda d: d.id, reverse=True)
        tasks = FakeTasks(self._memory)
        if seen_by is not None:
            found = [d for d in found if seen_by.sees(tasks.concerns([d.incident_id]).get(d.incident_id))]
        found = [one for one in found if before is None or one.id < before]
        return list(islice((d for d in found if d.estate == estate and (d.why is not None or not failed)), limit))

    def of_member(self, member_id, since, limit):
        found = [d for d in self._memory.deliveries.values() if d.member_id == member_id and d.created_at >= since]
        return sorted(found, key=lambda d: (d.created_at, d.id), reverse=True)[:limit]

    def settle(self, delivery, *, by):
        if self._memory.deliveries[delivery.id].held_by != by:
            return False
        self.deliver([replace(delivery, held_by=None, held_until=None)])
        return True

    def amend(self, delivery):
        kept = self._memory.deliveries[delivery.id]
        self.deliver([replace(delivery, held_by=kept.held_by, held_until=kept.held_until)])


class FakeWebhooks:
    def __init__(self, memory):
        self._memory = memory

    def get(self, webhook_id):
        return self._memory.webhooks.get(webhook_id)

    def of(self, estate):
        return sorted((w for w in self._memory.webhooks.values() if w.estate == estate), key=lambda w: w.id)

    def behind(self, limit=20):
        heads = {estate: entries[-1].seq for estate, entries in self._memory.ledger.items() if entries}
        found = [w for w in self._memory.webhooks.values() if w.active and w.position < heads.get(w.estate, 0)]
        return sorted(found, key=lambda w: w.id)[:limit]

    def save(self, webhook):
        self._memory.webhooks[webhook.id] = webhook

    def remove(self, webhook_id):
        del self._memory.webhooks[webhook_id]
        kept = {p.id: p for p in self._memory.postings.values() if p.webhook_id != webhook_id}
        self._memory.postings = kept

    def post(self, given):
        self._memory.postings |= {p.id: p for p in given}

    def _due(self, now):
        due = [
            p
            for p in self._memory.postings.values()
            if p.sent_at is None
            and p.failed_at is None
            and p.next_attempt_at <= now
            and (p.held_until is None or p.held_until <= now)
        ]
        return sorted(due, key=lambda p: (p.next_attempt_at, p.id))

    def any_due(self, now):
        return bool(self._due(now))

    def claim(self, now, *, by, until, limit=20):
        found = [replace(p, held_by=by, held_until=until) for p in self._due(now)[:limit]]
        self.post(found)
        return found

    def settle(self, posting, *, by):
        known = self._memory.postings.get(posting.id)
        if known is None or known.held_by != by:
            return False
        self.post([replace(posting, held_by=None, held_until=None)])
        return True

    def posting(self, posting_id):
        return self._memory.postings.get(posting_id)

    def _waiting(self, webhook_id):
        waiting = [p for p in self._memory.postings.values() if p.sent_at is None and p.failed_at is None]
        return [p for p in waiting if p.webhook_id == webhook_id]

    def rest(self, webhook_id, until):
        self.post([replace(p, next_attempt_at=max(p.next_attempt_at, until)) for p in self._waiting(webhook_id)])

    def gone(self, webhook_id, url, why, now):
        known = self._memory.webhooks.get(webhook_id)
        if known is None or known.url != url or not known.active:
            return False
        self.save(replace(known, active=False, gone_at=now))
        self.post([replace(p, failed_at=now, why=why) for p in self._waiting(webhook_id)])
        return True

    def untaken(self, estate, of, limit):
        found = sorted(self._memory.postings.values(), key=lambda p: p.id, reverse=True)
        failed = [p for p in found if p.webhook_id in of and p.sent_at is None and p.why is not None]
        return [p for p in failed if p.estate == estate][:limit]

    def forget(self, settled_before, limit):
        kept = self._memory.postings
        last = {p.webhook_id: p.sent_at for p in sorted(kept.values(), key=lambda p: p.id) if p.sent_at}
        for p in kept.values():
            if p.sent_at is not None:
                last[p.webhook_id] = max(last[p.webhook_id], p.sent_at)
        over = [p for p in kept.values() if (p.sent_at or p.failed_at or settled_before) < settled_before]
        spare = [p for p in over if p.sent_at is None or p.sent_at < last[p.webhook_id]]
        for p in sorted(spare, key=lambda p: (p.created_at, p.id))[:limit]:
            del kept[p.id]
        return min(len(spare), limit)

    def tallies(self, of):
        found = {}
        for id_ in of:
            ours = [p for p in self._memory.postings.values() if p.webhook_id == id_]
            lost = [p for p in ours if p.sent_at is None and p.failed_at is not None]
            taken = [p.sent_at for p in ours if p.sent_at is not None]
            if ours:
                found[id_] = Tally(len(ours) - len(lost) - len(taken), len(lost), max(taken, default=None))
        return found

    def postings(self, webhook_id, *, failed, limit, before=None):
        found = sorted(self._memory.postings.values(), key=lambda p: p.id, reverse=True)
        kept = [p for p in found if p.webhook_id == webhook_id and (p.why is not None or not failed)]
        return [p for p in kept if before is None or p.id < before][:limit]
