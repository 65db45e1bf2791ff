"""How a member wants to be reached: read, replaced and tried out by the member alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from cloud.application.messages import Channels, Message
from cloud.application.ports import Clock, Ids, UnitsOfWork
from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member
from cloud.domain.community.reaching import CONSOLE
from cloud.domain.duties.escalation import Importance
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import CloudError, Invalid, NotFound, Throttled

MOST: Final = 10
TEST_EVERY: Final = timedelta(seconds=30)

_TEST: Final = Names(
    "这是一条测试消息：险情发生时您会这样收到通知。", "This is a test: in an emergency you will be told like this."
)
_SHAPES: Final = {
    "email": re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"/]{1,190}"),
    "sms": re.compile(r"\+?[0-9][0-9 -]{4,20}"),
    "voice": re.compile(r"\+?[0-9][0-9 -]{4,20}"),
}
_ANY: Final = re.compile(r"[^\s\x00-\x1f]{1,256}")


@dataclass(frozen=True, slots=True)
class Tested:
    """What came of a test message. `why` None: the channel took it."""

    taken: bool
    why: str | None = None


class ContactBook:
    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids, channels: Channels) -> None:
        self._units, self._clock, self._ids, self._channels = units, clock, ids, channels
        self._tested: dict[str, datetime] = {}
        self._lock = Lock()

    @property
    def kinds(self) -> tuple[str, ...]:
        """Channels a member may choose from."""
        return tuple(sorted(kind for kind in self._channels if kind != CONSOLE))

    def of(self, member_id: str) -> Sequence[Contact]:
        with self._units.reading() as uow:
            return uow.contacts.of(member_id)

    def replace(self, member: Member, estates: Sequence[str], given: Sequence[Contact]) -> Sequence[Contact]:
        """All contacts at once, in order of preference. One whose address stays keeps its verification. Raises Invalid."""
        problems = [*self._problems(given)]
        if problems:
            raise Invalid("The contacts were not taken.", problems)
        with self._units.writing() as uow:
            known = {contact.key: contact for contact in uow.contacts.of(member.id)}
            kept = [
                replace(
                    known.get(contact.key, replace(contact, member_id=member.id, verified_at=None)),
                    preference=number,
                    quiet_from=contact.quiet_from,
                    quiet_until=contact.quiet_until,
                    digest=contact.digest,
                )
                for number, contact in enumerate(given)
            ]
            uow.contacts.replace(member.id, kept)
            facts = {"channels": [contact.channel for contact in kept]}
            draft = Draft(
                Kind.CONTACTS_CHANGED,
                self._clock.now(),
                f"member:{member.id}",
                None,
                member.id,
                f"contacts:{member.id}",
                facts,
            )
            for estate in estates:
                uow.ledger.append(estate, [draft])
            uow.commit()
        return kept

    def test(self, member: Member, number: int) -> Tested:
        """Sends a test message to the contact of that place in the order. Raises NotFound, Throttled."""
        contacts = self.of(member.id)
        if not 0 <= number < len(contacts):
            raise NotFound(f"There is no contact {number}: you have {len(contacts)}.", "没有这个联系方式")
        contact, now = contacts[number], self._clock.now()
        self._require_pause(member.id, now)
        channel = self._channels.get(contact.channel)
        if channel is None:
            return Tested(taken=False, why=f"the channel {contact.channel} is not set up here")
        text, name = _TEST.of(member.language), member.names.of(member.language)
        message = Message(f"test-{self._ids.new(now)}", contact.address, name, member.language, Importance.NORMAL, text)
        try:
            channel.deliver(message)
        except CloudError as error:
            return Tested(taken=False, why=str(error))
        return Tested(taken=True)

    def _require_pause(self, member_id: str, now: datetime) -> None:
        """A test rings at an address that nobody has proven to be the member's: not more often than a person would."""
        with self._lock:
            last = self._tested.get(member_id)
            if last is not None and now - last < TEST_EVERY:
                wait = int(TEST_EVERY.total_seconds())
                raise Throttled(f"One test in {wait} seconds. Wait a moment.", f"每 {wait} 秒只能测试一次，请稍候")
            self._tested[member_id] = now

    def _problems(self, given: Sequence[Contact]) -> Sequence[str]:
        problems = [f"contacts: at most {MOST}, not {len(given)}"] if len(given) > MOST else []
        seen: set[str] = set()
        for number, contact in enumerate(given):
            where = f"contacts.{number}"
            if contact.channel not in self.kinds:
                known = ", ".join(self.kinds) or "none: the operator has set up no channel"
                problems.append(f"{where}.channel: {contact.channel!r} is not set up here; there is {known}")
            elif not _SHAPES.get(contact.channel, _ANY).fullmatch(contact.address):
                problems.append(f"{where}.address: does not look like an address for {contact.channel}")
            if (contact.quiet_from is None) != (contact.quiet_until is None):
                problems.append(f"{where}: quiet_from and quiet_until belong together")
            if contact.key in seen:
                problems.append(f"{where}: stands there twice")
            seen.add(contact.key)
        return problems
