"""Matters that are over on a page: searched by where, what, who, when and how they ended; each leads to its own page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BeforeValidator

from cloud.application.sought import EVERYTHING, Sought
from cloud.domain.community.names import Names
from cloud.domain.community.place import Place, PlaceKind
from cloud.domain.duties.register import Register
from cloud.domain.tasks.ending import Ending
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.web.older import AT_ONCE, Cursor, before, turned
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.words import FAMILIES

PATH: Final = "/closed"
_Left = BeforeValidator(lambda given: given or None)
"""A field of a form that is left empty is sent all the same, and narrows nothing."""
Text = Annotated[str, Query(max_length=256)]
Day = Annotated[date | None, _Left]


@dataclass(frozen=True, slots=True)
class Search:
    """What the visitor looks for, as it stands in the address. `first` and `last`: days of the estate's own calendar."""

    place: str | None
    hazard: str | None
    party: str | None
    ending: Ending | None
    first: date | None
    last: date | None

    @property
    def chosen(self) -> dict[str, str]:
        given = {
            "place": self.place, "hazard": self.hazard, "party": self.party, "ending": self.ending,
            "from": self.first, "to": self.last,
        }  # fmt: skip
        return {word: str(value) for word, value in given.items() if value is not None}

    def sought(self, zone: ZoneInfo) -> Sought:
        return Sought(
            self.place, self.hazard, self.party, self.ending, _midnight(self.first, zone),
            _midnight(self.last, zone, timedelta(days=1)),
        )  # fmt: skip


def searched(
    *,
    place: Text = "",
    hazard: Text = "",
    party: Text = "",
    ending: Annotated[Ending | None, _Left] = None,
    first: Annotated[Day, Query(alias="from")] = None,
    to: Day = None,
) -> Search:
    return Search(place or None, hazard or None, party or None, ending, first, to)


def closed(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get(PATH)
    def search(
        request: Request,
        services: Given,
        member: CurrentMember,
        page: ThisPage,
        estate: EstateId,
        *,
        wanted: Annotated[Search, Depends(searched)],
        over: Cursor = None,
    ) -> HTMLResponse:
        register = services.queries.register(estate, member)
        sought = wanted.sought(page.zone)
        found = services.queries.closed(estate, member, sought, limit=AT_ONCE + 1, before=before(over))
        kept = {**({"estate": estate} if len(member.estates) > 1 else {}), **wanted.chosen}
        path = f"{PATH}?{urlencode(kept)}" if kept else PATH
        shown, older = turned(path, "over", found, lambda one: (cursors.at(one.closed_at or one.opened_at), one.id))
        return pages.respond(
            request, "closed.html", page.at("closed"), shown=shown, older=older, wanted=wanted, newest=path if over else "",
            narrows=sought != EVERYTHING, buildings=_buildings(register), parties=_parties(register),
            families=list(FAMILIES), endings=list(Ending),
        )  # fmt: skip

    return router


def _buildings(register: Register) -> list[Place]:
    return [place for place in register.places if place.kind is PlaceKind.BUILDING]


def _parties(register: Register) -> list[tuple[str, Names]]:
    return [(one.id, one.names) for one in register.parties.values() if one.external or register.seen_by(one)]


def _midnight(day: date | None, zone: ZoneInfo, later: timedelta = timedelta()) -> datetime | None:
    """When a day of the estate begins; None for the ends of the calendar, which narrow nothing."""
    if day is None:
        return None
    try:
        # In UTC, as it is asked for: east of it the calendar's first day begins before there is any.
        return datetime.combine(day + later, time(), zone).astimezone(UTC)
    except OverflowError:
        return None
