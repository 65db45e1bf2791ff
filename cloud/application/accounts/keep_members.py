"""Who is asked in, who has an account, and who is shown out: for managers and administrators."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cloud.application.accounts.proving import refused
from cloud.application.estates.estates_of_member import tell_of
from cloud.application.estates.leaving import Leaving
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.accounts.invitation import LASTS, Invitation, invitation_problem
from cloud.domain.community.access import token_hash
from cloud.domain.community.names import Language, Names
from cloud.domain.community.party import Member, Party, Role
from cloud.domain.duties.register import Register
from cloud.domain.records.ledger import Draft, Kind
from cloud.errors import Invalid, NotFound

LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class MemberRow:
    """`added`: asked in, and in no estate's file, so they can be taken out here. `mine`: whoever looks may ask them in anew or
    show them out.
    """

    id: str
    names: Names
    party_id: str
    party_names: Names
    role: Role
    has_account: bool
    second_factor: bool
    added: bool
    mine: bool


@dataclass(frozen=True, slots=True)
class InvitationRow:
    id: str
    names: Names
    party_names: Names
    role: Role
    by: Names
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class MembersView:
    """`parties` and `roles`: what somebody new may be asked in as."""

    members: Sequence[MemberRow]
    invitations: Sequence[InvitationRow]
    parties: Sequence[Party]
    roles: Sequence[Role]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is not in the register yet."""

    names: Names
    party_id: str
    role: Role
    language: Language = "zh"


@dataclass(frozen=True, slots=True)
class Invited:
    """The link's secret is shown this once."""

    secret: str
    invitation: Invitation


class KeepMembers:
    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids) -> None:
        self._units, self._clock, self._ids = units, clock, ids

    def view(self, estate: str, viewer: Identity) -> MembersView:
        with self._units.reading() as uow:
            register = _register(uow, estate, viewer)
            accounts, added = uow.accounts.with_accounts(list(register.members)), uow.accounts.added_members(estate)
            rows = [
                MemberRow(
                    member.id,
                    member.names,
                    member.party_id,
                    register.party(member.party_id).names,
                    member.role,
                    has_account=member.id in accounts,
                    second_factor=member.id in accounts and accounts[member.id].second_factor,
                    added=member.id in added,
                    mine=self._problem(uow, viewer, member) is None,
                )
                for member in register.members.values()
            ]
            now = self._clock.now()
            waiting = [_row(one, register) for one in uow.accounts.invitations([estate]) if one.open(now)]
            parties = [one for one in register.parties.values() if not one.external and self._may(uow, viewer, one.id)]
            roles = [role for role in Role if list(Role).index(role) <= list(Role).index(viewer.member.role)]
        rows.sort(key=lambda row: (row.party_names.en, -list(Role).index(row.role), row.id))
        return MembersView(rows, waiting, parties, roles)

    def invite(self, viewer: Identity, estate: str, who: Newcomer | str, *, email: str | None = None) -> Invited:
        """Asks in somebody new, or gives a member (by id) a way in anew. Raises Refused, Invalid, NotFound."""
        now, secret = self._clock.now(), secrets.token_urlsafe(32)
        with self._units.writing() as uow:
            register = _register(uow, estate, viewer)
            member = self._newcomer(register, who, now) if isinstance(who, Newcomer) else register.members.get(who)
            if member is None:
                raise NotFound("There is no such member in this estate.", "本小区没有这位成员")
            problem = self._problem(uow, viewer, member)
            if problem is not None:
                raise refused(problem)
            invitation = Invitation(
                self._ids.new(now),
                token_hash(secret),
                estate,
                member,
                isinstance(who, Newcomer),
                viewer.member.id,
                now,
                now + LASTS,
                checked_email(email),
            )
            uow.accounts.save_invitation(invitation)
            facts = {"member": member.id, "role": member.role.value, "party": member.party_id, "new": invitation.new}
            _tell(uow, viewer, Kind.MEMBER_INVITED, invitation, now, **facts)
            uow.commit()
        return Invited(secret, invitation)

    def revoke_invitation(self, viewer: Identity, estate: str, invitation_id: str) -> None:
        now = self._clock.now()
        with self._units.writing() as uow:
            _register(uow, estate, viewer)
            invitation = uow.accounts.invitation_by_id(invitation_id)
            if invitation is None or invitation.estate != estate or not invitation.open(now):
                raise NotFound("There is no such invitation that is still open.", "没有这个有效的邀请")
            if self._problem(uow, viewer, invitation.member) is not None:
                raise NotFound("There is no such invitation of yours.", "没有这个有效的邀请")
            uow.accounts.save_invitation(replace(invitation, revoked_at=now))
            _tell(uow, viewer, Kind.INVITATION_ENDED, invitation, now, member=invitation.member.id, how="revoked")
            uow.commit()

    def show_out(self, viewer: Identity, estate: str, member_id: str) -> bool:
        """Ends every session, link and token of a member, their account, webhooks and invitations; takes them out where no file
        names them, with what was theirs alone. Whether they were taken out. Raises NotFound, Refused.
        """
        now = self._clock.now()
        with self._units.writing() as uow:
            register = _register(uow, estate, viewer)
            member = register.members.get(member_id)
            if member is None:
                raise NotFound("There is no such member in this estate.", "本小区没有这位成员")
            problem = self._problem(uow, viewer, member)
            if problem is not None:
                raise refused(problem)
            actor = f"member:{viewer.member.id}"
            leaving = Leaving(uow, member_id, now, actor)
            leaving.shut_out()
            tell_of(uow, member_id, Kind.MEMBER_REMOVED, now, actor=actor, cause="request")
            gone = uow.accounts.remove_member(member_id)
            if gone:
                leaving.forget()
            uow.commit()
        return gone

    def _newcomer(self, register: Register, who: Newcomer, now: datetime) -> Member:
        party = register.parties.get(who.party_id)
        if party is None or party.external:
            raise NotFound("There is no such party in this estate.", "本小区没有这个单位")
        names = Names(checked_name(who.names.zh), checked_name(who.names.en))
        return Member(f"m-{self._ids.new(now)}", party.id, names, who.role, who.language)

    @staticmethod
    def _problem(uow: UnitOfWork, viewer: Identity, member: Member) -> Names | None:
        return invitation_problem(viewer.member, member, _estates_of(uow, member), viewer.estates)

    def _may(self, uow: UnitOfWork, viewer: Identity, party_id: str) -> bool:
        somebody = Member("", party_id, Names("", ""), Role.RESIDENT)
        return self._problem(uow, viewer, somebody) is None


def _estates_of(uow: UnitOfWork, member: Member) -> set[str]:
    """Every estate that any party of theirs sees."""
    return {estate for one in member.memberships for estate in estates_of_party(uow, one.party_id)}


def estates_of_party(uow: UnitOfWork, party_id: str) -> list[str]:
    """Where the party stands in the register and has to do with the estate."""
    found = []
    for estate in uow.registers.estates():
        register = uow.registers.find(estate.id)
        party = register.parties.get(party_id) if register else None
        if register is not None and party is not None and register.seen_by(party):
            found.append(estate.id)
    return found


def checked_email(typed: str | None) -> str | None:
    """As it is compared. Raises Invalid."""
    said = unicodedata.normalize("NFKC", typed or "").strip().casefold()
    if not said:
        return None
    name, at, host = said.rpartition("@")
    if not (at and name and "." in host and said.isprintable() and " " not in said and len(said) <= 254):  # noqa: PLR2004 - RFC 5321
        raise Invalid("The invitation cannot be made.", ["email: write it like name@example.org, or leave it empty"])
    return said


def checked_name(typed: str) -> str:
    """Raises Invalid."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise Invalid("The name cannot be used.", [f"name: 1 to {LONGEST_NAME} letters, as others know them"])
    return name


def _register(uow: UnitOfWork, estate: str, viewer: Identity) -> Register:
    register = uow.registers.find(estate)
    if register is None or estate not in viewer.estates:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    return register


def _row(one: Invitation, register: Register) -> InvitationRow:
    by = register.members.get(one.by)
    return InvitationRow(
        one.id,
        one.member.names,
        register.party(one.member.party_id).names,
        one.member.role,
        by.names if by else Names(one.by, one.by),
        one.created_at,
        one.expires_at,
    )


def _tell(
    uow: UnitOfWork, viewer: Identity, kind: Kind, invitation: Invitation, now: datetime, **facts: object
) -> None:
    actor = f"member:{viewer.member.id}"
    uow.ledger.append(invitation.estate, [Draft(kind, now, actor, None, invitation.id, "request", facts)])
