"""What is said without a task is sent: announcements of exercises to members, a caller's own link to the caller, answers to needs."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cloud.application.channel_ports import MeansNow
from cloud.application.messages import Channels, Message, why_not
from cloud.application.notices.prepare import Calls
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.community.access import token_hash
from cloud.domain.community.contacts import Contact, channel_of
from cloud.domain.community.faults import fault
from cloud.domain.community.names import Language
from cloud.domain.community.reaching import CONSOLE, unrung, way_to
from cloud.domain.duties.escalation import Importance
from cloud.domain.duties.register import Register
from cloud.domain.records.failure import facts_of, without_its_address
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.missive import OF_NEEDS, Missive, Subject
from cloud.errors import CloudError

_log = logging.getLogger(__name__)

_NO_CHANNEL = "no_channel"


@dataclass(frozen=True, slots=True)
class _Ready:
    missive: Missive
    contact: Contact
    message: Message
    others: bool


class SendMissives:
    """One run over what is due; whether there was any. Each is claimed durably before it is sent outside any transaction, as
    `SendNotifications` does: a crash between sending and noting it sends again once the claim has run out, under the same
    id. What is sent here wakes nobody: it keeps quiet hours and never calls.
    """

    def __init__(
        self, units: UnitsOfWork, clock: Clock, channels: Channels, *, means: MeansNow, calls: Calls | None = None
    ) -> None:
        self._units, self._clock, self._channels, self._means = units, clock, channels, means
        self._calls = calls or Calls()

    def __call__(self, limit: int = 20) -> bool:
        with self._units.reading() as uow:
            estates = sorted({one.estate for one in uow.missives.due(self._clock.now(), limit)})
        if not estates:
            return False
        for ready in self._claim(estates, limit):
            self._settle(ready, self._attempt(ready))
        return True

    def _claim(self, estates: Sequence[str], limit: int) -> list[_Ready]:
        with self._units.writing() as uow:
            for estate in estates:
                uow.ledger.hold(estate)
            now, found = self._clock.now(), []
            for missive in uow.missives.due(now, limit):
                if missive.estate in estates:
                    ready = self._prepare(uow, missive, now)
                    found += [ready] if ready is not None else []
            uow.commit()
        return found

    def _prepare(self, uow: UnitOfWork, missive: Missive, now: datetime) -> _Ready | None:
        register = uow.registers.find(missive.estate)
        assert register is not None, f"estate {missive.estate} has lost its register"
        if _is_past(uow, missive, now):
            uow.missives.save(missive.withdrawn(now))
            return None
        ways = self._ways(uow, missive)
        way = way_to(ways, missive.tried, register.estate.local(now), urgent=False, told=False, waited=False)
        if way.contact is None and way.until is not None:
            uow.missives.save(missive.waits(way.until))
            return None
        claimed = missive.claimed(now)
        if way.contact is None:
            self._fails(uow, claimed, None, _NO_CHANNEL, now=now, others=False)
            return None
        uow.missives.save(claimed)
        message = self._message(uow, claimed, way.contact, register)
        return _Ready(claimed, way.contact, message, way.others)

    def _ways(self, uow: UnitOfWork, missive: Missive) -> list[Contact]:
        if missive.member_id is None:
            kept = uow.personal.get(f"{missive.about}-contact")
            channel = channel_of(kept.text) if kept is not None else None
            usable = kept is not None and channel is not None and channel in self._channels
            return [Contact(missive.about, channel, kept.text.strip())] if usable and kept and channel else []
        known = self._means().ways(missive.member_id, uow.contacts.of(missive.member_id))
        ring = frozenset(kind for kind, channel in self._channels.items() if channel.rings)
        found = unrung([one for one in known if one.channel in self._channels], ring)
        if not known and CONSOLE in self._channels:
            return [Contact(missive.member_id, CONSOLE, "")]
        return found

    def _message(self, uow: UnitOfWork, missive: Missive, contact: Contact, register: Register) -> Message:
        language, name = self._reader(missive, contact, register)
        same = hashlib.sha256(f"{missive.id}|{contact.key}".encode()).hexdigest()[:32]
        link = self._link(uow, missive) if missive.subject is Subject.REPORT_LINK else None
        text = missive.words.of(language) + (f"\n{link}" if link else "")
        return Message(same, contact.address, name, language, Importance.NORMAL, text)

    def _reader(self, missive: Missive, contact: Contact, register: Register) -> tuple[Language, str]:
        member = register.members.get(missive.member_id or "")
        if member is None:
            return self._calls.language, missive.party_id or ""
        party = register.party(missive.party_id or member.party_id).names
        language = self._calls.language if contact.channel == CONSOLE else member.language
        return language, f"{party.of(language)} · {member.names.of(language)}"

    def _link(self, uow: UnitOfWork, missive: Missive) -> str | None:
        """Made when it is sent, so that it is kept nowhere; one that was sent before opens nothing any more."""
        report = uow.reports.get(missive.about)
        if report is None or self._calls.public_url is None:
            return None
        token = self._calls.new_token()
        uow.reports.save(replace(report, token_hash=token_hash(token)))
        return f"{self._calls.public_url}/follow/{token}"

    def _attempt(self, ready: _Ready) -> str | None:
        """Why it did not leave."""
        try:
            self._channels[ready.contact.channel].deliver(ready.message)
        except CloudError as error:
            return without_its_address(why_not(error), ready.contact)
        except Exception as error:  # noqa: BLE001 - logged, recorded and tried again
            # What a provider's library says may quote the address or a secret.
            _log.error("a channel fails unexpectedly: %s: %s", ready.contact.channel, type(error).__name__)
            return fault("unexpected", detail=type(error).__name__)
        return None

    def _settle(self, ready: _Ready, why: str | None) -> None:
        with self._units.writing() as uow:
            uow.ledger.hold(ready.missive.estate)
            now, current = self._clock.now(), uow.missives.get(ready.missive.id)
            if current is None or current.claims != ready.missive.claims or current.next_at is None:
                return
            if why is None:
                uow.missives.save(current.sent(now))
                facts = {"channel": ready.contact.channel, "reason": current.subject.value}
                _say(uow, current, facts, now, sent=True)
            else:
                self._fails(uow, current, ready.contact, why, now=now, others=ready.others)
            uow.commit()

    @staticmethod
    def _fails(
        uow: UnitOfWork, missive: Missive, contact: Contact | None, why: str, *, now: datetime, others: bool
    ) -> None:
        after = missive.failed(contact, now, others=others)
        uow.missives.save(after)
        if (after.rounds == 1 and missive.rounds == 0) or after.failed_at is not None:
            facts = {**facts_of(why), **({"channel": contact.channel} if contact else {})}
            _say(uow, after, facts, now, sent=False)


def _is_past(uow: UnitOfWork, missive: Missive, now: datetime) -> bool:
    """What was planned is over, or the address was erased meanwhile: nobody need hear of it any more."""
    match missive.subject:
        case Subject.EXERCISE_PLANNED:
            exercise = uow.exercises.get(missive.about)
            return exercise is None or exercise.ended_at is not None or exercise.ends_at <= now
        case Subject.REPORT_LINK:
            contact = uow.personal.get(f"{missive.about}-contact")
            return contact is None or contact.erased_at is not None
        case Subject.NEED_ANSWERED | Subject.NEED_TAKEN_UP:
            need = uow.exchange.posting(missive.about)
            return need is None or not need.open
    return False


def _say(uow: UnitOfWork, missive: Missive, facts: Mapping[str, Any], now: datetime, *, sent: bool) -> None:
    """Of a caller's link on the timeline of what they reported; nothing of the caller."""
    if missive.subject is Subject.REPORT_LINK:
        report = uow.reports.get(missive.about)
        incident = report.incident_id if report else None
        task = uow.tasks.of_incident(incident) if incident else None
        kind, about = (Kind.LINK_SENT if sent else Kind.LINK_NOT_SENT), {"report": missive.about}
        task_id = task.id if task else None
    else:
        kind, incident, task_id = (Kind.NOTIFIED if sent else Kind.NOT_NOTIFIED), None, None
        about = {
            "party": missive.party_id or "",
            "member": missive.member_id or "",
            "need" if missive.subject in OF_NEEDS else "exercise": missive.about,
            "importance": Importance.NORMAL.value,
        }
    uow.ledger.append(missive.estate, [Draft(kind, now, "system", incident, task_id, missive.id, {**about, **facts})])
