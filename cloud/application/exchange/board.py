"""Offers and needs: posted, changed, withdrawn, and matched to each other and to parties."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar

from cloud.application.estates.sign_in import Identity
from cloud.application.exchange.answered import Answered
from cloud.application.exchange.views import MatchView, PostingView, postings_view
from cloud.application.ports import Clock, Ids, UnitOfWork, UnitsOfWork
from cloud.application.positions import Position
from cloud.domain.community.faults import fault
from cloud.domain.community.hours import Hours
from cloud.domain.community.place import is_within
from cloud.domain.duties.register import Register
from cloud.domain.exchange.matching import matches
from cloud.domain.exchange.posting import MAX_TEXT, Good, Posting, Side
from cloud.domain.exchange.regulated import RegulatedLists
from cloud.domain.records.ledger import Draft, Kind
from cloud.domain.records.personal import digest, new_salt
from cloud.errors import Conflict, Invalid, NotFound

T = TypeVar("T")

MAX_OPEN: Final = 20
"""Offers and needs that one member may have open, so that nobody fills the board."""

_POSTED: Final = {Side.OFFER: Kind.OFFER_POSTED, Side.NEED: Kind.NEED_POSTED}
_CHANGED: Final = {Side.OFFER: Kind.OFFER_CHANGED, Side.NEED: Kind.NEED_CHANGED}
_WITHDRAWN: Final = {Side.OFFER: Kind.OFFER_WITHDRAWN, Side.NEED: Kind.NEED_WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Wording:
    """What a member says of an offer, a need or a small task."""

    capability: str
    text: str
    place_id: str
    hours: Hours


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items, newest first, and whether more follow."""

    items: list[T]
    more: bool


class Board:
    """Every deed is one unit of work. An estate the viewer has no part in does not exist for them: NotFound.

    Raises NotFound, NotAllowed, Conflict, Invalid (regulated work, with reason and legal basis), Unavailable.
    """

    def __init__(self, units: UnitsOfWork, clock: Clock, ids: Ids, regulated: Callable[[], RegulatedLists]) -> None:
        self._units, self._clock, self._ids = units, clock, ids
        self._regulated = regulated

    def post(self, estate: str, side: Side, good: Good, wording: Wording, viewer: Identity) -> PostingView:
        with self._units.writing() as uow:
            register, now, member = register_for(uow, estate, viewer), self._clock.now(), viewer.member
            checked(wording, register, self._regulated())
            again = next((one for one in _open_ones(uow, estate, member.id, side) if _says(one, good, wording)), None)
            if again is not None:
                return postings_view(again, register, viewer)
            if uow.exchange.open_by(estate, member.id) >= MAX_OPEN:
                raise Conflict(f"You have {MAX_OPEN} open already: withdraw one first.", "您的条目已达上限，请先撤回")
            posting = Posting(
                id=self._ids.new(now),
                estate=estate,
                side=side,
                member_id=member.id,
                party_id=member.party_id,
                good=good,
                capability=wording.capability,
                text=wording.text.strip(),
                place_id=wording.place_id,
                posted_at=now,
                salt=new_salt(),
                hours=wording.hours,
            )
            Answered(uow, self._ids, now).by_offer(posting)
            return self._keep(uow, posting, _POSTED[side], viewer, now)

    def change(self, posting_id: str, side: Side, good: Good, wording: Wording, viewer: Identity) -> PostingView:
        """Says it anew; whose it is and since when stays."""
        with self._units.writing() as uow:
            posting, register = self._found(uow, posting_id, side, viewer)
            posting.may_change(viewer.member.id)
            checked(wording, register, self._regulated())
            if _says(posting, good, wording):
                return postings_view(posting, register, viewer)
            posting.good, posting.capability, posting.text = good, wording.capability, wording.text.strip()
            posting.place_id, posting.hours = wording.place_id, wording.hours
            return self._keep(uow, posting, _CHANGED[side], viewer, self._clock.now())

    def withdraw(self, posting_id: str, side: Side, viewer: Identity) -> PostingView:
        with self._units.writing() as uow:
            posting, _ = self._found(uow, posting_id, side, viewer)
            now = self._clock.now()
            posting.withdraw(viewer.member.id, now)
            Answered(uow, self._ids, now).settled(posting)
            return self._keep(uow, posting, _WITHDRAWN[side], viewer, now)

    def meet(self, need_id: str, viewer: Identity) -> PostingView:
        """Whose need it was says that it has been met."""
        with self._units.writing() as uow:
            need, _ = self._found(uow, need_id, Side.NEED, viewer)
            need.may_change(viewer.member.id)
            now = self._clock.now()
            need.meet(now)
            Answered(uow, self._ids, now).settled(need)
            return self._keep(uow, need, Kind.NEED_MET, viewer, now)

    def read(self, posting_id: str, side: Side, viewer: Identity) -> PostingView:
        with self._units.reading() as uow:
            posting, register = self._found(uow, posting_id, side, viewer)
            return postings_view(posting, register, viewer)

    def listed(
        self, estate: str, side: Side, viewer: Identity, *, limit: int, before: Position | None = None
    ) -> Page[PostingView]:
        with self._units.reading() as uow:
            register = register_for(uow, estate, viewer)
            found = uow.exchange.postings(estate, side, limit=limit + 1, before=before)
            shown = [postings_view(posting, register, viewer) for posting in found[:limit]]
            return Page(shown, more=len(found) > limit)

    def mine(self, estate: str, viewer: Identity, *, most: int = 40) -> list[PostingView]:
        """What the viewer has posted, over or not, newest first."""
        with self._units.reading() as uow:
            register, written = register_for(uow, estate, viewer), uow.exchange.written(estate, viewer.member.id)
            own = sorted(
                (one for one in written if isinstance(one, Posting)), key=lambda one: one.posted_at, reverse=True
            )
            return [postings_view(posting, register, viewer) for posting in own[:most]]

    def matches(self, need_id: str, viewer: Identity) -> list[MatchView]:
        """Who can meet a need, best first: offers of members, and parties with the capability and hours declared."""
        with self._units.reading() as uow:
            need, register = self._found(uow, need_id, Side.NEED, viewer)
            offers = {offer.id: offer for offer in uow.exchange.offers_of(need.estate, need.capability)}
            found = matches(need, offers.values(), register.parties.values())
            return [MatchView.of(match, offers, register, viewer, need) for match in found]

    @staticmethod
    def _found(uow: UnitOfWork, posting_id: str, side: Side, viewer: Identity) -> tuple[Posting, Register]:
        posting = uow.exchange.posting(posting_id)
        if posting is None or posting.side is not side or posting.estate not in viewer.estates:
            raise NotFound(f"There is no {side} {posting_id!r} in your estates.", "没有这个条目")
        return posting, register_for(uow, posting.estate, viewer)

    @staticmethod
    def _keep(uow: UnitOfWork, posting: Posting, kind: Kind, viewer: Identity, now: datetime) -> PostingView:
        uow.exchange.save_posting(posting)
        facts = {
            "party": posting.party_id,
            "good": posting.good.value,
            "capability": posting.capability,
            "digest": digest(posting.salt, posting.text),
        }
        record(uow, posting.estate, [Draft(kind, now, f"member:{viewer.member.id}", None, posting.id, None, facts)])
        uow.commit()
        return postings_view(posting, register_for(uow, posting.estate, viewer), viewer)


def _says(posting: Posting, good: Good, wording: Wording) -> bool:
    """Whether that stands there already, word for word."""
    known = (posting.good, posting.capability, posting.text, posting.place_id, posting.hours)
    return known == (good, wording.capability, wording.text.strip(), wording.place_id, wording.hours)


def _open_ones(uow: UnitOfWork, estate: str, member_id: str, side: Side) -> Iterator[Posting]:
    """What the member has posted already: whoever heard no answer posts it again."""
    for one in uow.exchange.written(estate, member_id):
        if isinstance(one, Posting) and one.side is side and one.open:
            yield one


def record(uow: UnitOfWork, estate: str, drafts: Sequence[Draft]) -> None:
    uow.ledger.append(estate, drafts)


def register_for(uow: UnitOfWork, estate: str, viewer: Identity) -> Register:
    register = uow.registers.find(estate)
    if register is None or estate not in viewer.estates:
        raise NotFound(f"There is no estate {estate!r} among yours.", "您没有这个小区")
    return register


def checked(wording: Wording, register: Register, regulated: RegulatedLists) -> None:
    """Raises Invalid, naming every fault; for regulated work with the reason and its legal basis."""
    problems = []
    if not 1 <= len(wording.text.strip()) <= MAX_TEXT:
        problems.append(fault("posting-text", most=MAX_TEXT, long=len(wording.text.strip())))
    if wording.place_id not in register.places or not is_within(wording.place_id, register.estate.place_id):
        problems.append(fault("posting-place", place=wording.place_id))
    if problems:
        raise Invalid("This cannot be put on the board.", problems)
    regulated.of(register.estate.days.region).check(wording.capability, wording.text)
