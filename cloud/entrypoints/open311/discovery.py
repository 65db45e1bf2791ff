"""Service discovery of Open311: which interfaces there are, for clients that know the host alone."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from cloud.entrypoints.api.access import Given
from cloud.entrypoints.api.late import LateRoute
from cloud.entrypoints.feeds.subscribed import address_of
from cloud.entrypoints.open311.answers import XML, single
from cloud.entrypoints.open311.asked import Form

router = APIRouter(prefix="/open311", include_in_schema=False, route_class=LateRoute)

CHANGESET: Final = "2026-11-27T00:00:00+00:00"
"""When services or their definitions last changed: clients keep them until this does."""

_FORMATS: Final = ["text/xml", "application/json"]


@router.get("/discovery.{form}")
def discover(form: Form, request: Request, services: Given) -> Response:
    url = address_of(request, services)
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": f"{url}/open311/v2",
        "changeset": CHANGESET,
        "type": "test" if services.demonstrates else "production",
        "formats": {"format": _FORMATS} if form == XML else _FORMATS,
    }
    found = {
        "changeset": CHANGESET,
        "contact": f"见小区公开页 · See the estate's public page: {url}/public/{{jurisdiction_id}}",
        "key_service": "无需密钥 · No key is needed",
        "endpoints": [endpoint],
    }
    return single(form, "discovery", found)
