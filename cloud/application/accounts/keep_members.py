"""Who is asked in, who has an account, and who is shown out: for managers and administrators."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from cloud.application.accounts.proving import refused
from cloud.application.estates.estates_of_member import tell_of
from cloud.application.estates.households import home_at, move_in, waiting_home
from cloud.application.estates.leaving import Leaving, still_in
from cloud.application.estates.sign_in import Identity
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.domain.accounts.invitation import LASTS, RANKS, Invitation, at_home_problem, invitation_problem, lives_around
from cloud.domain.community.access import token_hash
from cloud.domain.community.home import HomeChoice, home_choices, household
from cloud.domain.community.names import Language, Names
from cloud.domain.community.party import Member, Party, PartyKind, Role
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
    """`parties` and `roles`: what somebody new may be asked in as; `homes`: where residents may be said to live."""

    members: Sequence[MemberRow]
    invitations: Sequence[InvitationRow]
    parties: Sequence[Party]
    roles: Sequence[Role]
    homes: Sequence[HomeChoice]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who is not in the register yet. `home`: the place in which a resident lives, where they join no household that is
    there already (`party_id`).
    """

    names: Names
    party_id: str
    role: Role
    language: Language = "zh"
    home: str = ""


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
            beside = _parties(uow, viewer)
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
                    mine=self._problem(uow, viewer, member, beside) is None,
                )
                for member in register.members.values()
            ]
            now = self._clock.now()
            waiting = [_row(one, register) for one in uow.accounts.invitations([estate]) if one.open(now)]
            firms = (
                one for one in register.parties.values() if not one.external and one.kind is not PartyKind.HOUSEHOLD
            )
            parties = [one for one in firms if self._may(uow, viewer, one.id, beside)]
            ranks = list(Role)
            roles = [one for one in ranks if one is not Role.RESIDENT and RANKS[one] <= RANKS[viewer.member.role]]
            homes = home_choices(register.places, register.parties.values(), register.estate.place_id)
            homes = [one for one in homes if self._may_settle(register, viewer, one, beside)]
        rows.sort(key=lambda row: (row.party_names.en, -list(Role).index(row.role), row.id))
        return MembersView(rows, waiting, parties, roles, homes)

    def invite(self, viewer: Identity, estate: str, who: Newcomer | str, *, email: str | None = None) -> Invited:
        """Asks in somebody new, or gives a member (by id) a way in anew. Raises Refused, Invalid, NotFound."""
        now, secret = self._clock.now(), secrets.token_urlsafe(32)
        with self._units.writing() as uow:
            uow.accounts.hold()
            uow.ledger.hold(estate)
            register = _register(uow, estate, viewer)
            if isinstance(who, Newcomer):
                member = self._newcomer(uow, register, who, viewer, now)
            else:
                member = self._known(uow, register, who, viewer)
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
            if self._problem(uow, viewer, invitation.member, _parties(uow, viewer)) is not None:
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
            still_in(uow, viewer, now)
            register = _register(uow, estate, viewer)
            self._known(uow, register, member_id, viewer)
            actor = f"member:{viewer.member.id}"
            leaving = Leaving(uow, member_id, now, actor)
            leaving.shut_out()
            tell_of(uow, member_id, Kind.MEMBER_REMOVED, now, actor=actor, cause="request")
            gone = uow.accounts.remove_member(member_id)
            if gone:
                leaving.forget()
            uow.commit()
        return gone

    def _known(self, uow: UnitOfWork, register: Register, member_id: str, viewer: Identity) -> Member:
        """A member whom the viewer may ask in anew or show out."""
        member = register.members.get(member_id)
        if member is None:
            raise NotFound("There is no such member in this estate.", "本小区没有这位成员")
        problem = self._problem(uow, viewer, member, _parties(uow, viewer))
        if problem is not None:
            raise refused(problem)
        return member

    def _newcomer(self, uow: UnitOfWork, register: Register, who: Newcomer, viewer: Identity, now: datetime) -> Member:
        """With their household, where it is not there yet."""
        names = Names(checked_name(who.names.zh), checked_name(who.names.en))
        waiting = waiting_home(uow, register, names, who.home, now)
        home = home_at(register, who.home, self._ids.new(now)) if who.home and waiting is None else None
        party = home or waiting or register.parties.get(who.party_id)
        if party is None or party.external:
            raise NotFound("There is no such party in this estate.", "本小区没有这个单位")
        member = Member(f"m-{self._ids.new(now)}", party.id, names, who.role, who.language)
        beside = {**_parties(uow, viewer), party.id: party}
        estates = {register.estate.id} if home else _estates_of(uow, member)
        around = lives_around(viewer.member, member, beside)
        problem = at_home_problem(member, party) or invitation_problem(
            viewer.member, member, estates, viewer.estates, around=around
        )
        if problem is not None:
            raise refused(problem)
        if home is not None:
            move_in(uow, register, home, by=f"member:{viewer.member.id}", now=now)
        return member

    @staticmethod
    def _problem(uow: UnitOfWork, viewer: Identity, member: Member, beside: Mapping[str, Party]) -> Names | None:
        around = lives_around(viewer.member, member, beside)
        return invitation_problem(viewer.member, member, _estates_of(uow, member), viewer.estates, around=around)

    def _may(self, uow: UnitOfWork, viewer: Identity, party_id: str, beside: Mapping[str, Party]) -> bool:
        somebody = Member("", party_id, Names("", ""), Role.RESPONDER)
        return self._problem(uow, viewer, somebody, beside) is None

    @staticmethod
    def _may_settle(register: Register, viewer: Identity, choice: HomeChoice, beside: Mapping[str, Party]) -> bool:
        home = register.party(choice.id) if choice.joins else household("", choice.id, register.places)
        somebody = Member("", home.id, Names("", ""), Role.RESIDENT)
        around = lives_around(viewer.member, somebody, {**beside, home.id: home})
        return around or viewer.member.role is Role.ADMINISTRATOR


def _estates_of(uow: UnitOfWork, member: Member) -> set[str]:
    """Every estate that any party of theirs sees."""
    return {estate for one in member.memberships for estate in estates_of_party(uow, one.party_id)}


def _parties(uow: UnitOfWork, viewer: Identity) -> Mapping[str, Party]:
    """Of every estate that the viewer sees."""
    registers = (uow.registers.find(estate) for estate in viewer.estates)
    return {party.id: party for register in registers if register for party in register.parties.values()}


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
