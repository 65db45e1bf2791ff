"""What was claimed is made ready to be sent: through which channel, in which words, with which link."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from cloud.application.channel_ports import MeansNow
from cloud.application.messages import Channels, Message
from cloud.application.notices.fold_flood import MOST, Plan, flooded, summary
from cloud.application.notices.nobody import nobody_reached
from cloud.application.notices.sparing import Sparing, SparingRound
from cloud.application.ports import UnitOfWork
from cloud.domain.community.access import AccessKey, Matter, Purpose, token_hash
from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Language
from cloud.domain.community.reaching import CONSOLE, Way, unrung, way_to
from cloud.domain.duties.escalation import Importance
from cloud.domain.records.allowance import Spared
from cloud.domain.records.delivery import Delivery
from cloud.domain.records.failure import facts_of
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.notification import ACCEPTABLE, Notification, Reason
from cloud.domain.tasks.actions import Action, refusal

LINK_LASTS: Final = timedelta(hours=24)
"""How long the link in a message opens the task for its reader; a later message brings a later one."""

_NO_CHANNEL: Final = "no_channel"

FLOOD: Final = "flood"
"""Why a message waits that is told within the next summary."""


@dataclass(frozen=True)
class Calls:
    """Where people and gateways find this service, and the language of who reads the console. `public_url` None: messages
    carry no links, and keys pressed in a call are not told.
    """

    public_url: str | None = None
    language: Language = "en"
    new_token: Callable[[], str] = lambda: secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Ready:
    """One message and the deliveries it settles: one, or several to a member who has them gathered."""

    deliveries: tuple[Delivery, ...]
    notifications: tuple[Notification, ...]
    contact: Contact
    message: Message
    others: bool
    until: datetime
    incidents: int = 1
    """How many are told at once in a summary; 1 where it is none."""

    @property
    def summary(self) -> str | None:
        return self.message.id if self.incidents > 1 else None


class Prepare:
    """Works in the unit of work of the claim, so that a link or the key of a call is known before it is used."""

    def __init__(self, channels: Channels, calls: Calls, means: MeansNow, sparing: Sparing) -> None:
        self._channels, self._calls, self._means, self._sparing = channels, calls, means, sparing

    def __call__(self, uow: UnitOfWork, claimed: Sequence[Delivery], now: datetime, by: str) -> list[Ready]:
        """Those that are to be sent now; others were settled: held back, or without any channel."""
        sparing = self._sparing.round(uow, now)
        plans = self._plans(uow, claimed, now, by=by, sparing=sparing)
        floods = flooded(uow, plans, now)
        for reader in floods:
            until = claimed[0].held_until or now
            rest = uow.outbox.claim(now, by=by, until=until, limit=MOST, reader=reader)
            plans += self._plans(uow, rest, now, by=by, sparing=sparing)
        together: dict[tuple[object, ...], list[Plan]] = defaultdict(list)
        for plan in plans:
            due = floods.get(plan.reader) if plan.folds else None
            if due is not None and due > now and not plan.delivery.waited:
                self._hold(uow, plan.delivery, plan.notification, until=due, by=by, now=now, ground=FLOOD)
                continue
            together[plan.bundle if due is not None else _gathered(plan)].append(plan)
        return [self._ready(uow, plans, now, together=key[0] in floods) for key, plans in together.items()]

    def _plans(
        self, uow: UnitOfWork, claimed: Sequence[Delivery], now: datetime, *, by: str, sparing: SparingRound
    ) -> list[Plan]:
        plans = []
        for delivery in claimed:
            plan = self._plan(uow, delivery, now, by=by, sparing=sparing)
            if plan is not None:
                sparing.takes(plan.contact.channel, delivery)
                plans.append(plan)
        return plans

    def _plan(
        self, uow: UnitOfWork, delivery: Delivery, now: datetime, *, by: str, sparing: SparingRound
    ) -> Plan | None:
        notification, register = uow.outbox.get(delivery.notification_id), uow.registers.find(delivery.estate)
        assert notification is not None, f"delivery {delivery.id} has lost its message"
        assert register is not None, f"estate {delivery.estate} has lost its register"
        member = register.members.get(delivery.member_id or "")
        left = sparing.left(self._tried(uow, delivery, notification), delivery, notification)
        way = self._way(left.contacts, delivery, notification, register.estate.local(now))
        if way.contact is not None:
            incident = uow.incidents.get(notification.incident_id)
            assert incident is not None, f"message {notification.id} has lost its incident"
            return Plan(delivery, notification, register, member, way.contact, way.others, incident)
        if way.until is not None:
            self._hold(uow, delivery, notification, until=way.until, by=by, now=now)
        elif left.until is not None:
            self._hold(uow, delivery, notification, until=left.until, by=by, now=now, spared=left.why)
        else:
            self._give_up(uow, delivery, notification, by=by, now=now, why=left.why or _NO_CHANNEL)
        return None

    def _tried(self, uow: UnitOfWork, delivery: Delivery, notification: Notification) -> list[Contact]:
        usable = self._usable(uow, delivery)
        if notification.reason is Reason.HANDLED:
            # That somebody else has come is no reason to ring.
            usable = self._unrung(usable)
        silent = self._unrung(usable)
        return silent if notification.told_of_life_safety and silent else usable

    def _unrung(self, usable: Sequence[Contact]) -> list[Contact]:
        return unrung(usable, {one.channel for one in usable if self._channels[one.channel].rings})

    def _way(self, usable: Sequence[Contact], delivery: Delivery, notification: Notification, local: datetime) -> Way:
        heard = notification.told_of_life_safety and len(self._unrung(usable)) == len(usable)
        urgent = heard or notification.importance is Importance.EMERGENCY
        told = notification.importance is Importance.NORMAL
        return way_to(usable, delivery.tried, local, urgent=urgent, told=told, waited=delivery.waited)

    def _usable(self, uow: UnitOfWork, delivery: Delivery) -> list[Contact]:
        """The ways to the member, by the rule that coverage goes by. Who has none is still printed on the console where
        there is one, which reaches nobody.
        """
        known = uow.contacts.of(delivery.member_id) if delivery.member_id else ()
        ways = self._means().ways(delivery.member_id, known) if delivery.member_id else ()
        found = [one for one in ways if one.channel in self._channels]
        if not found and CONSOLE in self._channels:
            return [Contact(delivery.member_id or delivery.party_id, CONSOLE, "")]
        return found

    @staticmethod
    def _hold(
        uow: UnitOfWork, delivery: Delivery, notification: Notification, *, until: datetime, by: str, now: datetime,
        spared: Spared | None = None, ground: str | None = None,
    ) -> None:  # fmt: skip
        """`spared`: it is not the member who wants it later, but enough was said to them; `ground`: it goes within the
        next summary of a flood.
        """
        uow.outbox.settle(delivery.held_back(until, spared), by=by)
        facts = {"party": delivery.party_id, "member": delivery.member_id, "until": until.isoformat()}
        facts |= {"ground": ground} if ground else {}
        if spared is not None:
            if delivery.why == spared:
                return  # Said before.
            facts["reason"] = spared.value
        uow.ledger.append(delivery.estate, [_draft(Kind.NOTICE_HELD, notification, delivery, now, facts)])

    @staticmethod
    def _give_up(
        uow: UnitOfWork, delivery: Delivery, notification: Notification, *, by: str, now: datetime, why: str
    ) -> None:
        """There is nothing to try, and nothing to try again: a channel may be set up meanwhile, so rounds go on."""
        if notification.reason is Reason.HANDLED:
            uow.outbox.settle(replace(delivery, withdrawn_at=now), by=by)
            return
        after = delivery.failed(None, why, now, others=False)
        uow.outbox.settle(after, by=by)
        if after.rounds == 1:
            facts = {"party": delivery.party_id, "member": delivery.member_id, **facts_of(why)}
            if notification.worth_saying:
                uow.ledger.append(delivery.estate, [_draft(Kind.NOT_NOTIFIED, notification, delivery, now, facts)])
            nobody_reached(uow, notification, now)

    def _ready(self, uow: UnitOfWork, plans: Sequence[Plan], now: datetime, *, together: bool) -> Ready:
        """`together`: as a summary, where they are about more than one incident."""
        first = max(plans, key=lambda plan: plan.delivery.urgency)
        channel, contact = self._channels[first.contact.channel], first.contact
        language = self._language(first)
        incidents = len({plan.incident.id for plan in plans}) if together else 1
        link = self._link(uow, plans, now, flood=incidents > 1) if channel.carries_links else None
        # A key pressed in a call answers for one task; many at once are answered on the board.
        answers = channel.rings and incidents == 1 and _accepts(uow, first, now)
        callback = self._callback(uow, first, now) if answers else None
        delivered = tuple(plan.delivery for plan in plans)
        message = Message(
            id=_id_of(delivered, contact),
            address=contact.address,
            name=_name(first, language),
            language=language,
            importance=first.notification.importance,
            text=_text(plans, incidents, language),
            link=link,
            callback=callback,
            about=first.notification,
            also=tuple(plan.notification for plan in plans if plan is not first),
        )
        until = min(d.held_until for d in delivered if d.held_until is not None)
        notifications = tuple(plan.notification for plan in plans)
        return Ready(delivered, notifications, contact, message, all(plan.others for plan in plans), until, incidents)

    def _language(self, plan: Plan) -> Language:
        return self._calls.language if plan.contact.channel == CONSOLE or plan.member is None else plan.member.language

    def _link(self, uow: UnitOfWork, plans: Sequence[Plan], now: datetime, *, flood: bool) -> str | None:
        """It opens what the message is about, for whom it was sent to, and nothing else: messages are passed on."""
        plan, told = plans[0], [one.notification for one in plans]
        if self._calls.public_url is None or plan.member is None:
            return None
        token = self._calls.new_token()
        matters = tuple(dict.fromkeys(Matter(one.task_id, one.incident_id) for one in told))
        ends = now + LINK_LASTS
        key = AccessKey(
            token_hash(token), plan.member.id, Purpose.LINK, now, ends, label="notification", matters=matters
        )
        uow.keys.put(key)
        leads = f"estate={plan.notification.estate}&flood" if flood else "incident"
        return f"{self._calls.public_url}/enter/{token}?{leads}={plan.notification.incident_id}"

    def _callback(self, uow: UnitOfWork, plan: Plan, now: datetime) -> str | None:
        if self._calls.public_url is None:
            return None
        token = self._calls.new_token()
        uow.outbox.amend(plan.delivery.rings(token_hash(token), now))
        return f"{self._calls.public_url}/callbacks/voice/{token}"


def _accepts(uow: UnitOfWork, plan: Plan, now: datetime) -> bool:
    """Whether a key would accept what the message asks for: nobody is rung for an answer that is taken from nobody."""
    task = uow.tasks.get(plan.delivery.task_id)
    looks = plan.notification.reason is Reason.VERIFY
    if task is None or plan.member is None or not (looks or plan.notification.reason in ACCEPTABLE):
        return False
    means = Action.LOOK if looks else Action.ACKNOWLEDGE
    return refusal(means, task, plan.member.as_of(plan.delivery.party_id), now) is None


def _text(plans: Sequence[Plan], incidents: int, language: Language) -> str:
    if incidents > 1:
        return summary(plans).of(language)
    return "\n".join(plan.notification.words.of(language) for plan in plans)


def _gathered(plan: Plan) -> tuple[object, ...]:
    """What was held back for company goes together, anything else by itself."""
    alone = "" if plan.delivery.waited and plan.contact.digest else plan.delivery.id
    return plan.delivery.member_id, plan.contact.key, alone


def _draft(
    kind: Kind, notification: Notification, delivery: Delivery, now: datetime, facts: Mapping[str, object]
) -> Draft:
    data = {**facts, "importance": notification.importance.value}
    return Draft(kind, now, "system", notification.incident_id, notification.task_id, delivery.id, data)


def _id_of(delivered: Sequence[Delivery], contact: Contact) -> str:
    """The same whenever the same is sent to the same address, so that a gateway can tell a repetition from news."""
    ids = "+".join(sorted(delivery.id for delivery in delivered))
    return hashlib.sha256(f"{ids}|{contact.key}".encode()).hexdigest()[:32]


def _name(plan: Plan, language: Language) -> str:
    party = plan.register.party(plan.delivery.party_id).names.of(language)
    return f"{party} · {plan.member.names.of(language)}" if plan.member else party
