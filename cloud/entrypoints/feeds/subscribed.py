"""Where feeds are subscribed to: matters and warnings for everybody, a party's own for its members, rosters at secret addresses.

What writes XML is imported when somebody asks for it.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from cloud.entrypoints.api.access import CurrentMember, Given
from cloud.entrypoints.api.late import LateRoute
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.feeds.conditional import answered

router = APIRouter(prefix="/feeds", include_in_schema=False, route_class=LateRoute)

EstateName = Annotated[str, Path(max_length=64)]
Name = Annotated[str, Path(max_length=128)]
Identifier = Annotated[str, Path(max_length=256)]


def address_of(request: Request, services: Services) -> str:
    """The service's own address, as people type it."""
    return services.url or str(request.base_url).rstrip("/")


@router.get("/{estate}/cap.atom")
def warnings(request: Request, services: Given, estate: EstateName) -> Response:
    from cloud.entrypoints.feeds import cap

    url, asked = address_of(request, services), services.public.warnings
    return answered(
        request, asked.mark(estate), "application/atom+xml", lambda: cap.cap_index(url, asked.index(estate))
    )


@router.get("/{estate}/cap/{identifier}")
def warning(request: Request, services: Given, estate: EstateName, identifier: Identifier) -> Response:
    from cloud.entrypoints.feeds import cap

    found = services.public.warnings.message(estate, identifier)
    body = cap.cap_document(address_of(request, services), found)
    # A message never changes: what is new about it is another message.
    return Response(body, media_type=cap.MEDIA_TYPE, headers={"Cache-Control": "public, max-age=86400"})


@router.get("/{estate}/matters.atom")
def of_estate(request: Request, services: Given, estate: EstateName) -> Response:
    return _public_feed(request, services, estate, None)


@router.get("/{estate}/buildings/{building}.atom")
def of_building(request: Request, services: Given, estate: EstateName, building: Name) -> Response:
    return _public_feed(request, services, estate, building)


@router.get("/{estate}/parties/{party}.atom")
def of_party(request: Request, services: Given, estate: EstateName, party: Name, member: CurrentMember) -> Response:
    from cloud.entrypoints.feeds import matters

    url, asked = address_of(request, services), services.public.matters
    here, mark = f"{url}/feeds/{estate}/parties/{party}.atom", asked.mark(estate, member)
    shown = asked.of_party(estate, party, member)
    page = f"{url}/incidents"
    return answered(
        request, mark, matters.MEDIA_TYPE, lambda: matters.matters_feed(here, shown, page=page), public=False
    )


@router.get("/calendars/{token}")
def calendar(services: Given, token: Annotated[str, Path(max_length=128)]) -> Response:
    """A roster, to whoever was given its secret address: programs that subscribe send nothing else."""
    content = services.reach.links.read(token)
    return Response(content, media_type="text/calendar", headers={"Cache-Control": "private, no-cache"})


def _public_feed(request: Request, services: Services, estate: str, building: str | None) -> Response:
    from cloud.entrypoints.feeds import matters

    asked = services.public.matters
    place = "matters.atom" if building is None else f"buildings/{building}.atom"
    here = f"{address_of(request, services)}/feeds/{estate}/{place}"

    def body() -> bytes:
        return matters.matters_feed(here, asked.of_place(estate, building))

    return answered(request, asked.mark(estate), matters.MEDIA_TYPE, body)
