"""What is shown of offers, needs and small tasks. Who stands behind one is shown to those whom it concerns only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cloud.application.estates.sign_in import Identity
from cloud.domain.community.hours import Hours
from cloud.domain.community.names import Names
from cloud.domain.community.neighbour import is_neighbour
from cloud.domain.community.party import Member
from cloud.domain.duties.register import Register
from cloud.domain.exchange.matching import Match
from cloud.domain.exchange.posting import Good, Posting, Side
from cloud.domain.exchange.small_task import CONFIRMERS, Deed, SmallTask, SmallTaskKind, SmallTaskState


@dataclass(frozen=True, slots=True)
class PostingView:
    """`by`: whose it is; a neighbour's name is theirs to give, so others see null until they match."""

    id: str
    estate: str
    side: Side
    good: Good
    capability: str
    text: str
    place_id: str
    hours: Hours
    posted_at: datetime
    by: Names | None
    mine: bool
    open: bool
    met_at: datetime | None
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class MatchView:
    """One who can meet a need; `minutes` of a week in which the hours of both overlap."""

    by: Literal["offer", "party"]
    id: str
    names: Names | None
    text: str | None
    minutes: int

    @classmethod
    def of(
        cls, match: Match, offers: Mapping[str, Posting], register: Register, viewer: Identity, need: Posting
    ) -> MatchView:
        if match.by == "party":
            return cls(match.by, match.id, register.party(match.id).names, None, match.minutes)
        offer = offers[match.id]
        entitled = viewer.member.id == need.member_id or _oversees(viewer, register)
        names = _names(offer.member_id, offer.party_id, register, entitled=entitled)
        return cls(match.by, match.id, names, offer.text, match.minutes)


@dataclass(frozen=True, slots=True)
class SmallTaskView:
    """`helpers`: how many have claimed it, of `wanted`; `mine`: whether the viewer is one of them; `posted`: whether the viewer
    asked for it; `who`: the helpers' names, for who asked and for managers and overseers, else none; `allowed`: what the viewer
    may do about it now.
    """

    id: str
    estate: str
    kind: SmallTaskKind
    state: SmallTaskState
    capability: str
    text: str
    place_id: str
    hours: Hours
    posted_at: datetime
    by: Names
    wanted: int
    helpers: int
    mine: bool
    need_id: str | None
    done_at: datetime | None
    over_at: datetime | None
    posted: bool
    who: list[Names]
    allowed: list[Deed]


def postings_view(posting: Posting, register: Register, viewer: Identity) -> PostingView:
    mine = posting.member_id == viewer.member.id
    entitled = mine or _oversees(viewer, register)
    return PostingView(
        id=posting.id,
        estate=posting.estate,
        side=posting.side,
        good=posting.good,
        capability=posting.capability,
        text=posting.text,
        place_id=posting.place_id,
        hours=posting.hours,
        posted_at=posting.posted_at,
        by=_names(posting.member_id, posting.party_id, register, entitled=entitled),
        mine=mine,
        open=posting.open,
        met_at=posting.met_at,
        withdrawn_at=posting.withdrawn_at,
    )


def small_task_view(task: SmallTask, register: Register, viewer: Identity) -> SmallTaskView:
    posted = viewer.member.id == task.posted_by
    entitled = posted or _oversees(viewer, register)
    return SmallTaskView(
        id=task.id,
        estate=task.estate,
        kind=task.kind,
        state=task.state,
        capability=task.capability,
        text=task.text,
        place_id=task.place_id,
        hours=task.hours,
        posted_at=task.posted_at,
        by=register.party(task.party_id).names,
        wanted=task.wanted,
        helpers=len(task.claimed_by),
        mine=viewer.member.id in task.claimed_by,
        need_id=task.need_id,
        done_at=task.done_at,
        over_at=task.over_at,
        posted=posted,
        who=[register.members[id_].names for id_ in task.claimed_by if entitled and id_ in register.members],
        allowed=task.allowed(viewer.member, register.party(viewer.member.party_id)),
    )


def _oversees(viewer: Identity, register: Register) -> bool:
    """Managers and overseers of organisations look after the board."""
    return viewer.member.role in CONFIRMERS and not is_neighbour(viewer.member, register.party(viewer.member.party_id))


def _names(member_id: str, party_id: str, register: Register, *, entitled: bool) -> Names | None:
    party, member = register.party(party_id), register.members.get(member_id)
    if member is not None and not _lives_here(member, register):
        return party.names
    return member.names if entitled and member is not None else None


def _lives_here(member: Member, register: Register) -> bool:
    return is_neighbour(member, register.party(member.party_id))
