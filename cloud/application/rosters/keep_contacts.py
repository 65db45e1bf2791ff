"""How members are reached: their contacts in order, quiet hours, and the code that proves one."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from cloud.application.asking.personal_looks import PersonalLooks
from cloud.application.estates.estates_of_member import estates_of
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.application.rosters.keeping import KEEPS, Act
from cloud.application.rosters.through_channels import Tested, ThroughChannels
from cloud.domain.community.contact_rules import MOST, Loss, lost_with, problems
from cloud.domain.community.contacts import Contact, checked_address, ordered
from cloud.domain.community.names import Language, Names
from cloud.domain.community.party import Member
from cloud.domain.community.verification import CODE_DIGITS, tried, with_code
from cloud.domain.records.ledger import Kind
from cloud.domain.records.personal import PersonalClass
from cloud.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class ContactView:
    """A contact, called by its `key`; its address in full for the member alone, masked for whoever else may see it.
    In quiet hours, in the estate's time, only life safety gets through; `digest` gathers what is merely told.
    """

    key: str
    member_id: str
    channel: str
    address: str
    verified_at: datetime | None
    relied_upon: bool
    code_sent_at: datetime | None
    quiet_from: time | None
    quiet_until: time | None
    digest: bool


@dataclass(frozen=True, slots=True)
class ContactsView:
    """In the order in which they are tried; `channels`: those that are set up here; `rings`: those of them that wake who
    sleeps.
    """

    contacts: list[ContactView]
    channels: list[str]
    rings: list[str]


class KeepContacts:
    """A member keeps their own contacts; a manager of one of their parties sees them masked, and may add, remove and try
    them to set the member up. Order and quiet hours are the member's own, and only who reads a channel verifies it. Raises NotFound, Invalid, Conflict, Unavailable.
    """

    def __init__(
        self,
        units: UnitsOfWork,
        clock: Clock,
        through: ThroughChannels,
        new_code: Callable[[], str] = lambda: f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}",
    ) -> None:
        self._units, self._clock, self._through, self._new_code = units, clock, through, new_code
        self._looks = PersonalLooks(units, clock)

    def may_see(self, member_id: str, viewer: Identity, key: str | None = None) -> None:
        """Raises NotFound where that member's channels, or the one of that key, are not the viewer's to see."""
        with self._units.reading() as uow:
            self._member(uow, member_id, viewer)
            if key is not None:
                _find(uow, member_id, key)

    def of_member(self, member_id: str, viewer: Identity) -> ContactsView:
        """That somebody else looked is an entry of the ledger, masked as they see it."""
        with self._units.reading() as uow:
            member = self._member(uow, member_id, viewer)
            found, theirs = self._all(uow.contacts.of(member_id), viewer), estates_of(uow, member)
        if viewer.member.id != member_id and found.contacts:
            for estate in set(theirs) & set(viewer.estates):
                self._looks.note(viewer, estate, f"member:{member_id}", PersonalClass.CONTACT)
        return found

    def replace(self, member_id: str, given: Sequence[Contact], viewer: Identity) -> ContactsView:
        """All at once, in order of preference, by the member alone. One whose address stays keeps its verification."""
        if viewer.member.id != member_id:
            raise NotFound("Only the member themself orders their contacts.", "只能由本人调整")
        with self._units.writing() as uow:
            member, known = self._member(uow, member_id, viewer), {c.key: c for c in uow.contacts.of(member_id)}
            given = [replace(one, address=one.address.strip()) for one in given]
            wrong = [*problems(given, self._through.kinds, known)]
            if wrong:
                raise Invalid("The contacts were not taken.", wrong)
            kept = [
                replace(
                    known.get(one.key, replace(one, member_id=member.id, verified_at=None)),
                    preference=number, quiet_from=one.quiet_from, quiet_until=one.quiet_until, digest=one.digest,
                )
                for number, one in enumerate(given)
            ]  # fmt: skip
            if kept == list(uow.contacts.of(member.id)):
                return self._all(kept, viewer)
            uow.contacts.replace(member.id, kept)
            self._record(
                uow, member, Act(Kind.CONTACTS_CHANGED, member.id), {"channels": [one.channel for one in kept]}
            )
            uow.commit()
        return self._all(kept, viewer)

    def choose_language(self, language: Language, viewer: Identity) -> None:
        """In which messages come to the viewer from now on; loading the estate's file again leaves it."""
        with self._units.writing() as uow:
            member = self._member(uow, viewer.member.id, viewer)
            if member.language == language:
                return
            uow.registers.choose_language(member.id, language)
            self._record(uow, member, Act(Kind.CONTACTS_CHANGED, member.id), {"language": language})
            uow.commit()

    def add(self, member_id: str, channel: str, address: str, viewer: Identity) -> ContactView:
        contact = Contact(member_id, channel, checked_address(channel, address))
        kinds = self._through.kinds
        if kinds and channel not in kinds:
            raise Invalid(
                "The channel was not added.",
                [f"channel: {channel!r} is not set up here; there is {', '.join(kinds)}"],
            )
        with self._units.writing() as uow:
            member, known = self._member(uow, member_id, viewer), uow.contacts.of(member_id)
            if any(one.key == contact.key for one in known):
                raise Conflict("This channel is there already.", "该联系方式已存在")
            if len(known) >= MOST:
                raise Invalid("The channel was not added.", [f"there are {MOST} already; remove one first"])
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

    def lost_with(self, member_id: str, key: str, viewer: Identity) -> Loss | None:
        """What the member would lose with it, for who is about to remove it."""
        with self._units.reading() as uow:
            self._member(uow, member_id, viewer)
            return lost_with(_find(uow, member_id, key), uow.contacts.of(member_id), self._through.rings)

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
        self._through.code(contact, member, words)
        return _view(contact, viewer)

    def test(self, member_id: str, key: str, viewer: Identity) -> Tested:
        """A test message through that channel. Raises Throttled as well."""
        with self._units.reading() as uow:
            member, contact = self._member(uow, member_id, viewer), _find(uow, member_id, key)
        return self._through.test(contact, member)

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
        uow.contacts.hold()
        member = uow.registers.member(member_id)
        own = member is not None and member.id == viewer.member.id
        if member is None or not (own or _manages(viewer.member, member)):
            raise NotFound(f"There is no member {member_id!r} here, or their channels are not yours to see.")
        return member

    def _note(self, uow: UnitOfWork, member: Member, contact: Contact, act: Act) -> None:
        """By its channel alone: an address is personal data and never stands in the ledger, nor does its digest."""
        self._record(uow, member, act, {"channel": contact.channel})

    def _record(self, uow: UnitOfWork, member: Member, act: Act, facts: dict[str, object]) -> None:
        data = {"member": member.id, "party": member.party_id, **facts}
        for estate in estates_of(uow, member):
            uow.ledger.append(estate, [act.draft(self._clock.now(), member.id, data)])

    def _all(self, contacts: Sequence[Contact], viewer: Identity) -> ContactsView:
        shown = [_view(one, viewer) for one in ordered(contacts)]
        return ContactsView(shown, list(self._through.kinds), list(self._through.rings))


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
        quiet_from=contact.quiet_from,
        quiet_until=contact.quiet_until,
        digest=contact.digest,
    )
