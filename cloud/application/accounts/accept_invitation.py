"""Somebody comes who was asked in, and says how they want to come from now on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from cloud.application.accounts.keep_members import estates_of_party
from cloud.application.accounts.own_account import checked_login, new_account
from cloud.application.accounts.proving import Proving
from cloud.application.accounts.telling import tell_change
from cloud.application.estates.estates_of_member import estates_of
from cloud.application.estates.revoking import revoke_all
from cloud.application.estates.sign_in import LINK_LASTS, Issued, SignIn
from cloud.application.ports import Clock, UnitOfWork, UnitsOfWork
from cloud.domain.accounts.account import Account, Subject, is_login, login_name
from cloud.domain.accounts.invitation import Invitation, invitation_problem, lives_around
from cloud.domain.community.access import Origin, Purpose, Through, token_hash
from cloud.domain.community.names import Names
from cloud.domain.community.party import Member, Role
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class InvitationView:
    """What is shown to whoever holds the link, before they take it."""

    names: Names
    party_names: Names
    estate_names: Names
    by: Names
    role: Role
    expires_at: datetime
    time_zone: str
    region: str
    """Both of the estate it leads into."""


@dataclass(frozen=True, slots=True)
class WithLink:
    """Who stays with links has one, shown this once, and is in."""

    session: Issued
    link: Issued


class AcceptInvitation:
    """An invitation works once. Raises NotFound when it is unknown, used, revoked or over."""

    def __init__(self, units: UnitsOfWork, clock: Clock, proving: Proving, sign_in: SignIn) -> None:
        self._units, self._clock, self._proving, self._sign_in = units, clock, proving, sign_in

    def look(self, secret: str, address: str) -> InvitationView:
        """Raises NotFound, Throttled: who guesses is counted."""
        with self._units.reading() as uow:
            found = self._found(uow, secret)
            if found is not None:
                register = uow.registers.find(found.estate)
                assert register is not None, f"estate {found.estate} has lost its register"
                by = register.members.get(found.by)
                return InvitationView(
                    found.member.names,
                    register.party(found.member.party_id).names,
                    register.estate.names,
                    by.names if by else Names("系统", "Tocsin"),
                    found.member.role,
                    found.expires_at,
                    register.estate.time_zone,
                    register.estate.days.region,
                )
        self._proving.tries.take(address)
        raise _gone()

    def with_password(
        self, secret: str, login: str, password: str, *, origin: Origin, former: str | None = None
    ) -> Issued:
        """Makes their account and lets them in. Raises NotFound, Refused, Conflict."""
        self.look(secret, origin.address)
        name = checked_login(login)
        hashed = self._proving.means.hashed(password, name, second_factor=False)
        with self._units.writing() as uow:
            now = self._clock.now()
            member = self._take(uow, secret, "password")
            self._start_anew(uow, member.id, now)
            uow.accounts.save(new_account(uow, member.id, name, now).with_password(hashed, now))
            tell_change(uow, member.id, "made", now)
            session = self._sign_in.begin(uow, member.id, Through.INVITATION, origin, former=former)
            uow.commit()
        return session

    def with_link(self, secret: str, *, origin: Origin, former: str | None = None) -> WithLink:
        """No password: a personal link to keep, as long as links last."""
        self.look(secret, origin.address)
        with self._units.writing() as uow:
            member = self._take(uow, secret, "link")
            by = f"member:{member.id}"
            link = self._sign_in.grant(uow, member.id, Purpose.LINK, LINK_LASTS, label="invitation", actor=by)
            session = self._sign_in.begin(uow, member.id, Through.INVITATION, origin, former=former)
            uow.commit()
        return WithLink(session, link)

    def with_subject(self, uow: UnitOfWork, invitation: Invitation, subject: Subject) -> Member:
        """The organisation's provider says who they are; the caller commits."""
        now = self._clock.now()
        member = self._taken(uow, invitation, "organisation")
        self._start_anew(uow, member.id, now)
        account = replace(_named(uow, member, invitation, now), subject=subject)
        uow.accounts.save(account)
        tell_change(uow, member.id, "organisation-linked", now)
        return member

    def open_invitation(self, uow: UnitOfWork, secret: str) -> Invitation:
        found = self._found(uow, secret)
        if found is None:
            raise _gone()
        return found

    def _found(self, uow: UnitOfWork, secret: str) -> Invitation | None:
        found = uow.accounts.invitation(token_hash(secret))
        return found if found is not None and found.open(self._clock.now()) else None

    def _take(self, uow: UnitOfWork, secret: str, how: str) -> Member:
        return self._taken(uow, self.open_invitation(uow, secret), how)

    def _taken(self, uow: UnitOfWork, invitation: Invitation, how: str) -> Member:
        """Uses it up. Whoever asked them in must still be allowed to: roles change, and invitations lie about for a week."""
        now, invited = self._clock.now(), invitation.member
        inviter = uow.registers.member(invitation.by)
        estates = {estate for one in invited.memberships for estate in estates_of_party(uow, one.party_id)}
        known = uow.registers.member(invited.id)
        member = invited if invitation.new else known
        if inviter is None or member is None or (invitation.new and known is not None):
            raise _gone()
        own = estates_of(uow, inviter)
        registers = (uow.registers.find(estate) for estate in own)
        beside = {party.id: party for one in registers if one for party in one.parties.values()}
        around = lives_around(inviter, member, beside)
        if invitation_problem(inviter, member, estates, own, around=around) is not None or not estates:
            raise _gone()
        if invitation.new:
            uow.accounts.add_member(member, estates)
        uow.accounts.save_invitation(replace(invitation, used_at=now, email=None))
        facts = {"member": member.id, "how": f"accepted with {how}"}
        draft = Draft(Kind.INVITATION_ENDED, now, f"member:{member.id}", None, invitation.id, "request", facts)
        uow.ledger.append(invitation.estate, [draft])
        return member

    @staticmethod
    def _start_anew(uow: UnitOfWork, member_id: str, now: datetime) -> None:
        """Who is asked in again has lost something: what proved them before no longer does, and who found it is out."""
        if uow.accounts.of_member(member_id) is not None:
            uow.accounts.remove(member_id)
            both = (Purpose.SESSION, Purpose.API)
            revoke_all(uow, member_id, now, actor=f"member:{member_id}", purposes=both)


def _named(uow: UnitOfWork, member: Member, invitation: Invitation, now: datetime) -> Account:
    """An account for who never types a login: under the mail or the member's id, whichever nobody has."""
    for name in (invitation.email, member.id):
        login = login_name(name or "")
        if is_login(login) and uow.accounts.by_login(login) is None:
            return new_account(uow, member.id, login, now)
    raise Conflict("Neither the mail nor the member's id is free as a login.", "登录名已被使用")


def _gone() -> NotFound:
    return NotFound(
        "This invitation is unknown, used or over. Ask whoever sent it for another.",
        "邀请无效、已使用或已过期，请联系发送人",
    )
