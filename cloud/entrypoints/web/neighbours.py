"""Offers and needs on pages: what neighbours offer, need and may do, one posting, and the form to post."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import time
from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import Depends, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from cloud.application.exchange.board import Page as Listed
from cloud.application.exchange.board import Wording
from cloud.application.exchange.views import PostingView, SmallTaskView
from cloud.domain.community.hours import ALWAYS, Hours
from cloud.domain.community.names import Names
from cloud.domain.community.neighbour import is_neighbour
from cloud.domain.community.party import Party, PartyKind
from cloud.domain.community.place import PlaceKind, is_within
from cloud.domain.duties.register import Register
from cloud.domain.exchange.posting import MAX_TEXT, Good, Side
from cloud.domain.exchange.regulated import Regulated, RegulatedWork
from cloud.domain.exchange.small_task import MAX_HELPERS, SmallTaskKind
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.failures import refusal_of
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.web.exchange_words import CAPABILITIES
from cloud.entrypoints.web.page import member_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import back_to
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.telling import problem_of
from cloud.errors import CloudError, NotFound

AT_ONCE: Final = 30
"""How many of a list are shown before the link to older ones."""
PLACES: Final = frozenset({PlaceKind.ESTATE, PlaceKind.BUILDING, PlaceKind.UNIT})
"""A floor is nobody's business but who lives there."""
SIDES: Final = {"offers": Side.OFFER, "needs": Side.NEED}
Cursor = Annotated[str | None, Query(max_length=512)]


class Typed:
    """What somebody has typed into the form, so that it is still there when it is not taken."""

    def __init__(
        self,
        capability: Annotated[str, Form(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")],
        text: Annotated[str, Form(max_length=4 * MAX_TEXT)],
        place: Annotated[str, Form(max_length=512)],
        *,
        posted_as: Annotated[Side | None, Form()] = None,
        good: Annotated[Good, Form()] = Good.SKILL,
        days: Annotated[list[Annotated[int, Form(ge=1, le=7)]] | None, Form(max_length=7)] = None,
        start: Annotated[time, Form()] = time(0),
        end: Annotated[time, Form()] = time(0),
    ) -> None:
        self.capability, self.text, self.place, self.side, self.good = capability, text, place, posted_as, good
        self.hours = Hours(frozenset(days or range(1, 8)), *(one.replace(tzinfo=None) for one in (start, end)))

    @property
    def wording(self) -> Wording:
        return Wording(self.capability, self.text, self.place, self.hours)


ThisTyped = Annotated[Typed, Depends(Typed)]


@dataclass(frozen=True, slots=True)
class Filled:
    """What a form shows before anybody has typed: nothing, or what was posted."""

    capability: str = ""
    text: str = ""
    place: str = ""
    side: Side | None = None
    good: Good = Good.SKILL
    hours: Hours = ALWAYS

    @classmethod
    def of(cls, posting: PostingView) -> Filled:
        return cls(posting.capability, posting.text, posting.place_id, posting.side, posting.good, posting.hours)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Regulated work, and which parties of this estate are to be asked instead."""

    work: RegulatedWork
    ask: Sequence[Party]


class Neighbourhood:
    """Who looks, at which estate, and how its pages say that something was not taken."""

    def __init__(self, request: Request, services: Given, member: CurrentNeighbour, estate: SharedEstate) -> None:
        self.request, self.services, self.member, self.estate = request, services, member, estate
        self.exchange = services.exchange
        self.page = member_page(request, services, member, estate).at("neighbours")
        self.register: Register = services.queries.register(estate, member)

    @property
    def organisation(self) -> bool:
        """Whether the member acts for one, and so asks neighbours for small tasks."""
        return not is_neighbour(self.member.member, self.register.party(self.member.member.party_id))

    def capabilities(self) -> list[str]:
        declared = {one for party in self.register.parties.values() for one in party.capabilities}
        return [*CAPABILITIES, *sorted(declared - CAPABILITIES.keys())]

    def places(self, also: str = "") -> list[tuple[str, Names]]:
        """What one may choose: the estate, its buildings and units, and `also` where something was posted already."""
        tree, home = self.register.places, self.register.estate.place_id
        shown = [one for one in tree if is_within(one.id, home) and (one.kind in PLACES or one.id == also)]
        return [(one.id, self.place(one.id)) for one in sorted(shown, key=lambda one: (one.id != home, one.id))]

    def place(self, place_id: str) -> Names:
        """Within the estate, which goes without saying; the estate itself by its name."""
        inside = self.register.places.address(place_id, PlaceKind.BUILDING)
        return inside if inside.zh else self.register.places.address(place_id)

    def refusal(self, error: CloudError | None, place: str) -> Refusal | None:
        if not isinstance(error, Regulated):
            return None
        kinds = (PartyKind.PROPERTY_MANAGER, PartyKind.RESIDENTS_COMMITTEE)
        near = [one for one in self.register.parties.values() if one.closeness(place) >= 0]
        found = ([one for one in near if one.kind is kind] for kind in kinds)
        return Refusal(error.work, next(filter(None, found), []))

    def respond(
        self, pages: Pages, template: str, problem: CloudError | None, *, about: str = "", at: str = "", **view: Any
    ) -> HTMLResponse:
        """`about`: the place of what was not taken; `at`: the field in which it was worded."""
        refusal = self.refusal(problem, about or self.register.estate.place_id)
        if problem and problem.zh is None:
            problem.zh = f"未能发布：请写 1 至 {MAX_TEXT} 字的说明，并选择本小区的地点"
        notice = problem_of(problem) if problem and refusal is None else None
        status = refusal_of(problem).status if problem else HTTPStatus.OK
        shown = {
            "capabilities": self.capabilities(),
            "goods": list(Good),
            "most": MAX_TEXT,
            "place": self.place,
            "refusal": refusal,
        }
        return pages.respond(
            self.request, template, replace(self.page, notice=notice, at_fault=at), status, **shown, **view
        )

    def back(self) -> RedirectResponse:
        return back_to(f"/neighbours{self.page.estate_query}")


Here = Annotated[Neighbourhood, Depends(Neighbourhood)]


@dataclass(frozen=True, slots=True)
class Cursors:
    """How far each of the three lists is turned."""

    needs: Cursor = None
    offers: Cursor = None
    tasks: Cursor = None


class OnePosting(Neighbourhood):
    """The posting in the path, if the member may see it at all."""

    def __init__(
        self,
        request: Request,
        services: Given,
        member: CurrentNeighbour,
        side: Annotated[str, Path(max_length=16)],
        posting_id: Annotated[str, Path(max_length=64)],
    ) -> None:
        if side not in SIDES:
            raise NotFound(f"There are offers and needs, and no {side!r}.", "没有这个条目")
        self.side, self.path = SIDES[side], f"/neighbours/{side}/{posting_id}"
        self.posting = services.exchange.board.read(posting_id, self.side, member)
        super().__init__(request, services, member, self.posting.estate)

    def show(
        self, pages: Pages, typed: Typed | None = None, problem: CloudError | None = None, *, answered: str = ""
    ) -> HTMLResponse:
        """`answered`: the words of an answer that was not taken."""
        one = self.posting
        asks = self.side is Side.NEED and one.mine
        return self.respond(
            pages, "posting.html", problem, about=one.place_id, at="" if problem is None else "change-text" if typed else "answer", posting=one, path=self.path, answered=answered,
            typed=typed or Filled.of(one),
            places=self.places(one.place_id), matches=self.exchange.board.matches(one.id, self.member) if asks else [],
        )  # fmt: skip


ThisPosting = Annotated[OnePosting, Depends(OnePosting)]


def shown(
    here: Neighbourhood,
    pages: Pages,
    turned: Cursors,
    typed: Typed | None = None,
    problem: CloudError | None = None,
    *,
    at: str = "",
) -> HTMLResponse:
    """The page of everything, with the form as it was typed; `at`: the field in which the problem lies."""
    board, small, estate, member = here.exchange.board, here.exchange.small_tasks, here.estate, here.member
    needs = board.listed(estate, Side.NEED, member, limit=AT_ONCE, before=_before(turned.needs))
    offers = board.listed(estate, Side.OFFER, member, limit=AT_ONCE, before=_before(turned.offers))
    tasks = small.listed(estate, member, over=False, limit=AT_ONCE, before=_before(turned.tasks))
    over = small.listed(estate, member, over=True, limit=AT_ONCE).items
    mine = board.mine(estate, member)
    answers = {one.id: len(board.matches(one.id, member)) for one in mine if one.open and one.side is Side.NEED}
    return here.respond(
        pages, "neighbours.html", problem, about=typed.place if typed else "", at=at, needs=needs.items, offers=offers.items, tasks=tasks.items,
        older=_older(here, needs=needs, offers=offers, tasks=tasks), mine=mine, answers=answers,
        over=[one for one in over if one.mine or one.posted], typed=typed or Filled(), places=here.places(),
        organisation=here.organisation, kinds=list(SmallTaskKind), most_helpers=MAX_HELPERS,
        regulated=here.exchange.regulated.of(here.register.estate.days.region).rows,
        points=here.services.credit.account(estate, member).balance,
    )  # fmt: skip


def neighbours(pages: Pages) -> PageRouter:
    router = PageRouter("/neighbours")

    @router.get("")
    def show(here: Here, turned: Annotated[Cursors, Depends(Cursors)]) -> HTMLResponse:
        return shown(here, pages, turned)

    for path in ("/postings", "/small-tasks"):

        @router.get(path)
        def seen(here: Here) -> RedirectResponse:
            """Reloading what was not taken, or another language."""
            return here.back()

    @router.get("/{side}/{posting_id}")
    def posting(here: ThisPosting) -> HTMLResponse:
        return here.show(pages)

    for path in ("/{side}/{posting_id}/change", "/{side}/{posting_id}/answer"):

        @router.get(path)
        def seen_one(here: ThisPosting) -> RedirectResponse:
            return back_to(here.path)

    return router


def _before(cursor: str | None) -> tuple[Any, str] | None:
    return cursors.decode_closing(cursor) if cursor else None


def _older(here: Neighbourhood, **lists: Listed[Any]) -> dict[str, str]:
    """By list the address of its older ones, where there are any."""
    last: Callable[[PostingView | SmallTaskView], str] = lambda one: cursors.encode([one.posted_at.isoformat(), one.id])  # noqa: E731 - its type is said here
    joint = "&" if here.page.estate_query else "?"
    return {
        name: f"/neighbours{here.page.estate_query}{joint}{name}={last(page.items[-1])}#{name}"
        for name, page in lists.items()
        if page.more
    }
