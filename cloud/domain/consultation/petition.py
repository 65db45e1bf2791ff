"""A petition: one starts it, others sign; with enough signatures it is a topic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from cloud.domain.community.neighbour import is_neighbour
from cloud.domain.community.party import Member, PartyKind
from cloud.domain.consultation.roll import Owner
from cloud.domain.duties.register import Register
from cloud.errors import Conflict


def may_petition(register: Register, member: Member, roll: Iterable[Owner]) -> bool:
    """Whether it is theirs to ask for a topic: residents and owners, volunteers among them. An organisation's people act for it,
    and ten of its guards are no ten neighbours; those of the owners' committee are owners.
    """
    if any(owner.member_id == member.id for owner in roll):
        return True
    here = [(one, register.party(one.party_id)) for one in member.memberships if one.party_id in register.parties]
    return any(
        is_neighbour(member.as_of(one.party_id), party) or party.kind is PartyKind.OWNERS_COMMITTEE
        for one, party in here
    )


@dataclass
class Petition:
    """Its words stand in the store of personal data under its own id. `signers` are members, in their order; `nameless`
    counts those who are not named any more.
    """

    id: str
    estate: str
    started_at: datetime
    signers: tuple[str, ...]
    needed: int
    equipment: str | None = None
    topic_id: str | None = None
    revision: int = 0
    nameless: int = 0
    lapsed_at: datetime | None = None

    @property
    def signatures(self) -> int:
        return len(self.signers) + self.nameless

    @property
    def enough(self) -> bool:
        return self.signatures >= self.needed

    def forget(self, member_id: str) -> None:
        """Who signed is not said any more. Of what has become a topic the signature still counts; else it is withdrawn."""
        if member_id in self.signers:
            self.signers = tuple(one for one in self.signers if one != member_id)
            self.nameless += self.topic_id is not None

    def lapse(self, now: datetime) -> None:
        """Its time is over: how many signed stays, who did does not, and nobody signs it any more."""
        self.nameless, self.signers, self.lapsed_at = self.signatures, (), now

    def sign(self, member_id: str) -> None:
        if self.topic_id is not None:
            raise Conflict("It is a topic already: take part there.", "该倡议已成为议题，请在议题中参与")
        if self.lapsed_at is not None:
            raise Conflict("It is too old to be signed: start a new one.", "该倡议已过期，请重新发起")
        if member_id in self.signers:
            raise Conflict("You have signed it already.", "您已签名")
        self.signers = (*self.signers, member_id)
