"""How members are reached: their channels, and the code that proves one."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cloud.application.estates.sign_in import Identity, estates_of
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.reach_ports import CodeSender
from cloud.application.rosters.keeping import KEEPS, Act
from cloud.domain.community.contacts import Contact, checked_address, ordered
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member
from cloud.domain.community.verification import CODE_DIGITS, tried, with_code
from cloud.domain.records.ledger import Kind
from cloud.errors import Conflict, Invalid, NotFound

MOST_CHANNELS: Final = 10


@dataclass(frozen=True, slots=True)
class ContactView:
    """A channel, called by its `key`; its address in full for the member alone, masked for whoever else may see it."""

    key: str
    member_id: str
    channel: str
    address: str
    verified_at: datetime | None
    relied_upon: bool
    code_sent_at: datetime | None


class KeepContacts:
    """A member keeps their own channels; a manager of one of their parties sees them masked and may add and remove them.

    Only who reads the channel verifies it. Raises NotFound, Invalid, Conflict, Unavailable.
    """

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        sender: CodeSender,
        new_code: Callable[[], str] = lambda: f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}",
    ) -> None:
        self._units, self._clock, self._sender, self._new_code = units, clock, sender, new_code

    def may_see(self, member_id: str, viewer: Identity, key: str | None = None) -> None:
        """Raises NotFound where that member's channels, or the one of that key, are not the viewer's to see."""
        with self._units.reading() as uow:
            self._member(uow, member_id, viewer)
            if key is not None:
                _find(uow, member_id, key)

    def of_member(self, member_id: str, viewer: Identity) -> list[ContactView]:
        """As they are tried."""
        with self._units.reading() as uow:
            self._member(uow, member_id, viewer)
            return [_view(one, viewer) for one in ordered(uow.contacts.of(member_id))]

    def add(self, member_id: str, channel: str, address: str, viewer: Identity) -> ContactView:
        contact = Contact(member_id, channel, checked_address(channel, address))
        with self._units.writing() as uow:
            member, known = self._member(uow, member_id, viewer), uow.contacts.of(member_id)
            if any(one.key == contact.key for one in known):
                raise Conflict("This channel is there already.", "该联系方式已存在")
            if len(known) >= MOST_CHANNELS:
                raise Invalid("The channel was not added.", [f"there are {MOST_CHANNELS} already; remove one first"])
            last = max((one.preference for one in known), default=-1)
            contact = replace(contact, preference=last + 1)
            uow.contacts.replace(member_id, [*known, contact])
            self._note(uow, member, contact, Act(Kind.CONTACT_ADDED, viewer.member.id))
            uow.commit()
        return _view(contact, viewer)

    def remove(self, member_id: str, key: str, viewer: Identity) -> None:
        with self._units.writing() as uow:
            member, contact = self._member(uow, member_id, viewer), _find(uow, member_id, key)
            uow.contacts.replace(member_id, [one for one in uow.contacts.of(member_id) if one.key != key])
            self._note(uow, member, contact, Act(Kind.CONTACT_REMOVED, viewer.member.id))
            uow.commit()

    def send_code(self, member_id: str, key: str, viewer: Identity) -> ContactView:
        """A code goes through the channel itself. It is kept before it is sent: a lost one can be asked for again."""
        code = self._new_code()
        with self._units.writing() as uow:
            member = self._member(uow, member_id, viewer)
            contact = with_code(_find(uow, member_id, key), code, self._clock.now())
            _keep(uow, contact)
            self._note(uow, member, contact, Act(Kind.CONTACT_CODE_SENT, viewer.member.id))
            uow.commit()
        words = Names(f"Tocsin 验证码：{code}，15 分钟内有效。", f"Your Tocsin code: {code} . It lasts 15 minutes.")
        self._sender.send_code(contact, words)
        return _view(contact, viewer)

    def verify(self, member_id: str, key: str, code: str, viewer: Identity) -> ContactView:
        """The member says what arrived. A wrong code counts, and five of them end it."""
        if viewer.member.id != member_id:
            raise NotFound("Only the member themself verifies a channel.", "只能由本人验证")
        with self._units.writing() as uow:
            member = self._member(uow, member_id, viewer)
            contact = tried(_find(uow, member_id, key), code, self._clock.now())
            _keep(uow, contact)
            if contact.relied_upon:
                self._note(uow, member, contact, Act(Kind.CONTACT_VERIFIED, viewer.member.id))
            uow.commit()
        if not contact.relied_upon:
            raise Invalid("This is not the code that was sent.", ["code: read it again, or ask for a new one"])
        return _view(contact, viewer)

    @staticmethod
    def _member(uow: UnitOfWork, member_id: str, viewer: Identity) -> Member:
        """The member, if it is the viewer or somebody whose party the viewer manages; else there is none."""
        member = uow.registers.member(member_id)
        own = member is not None and member.id == viewer.member.id
        if member is None or not (own or _manages(viewer.member, member)):
            raise NotFound(f"There is no member {member_id!r} here, or their channels are not yours to see.")
        return member

    def _note(self, uow: UnitOfWork, member: Member, contact: Contact, act: Act) -> None:
        """By its channel alone: an address is personal data and never stands in the ledger, nor does its digest."""
        data = {"member": member.id, "party": member.party_id, "channel": contact.channel}
        for estate in estates_of(uow, member):
            uow.ledger.append(estate, [act.draft(self._clock.now(), member.id, data)])


def _find(uow: UnitOfWork, member_id: str, key: str) -> Contact:
    contact = next((one for one in uow.contacts.of(member_id) if one.key == key), None)
    if contact is None:
        raise NotFound(f"Member {member_id!r} has no channel {key!r}.", "没有这个联系方式")
    return contact


def _keep(uow: UnitOfWork, contact: Contact) -> None:
    """It as it is now, in its place among the member's others."""
    known = uow.contacts.of(contact.member_id)
    uow.contacts.replace(contact.member_id, [contact if one.key == contact.key else one for one in known])


def _manages(manager: Member, member: Member) -> bool:
    return any(manager.role_in(one.party_id) in KEEPS for one in member.memberships)


def _view(contact: Contact, viewer: Identity) -> ContactView:
    own = contact.member_id == viewer.member.id
    return ContactView(
        key=contact.key,
        member_id=contact.member_id,
        channel=contact.channel,
        address=contact.address if own else contact.masked,
        verified_at=contact.verified_at,
        relied_upon=contact.relied_upon,
        code_sent_at=contact.code_sent_at,
    )
