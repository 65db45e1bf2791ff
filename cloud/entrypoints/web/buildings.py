"""Buildings: the list of them, and the elevation of each with a list that says the same without a drawing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal
from urllib.parse import quote

from fastapi import Path, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from cloud.application.asking.building_views import BuildingView, PieceView
from cloud.domain.duties.register import EquipmentKind
from cloud.domain.incidents.equipment_state import ORDER, EquipmentState
from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.neighbours import CurrentNeighbour, SharedEstate
from cloud.entrypoints.web.elevation import NARROW, WIDE, Elevation, draw, piece_revision
from cloud.entrypoints.web.page import Page, member_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.parts import part
from cloud.entrypoints.web.rendering import Pages

PlacePath = Annotated[str, Path(max_length=255)]
Show = Annotated[Literal["amiss"] | None, Query()]
SHOWN: Final[Mapping[EquipmentKind, tuple[str, ...]]] = {
    EquipmentKind.SMOKE_DETECTOR: ("obscuration-per-metre", "temperature", "co"),
    EquipmentKind.ACCESS_GATE: ("open", "unlocked", "obstructed"),
    EquipmentKind.LIFT: ("speed", "load", "fault-code"),
}
"""Whose latest readings stand in the list; all of them are behind it."""
AMISS: Final = frozenset(EquipmentState) - {EquipmentState.NORMAL}


@dataclass(frozen=True, slots=True)
class Line:
    """A piece of equipment in the list, with the points of it whose readings are shown."""

    piece: PieceView
    points: Sequence[str]
    revision: str


@dataclass(frozen=True, slots=True)
class Building:
    """What the template shows. `amiss`: only what is not normal is listed. `part_url`: where the live parts alone are."""

    view: BuildingView
    elevations: Sequence[tuple[Elevation, Elevation]]
    lines: Sequence[Line]
    counts: Sequence[tuple[EquipmentState, int]]
    amiss: bool
    url: str
    part_url: str

    @property
    def etag(self) -> str:
        """Of everything that is said, but for the time at which it is asked."""
        matters = [(one.incident_id, one.state, one.severity) for one in self.view.matters]
        said = [(line.piece.id, line.revision) for line in self.lines]
        states = [(piece.id, piece.states) for piece in self.view.pieces]
        drawn = [
            (one.revision, [(shaft.piece.id, piece_revision(shaft.piece)) for shaft in one.shafts])
            for one, _ in self.elevations
        ]
        return hashlib.blake2b(
            repr((matters, said, states, drawn, self.view.read)).encode(), digest_size=12
        ).hexdigest()


def building_of(view: BuildingView, page: Page, show: str | None) -> Building:
    pieces = view.pieces
    listed = [piece for piece in pieces if show is None or piece.state in AMISS]
    counted = Counter(piece.state for piece in pieces)
    url = f"/buildings/{quote(view.place.id)}"
    queries = [page.estate_query.removeprefix("?"), f"show={show}" if show else ""]
    query = "&".join(part for part in queries if part)
    return Building(
        view=view,
        elevations=[(draw(part, NARROW), draw(part, WIDE)) for part in view.parts],
        lines=[Line(piece, _points(piece), piece_revision(piece)) for piece in listed],
        counts=[(state, counted[state]) for state in ORDER if counted[state]],
        amiss=show is not None,
        url=url,
        part_url=f"{url}/now" + (f"?{query}" if query else ""),
    )


def _points(piece: PieceView) -> Sequence[str]:
    """Those that it has; where it has none of them, whichever it has first."""
    known = [point for point in SHOWN.get(piece.kind, ()) if point in piece.readings]
    return known or ([] if piece.kind is EquipmentKind.LIFT else list(piece.readings)[:1])


def buildings(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/buildings")
    def listed(request: Request, services: Given, member: CurrentNeighbour, estate: SharedEstate) -> HTMLResponse:
        page = member_page(request, services, member, estate)
        rows = services.buildings.rows(estate, member)
        seq = services.queries.ledger_head(estate, member).seq if page.viewer and page.viewer.works else None
        return pages.respond(request, "buildings.html", page.at("buildings", seq), rows=rows, order=ORDER)

    @router.get("/buildings/{place:path}/now", response_class=Response)
    def now(
        request: Request, services: Given, member: CurrentNeighbour, place: PlacePath, *, show: Show = None
    ) -> Response:
        """The parts of the page that change, for its script; nothing where nothing has."""
        view = services.buildings(place, member)
        page = member_page(request, services, member, services.buildings.estate_of(place, member))
        shown = building_of(view, page, show)
        at = page.at("buildings")
        return part(request, pages, "building_now.html", at, said=shown.etag, view=lambda: {"building": shown})

    @router.get("/buildings/{place:path}")
    def building(
        request: Request, services: Given, member: CurrentNeighbour, place: PlacePath, *, show: Show = None
    ) -> HTMLResponse:
        view = services.buildings(place, member)
        page = member_page(request, services, member, services.buildings.estate_of(place, member))
        shown = page.at("buildings", None if view.public else view.seq)
        return pages.respond(request, "building.html", shown, building=building_of(view, page, show))

    return router
