"""Exercises and maintenance on a page: what is under way, what comes, and forms to plan it, end it, turn it real."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import Depends, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from cloud.application.tasks.keep_windows import Asked
from cloud.domain.community.faults import fault
from cloud.domain.incidents.drilled import USUAL
from cloud.domain.incidents.maintenance import REASONS
from cloud.entrypoints.api import cursors
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.web.older import Cursor, before
from cloud.entrypoints.web.page import ThisPage
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.posting import PartyIds
from cloud.entrypoints.web.rendering import Pages
from cloud.errors import Invalid

HAZARDS: Final = ("*", "lift.*", "fire.*", "access.*", "node.*", "point.*")
"""What a window may explain, as duties write it; the interface takes any pattern."""

LASTS: Final = {"exercise": (30, 60, 120, 240, 480), "window": (60, 120, 240, 480, 1440, 4320, 10080)}
"""Minutes to choose from."""

PlannedId = Annotated[str, Path(max_length=64)]
Moment = Annotated[str, Form(max_length=32)]
Minutes = Annotated[int, Form(ge=1, le=7 * 24 * 60)]


def planned(pages: Pages) -> PageRouter:
    shown = PageRouter()

    @shown.get("/planned")
    def show(
        request: Request, services: Given, member: CurrentMember, page: ThisPage, estate: EstateId,
        *, exercises: Cursor = None, windows: Cursor = None,
    ) -> HTMLResponse:  # fmt: skip
        found = services.assurance.planned(estate, member, exercises=before(exercises), windows=before(windows))
        older = {"exercises": found.older_exercises, "windows": found.older_windows}
        return pages.respond(
            request, "planned.html", page.at("planned"), planned=found, spans=LASTS,
            older={name: cursors.encode([cursors.at(last[0]), last[1]]) for name, last in older.items() if last}, reasons=sorted(REASONS),
            hazards=HAZARDS, lifts=services.assurance.upkeep.listed(estate, member), soon=page.now.astimezone(page.zone).strftime("%Y-%m-%dT%H:%M"),
        )  # fmt: skip

    return shown


class ThisEstate:
    """Who plans, where, and with which use cases."""

    def __init__(self, services: Given, member: CurrentMember, page: ThisPage, estate: EstateId) -> None:
        self.estate, self.member, self.page, self.now = estate, member, page, services.clock.now()
        self.exercises, self.windows = services.assurance.exercises, services.assurance.windows

    def span(self, starts: str, minutes: int) -> tuple[datetime, datetime]:
        begins = moment(starts, self.page.zone) if starts.strip() else self.now
        return begins, begins + timedelta(minutes=minutes)

    def back(self) -> RedirectResponse:
        return RedirectResponse(f"/planned{self.page.estate_query}", HTTPStatus.SEE_OTHER)


Here = Annotated[ThisEstate, Depends(ThisEstate)]
router = PageRouter("/planned")


@router.post("/exercises")
def plan_exercise(
    here: Here, minutes: Minutes, *,
    equipment: PartyIds = [], hazards: PartyIds = [USUAL], starts: Moment = "",  # noqa: B006 - FastAPI copies them
) -> RedirectResponse:  # fmt: skip
    here.exercises.plan(here.estate, equipment, *here.span(starts, minutes), here.member, hazards=hazards)
    return here.back()


@router.post("/exercises/{exercise}/end")
def end_exercise(here: Here, exercise: PlannedId) -> RedirectResponse:
    here.exercises.end(here.estate, exercise, here.member)
    return here.back()


@router.post("/windows")
def open_window(
    here: Here, minutes: Minutes, reason: Annotated[str, Form(max_length=32)], *,
    equipment: PartyIds = [], place: Annotated[str, Form(max_length=512)] = "",  # noqa: B006 - FastAPI copies it
    hazards: Annotated[str, Form(max_length=64)] = "*", starts: Moment = "",
) -> RedirectResponse:  # fmt: skip
    begins, ends = here.span(starts, minutes)
    here.windows.open(
        here.estate, Asked(begins, ends, reason, tuple(equipment), place or None, (hazards,)), here.member
    )
    return here.back()


@router.post("/windows/{window}/end")
def end_window(here: Here, window: PlannedId) -> RedirectResponse:
    here.windows.end(here.estate, window, here.member)
    return here.back()


@router.post("/windows/{window}/accept")
def accept_visit(here: Here, window: PlannedId) -> RedirectResponse:
    here.windows.accept(here.estate, window, here.member)
    return here.back()


def moment(text: str, zone: ZoneInfo) -> datetime:
    """What `<input type="datetime-local">` sends, in the estate's own time. Raises Invalid."""
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=zone)
    except ValueError:
        raise Invalid("It was not planned.", [fault("no-moment", field="starts", text=text)]) from None
