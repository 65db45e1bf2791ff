"""The transparency page of an estate: what everybody may see without signing in, on one page, and nothing of any person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import Path, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from cloud.application.asking.public_matters import MatterView
from cloud.application.credit.views import PartyRatesView, RateView
from cloud.domain.community.names import Names
from cloud.domain.credit.rates import DEFINITIONS, Measure
from cloud.domain.records.consultation_told import WORDS
from cloud.domain.tasks.task import TaskState
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.web.consultation import money_in
from cloud.entrypoints.web.page import public_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.parts import SELDOM_S, part
from cloud.entrypoints.web.rendering import Pages
from schemas.base import NAME_PATTERN

HEADLINE: Final = (Measure.RESPONSE, Measure.SOLUTION, Measure.SATISFACTION)
"""Art. 32 of Beijing's ordinance on prompt handling of complaints (接诉即办); the others stand below."""

BALLOTS: Final = 3
"""The latest, on this page; all of them have a page of their own."""

_OVER: Final = frozenset({TaskState.CLOSED, TaskState.MERGED, TaskState.CANCELLED})


@dataclass(frozen=True, slots=True)
class PartyRow:
    """One organisation; a measure without anything to measure is left out of `by`."""

    names: Names
    by: Mapping[Measure, RateView]


def transparency(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/public/{estate}")
    def show(request: Request, services: Given, estate: Annotated[str, Path(pattern=NAME_PATTERN)]) -> HTMLResponse:
        matters = services.public.matters.of_place(estate)
        standing, over = split(matters.matters)
        rates = services.credit.rating(estate)
        page = public_page(request, services, matters.time_zone, matters.region)
        return pages.respond(
            request, "public_estate.html", page, estate=estate, names=matters.names,
            standing=standing, over=over, every=SELDOM_S,
            rates=rates, rows=rows_of(rates.parties), headline=HEADLINE,
            others=[one for one in Measure if one not in HEADLINE], definitions=DEFINITIONS,
            head=services.heads.newest(estate), credit=services.credit.table(estate),
            buildings=services.public.matters.buildings(estate), ballots=services.consulting.ask.public(estate, limit=BALLOTS),
            held=services.consulting.ask.held(estate), words=WORDS, money=money_in(page.language),
        )  # fmt: skip

    @router.get("/public/{estate}/now", response_class=Response)
    def now(request: Request, services: Given, estate: Annotated[str, Path(pattern=NAME_PATTERN)]) -> Response:
        return _now(request, services, pages, estate)

    return router


def _now(request: Request, services: Services, pages: Pages, estate: str) -> Response:
    """Its matters; the rest of the page changes by the day."""
    mark = services.public.matters.mark(estate)
    here = services.public.matters.estate(estate)
    page = public_page(request, services, here.time_zone, here.days.region)

    def view() -> dict[str, Any]:
        standing, over = split(services.public.matters.of_place(estate).matters)
        return {"estate": estate, "standing": standing, "over": over}

    return part(request, pages, "public_matters.html", page, said=mark.tag, view=view)


def rows_of(parties: Sequence[PartyRatesView]) -> list[PartyRow]:
    """Organisations of which there is something to tell."""
    rows = [PartyRow(one.names, {rate.measure: rate for rate in one.rates if rate.denominator}) for one in parties]
    return [row for row in rows if row.by]


def split(matters: Sequence[MatterView]) -> tuple[list[MatterView], list[MatterView]]:
    """Those that are open, and those that are over."""
    told = [one for one in matters if one.state is not TaskState.MERGED]
    return [one for one in told if one.state not in _OVER], [one for one in told if one.state in _OVER]
