"""How members are reached: their channels, and the code that proves one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cloud.application.estates.sign_in import Identity, estates_of
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.reach_ports import CodeSender
from cloud.application.rosters.keeping import KEEPS
from cloud.domain.community.contact import CODE_DIGITS, ChannelKind, Contact, checked_address
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, Invalid, NotFound

MOST_CHANNELS: Final = 12


@dataclass(frozen=True, slots=True)
class ContactView:
    """A channel; its address in full for the member alone, masked for whoever else may see it."""

    id: str
    member_id: str
    kind: ChannelKind
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
        ids: Ids,
        sender: CodeSender,
        new_code: Callable[[], str] = lambda: f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}",
    ) -> None:
        self._units, self._clock, self._ids, self._sender, self._new_code = units, clock, ids, sender, new_code

    def may_see(self, viewer: Identity, *, member: str | None = None, contact: str | None = None) -> None:
        """Raises NotFound where that member's channels, or that channel, are not the viewer's to see."""
        with self._units.reading() as uow:
            if member is not None:
                self._member(uow, member, viewer)
            if contact is not None:
                self._contact(uow, contact, viewer)

    def of_member(self, member_id: str, viewer: Identity) -> list[ContactView]:
        with self._units.reading() as uow:
            self._member(uow, member_id, viewer)
            return [_view(one, viewer) for one in uow.contacts.of_members([member_id]).get(member_id, ())]

    def add(self, member_id: str, kind: ChannelKind, address: str, viewer: Identity) -> ContactView:
        text = checked_address(kind, address)
        with self._units.writing() as uow:
            member, now = self._member(uow, member_id, viewer), self._clock.now()
            known: Sequence[Contact] = uow.contacts.of_members([member_id]).get(member_id, ())
            if any((one.kind, one.address) == (kind, text) for one in known):
                raise Conflict("This channel is there already.", "该联系方式已存在")
            if len(known) >= MOST_CHANNELS:
                raise Invalid("The channel was not added.", [f"there are {MOST_CHANNELS} already; remove one first"])
            contact = Contact(self._ids.new(now), member_id, kind, text, now)
            uow.contacts.save(contact)
            self._note(uow, member, contact, viewer, Kind.CONTACT_ADDED)
            uow.commit()
            return _view(contact, viewer)

    def remove(self, contact_id: str, viewer: Identity) -> None:
        with self._units.writing() as uow:
            contact, member = self._contact(uow, contact_id, viewer)
            uow.contacts.remove(contact_id)
            self._note(uow, member, contact, viewer, Kind.CONTACT_REMOVED)
            uow.commit()

    def send_code(self, contact_id: str, viewer: Identity) -> ContactView:
        """A code goes through the channel itself. It is kept before it is sent: a lost one can be asked for again."""
        code = self._new_code()
        with self._units.writing() as uow:
            contact, member = self._contact(uow, contact_id, viewer)
            contact = contact.with_code(code, self._clock.now())
            uow.contacts.save(contact)
            self._note(uow, member, contact, viewer, Kind.CONTACT_CODE_SENT)
            uow.commit()
        words = Names(f"Tocsin 验证码：{code}，15 分钟内有效。", f"Your Tocsin code: {code} . It lasts 15 minutes.")
        self._sender.send_code(contact, words)
        return _view(contact, viewer)

    def verify(self, contact_id: str, code: str, viewer: Identity) -> ContactView:
        """The member says what arrived. A wrong code counts, and five of them end it."""
        with self._units.writing() as uow:
            contact, member = self._contact(uow, contact_id, viewer)
            if viewer.member.id != contact.member_id:
                raise NotFound("Only the member themself verifies a channel.", "只能由本人验证")
            tried = contact.tried(code, self._clock.now())
            uow.contacts.save(tried)
            if tried.relied_upon:
                self._note(uow, member, tried, viewer, Kind.CONTACT_VERIFIED)
            uow.commit()
        if not tried.relied_upon:
            raise Invalid("This is not the code that was sent.", ["code: read it again, or ask for a new one"])
        return _view(tried, viewer)

    @staticmethod
    def _member(uow: UnitOfWork, member_id: str, viewer: Identity) -> Member:
        """The member, if it is the viewer or somebody whose party the viewer manages; else there is none."""
        member = uow.registers.member(member_id)
        own = member is not None and member.id == viewer.member.id
        if member is None or not (own or _manages(viewer.member, member)):
            raise NotFound(f"There is no member {member_id!r} here, or their channels are not yours to see.")
        return member

    def _contact(self, uow: UnitOfWork, contact_id: str, viewer: Identity) -> tuple[Contact, Member]:
        contact = uow.contacts.get(contact_id)
        if contact is None:
            raise NotFound(f"There is no channel {contact_id!r} here, or it is not yours.", "没有这个联系方式")
        return contact, self._member(uow, contact.member_id, viewer)

    def _note(self, uow: UnitOfWork, member: Member, contact: Contact, viewer: Identity, kind: Kind) -> None:
        """By its id and its kind: an address is personal data and never stands in the ledger."""
        data = {"member": member.id, "party": member.party_id, "contact": contact.id, "channel": contact.kind.value}
        draft = Draft(kind, self._clock.now(), f"member:{viewer.member.id}", None, contact.id, None, data)
        for estate in estates_of(uow, member):
            uow.ledger.append(estate, [draft])


def _manages(manager: Member, member: Member) -> bool:
    shared = {one.party_id for one in member.memberships if manager.role_in(one.party_id) in KEEPS}
    return bool(shared)


def _view(contact: Contact, viewer: Identity) -> ContactView:
    own = contact.member_id == viewer.member.id
    return ContactView(
        id=contact.id,
        member_id=contact.member_id,
        kind=contact.kind,
        address=contact.address if own else contact.masked,
        verified_at=contact.verified_at,
        relied_upon=contact.relied_upon,
        code_sent_at=contact.code_sent_at,
    )
