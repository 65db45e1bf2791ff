"""The page of duties: who is reached tonight, coverage and its holes, the matrix as a table. All of it works without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Query, Request
from fastapi.responses import HTMLResponse

from cloud.application.asking.duty_views import HoleView, ReachedView
from cloud.domain.community.names import Names
from cloud.domain.community.place import Place, PlaceTree, is_within
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.errors import Invalid
from schemas.hazards import HAZARDS, Hazard

FIRST_ASKED: Final = "fire.smoke"
_LOCAL: Final = "%Y-%m-%dT%H:%M"
"""How a browser's field for a date and an hour writes them."""

Asked = Annotated[str | None, Query(max_length=256)]


@dataclass(frozen=True, slots=True)
class Question:
    """What the form holds; `at` by the estate's own clock."""

    hazard: str
    place: str
    at: str


def duties(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/duties")
    def show(
        request: Request,
        services: Given,
        member: CurrentMember,
        page: ThisPage,
        estate: EstateId,
        *,
        hazard: Asked = None,
        place: Asked = None,
        at: Asked = None,
    ) -> HTMLResponse:
        coverage = services.asked_duties.coverage(estate, member)
        register = services.queries.register(estate, member)
        first = coverage.buildings[0].id if coverage.buildings else ""
        question = Question(hazard or FIRST_ASKED, place or first, at or f"{page.now.astimezone(page.zone):{_LOCAL}}")
        found: ReachedView | None = None
        problem: Names | None = None
        try:
            moment = _moment(question.at, page.zone) if at else page.now
            found = services.asked_duties.reached(estate, question.hazard, question.place, member, at=moment)
        except Invalid as error:
            problem = Names("请检查险情、位置和时间", " ".join(error.problems))
        return pages.respond(
            request,
            "duties.html",
            page.at("duties"),
            HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK,
            question=question,
            hazards=_by_family(),
            coverage=coverage,
            holes=gathered(folded(coverage.holes)),
            parties={one.id: one.names for one in register.parties.values()},
            within=_within(register.places, [one.id for one in coverage.buildings]),
            home=register.estate.place_id,
            places=register.places,
            rosters={one.party_id: one.id for one in reversed(register.rosters)},
            reached=found,
            problem=problem,
            matrix=services.queries.duties(estate, member),
            rows_of={row.id: row.hazards for row in register.matrix.duties},
        )

    return router


@dataclass(frozen=True, slots=True)
class FoldedHole:
    """A hole that comes again - by day, say, when only the nights are on the roster - once, with each of its spells."""

    hole: HoleView
    spells: Sequence[tuple[datetime, datetime]]

    @property
    def length(self) -> timedelta:
        return sum((ends - starts for starts, ends in self.spells), timedelta())


def folded(holes: Sequence[HoleView]) -> list[FoldedHole]:
    """In their order, by the first spell of each."""
    alike: dict[tuple[object, ...], list[HoleView]] = {}
    for hole in holes:
        places = tuple(one.id for one in hole.buildings)
        key = (places, tuple(hole.hazards), hole.gap, hole.owner_id, hole.role, hole.weak, tuple(hole.only))
        alike.setdefault(key, []).append(hole)
    return [FoldedHole(one[0], [(each.starts_at, each.ends_at) for each in one]) for one in alike.values()]


@dataclass(frozen=True, slots=True)
class WhatIsMissing:
    """Holes that one deed of one party fills, in their order: read as one line, and one by one where it is unfolded."""

    holes: Sequence[FoldedHole]

    @property
    def first(self) -> HoleView:
        return self.holes[0].hole

    @property
    def life_safety(self) -> bool:
        return any(one.hole.life_safety for one in self.holes)

    @property
    def weak(self) -> bool:
        return all(one.hole.weak for one in self.holes)

    @property
    def buildings(self) -> Sequence[Names]:
        """Each once."""
        return list({each.id: each.names for one in self.holes for each in one.hole.buildings}.values())


def gathered(holes: Sequence[FoldedHole]) -> list[WhatIsMissing]:
    """What puts a life at risk first."""
    alike: dict[tuple[object, ...], list[FoldedHole]] = {}
    for one in holes:
        hole = one.hole
        alike.setdefault((hole.owner_id, hole.gap, hole.above_id, tuple(hole.only), hole.roster_id), []).append(one)
    return sorted(map(WhatIsMissing, alike.values()), key=lambda one: (not one.life_safety, one.weak))


def _moment(text: str, zone: ZoneInfo) -> datetime:
    """An hour by the estate's clock. Raises Invalid."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid("Nobody can say who is reached.", [f"at: {text!r} is no hour; write 2026-11-26T20:00"]) from error
    return given if given.tzinfo else given.replace(tzinfo=zone)


def _within(places: PlaceTree, buildings: Sequence[str]) -> dict[str, list[Place]]:
    """By building, the places in it, which a person may mean as well as the whole."""
    return {one: [place for place in places if place.id != one and is_within(place.id, one)] for one in buildings}


def _by_family() -> dict[str, list[Hazard]]:
    found: dict[str, list[Hazard]] = {}
    for known in HAZARDS.values():
        found.setdefault(known.family, []).append(known)
    return found
