"""What a lift's papers say, noted by a form on its own page."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import Form
from fastapi.responses import RedirectResponse

from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.errors import Refused

router = PageRouter()

Thing = Annotated[str, Form(max_length=96)]
Day = Annotated[str, Form(max_length=10)]


@router.post("/upkeep")
def note(
    services: Given, member: CurrentMember, page: ThisPage, estate: EstateId,
    *, equipment: Thing, maintained_on: Day = "", inspected_until: Day = "",
) -> RedirectResponse:  # fmt: skip
    """An empty date stays as it is."""
    services.assurance.upkeep.note(
        estate, equipment, member, maintained_on=_day(maintained_on), inspected_until=_day(inspected_until)
    )
    return RedirectResponse(f"/equipment/{quote(equipment)}{page.estate_query}", HTTPStatus.SEE_OTHER)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError as error:
        raise Refused(f"{text!r} is no day; write one like 2026-11-27.", "日期无效，请写如 2026-11-27") from error
