"""The duty room's wall screen: the loudest incident fills it; calm, it says what the shift should know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse

from cloud.application.asking.board_view import is_unanswered_alarm
from cloud.application.asking.building_views import LiftStand
from cloud.application.asking.call_views import CallView, OfficerView
from cloud.application.asking.duty_room import DutyRoomView
from cloud.application.asking.part_views import AssignmentView, ClockView
from cloud.application.asking.views import TaskView
from cloud.application.rosters.hand_over import HandoverView
from cloud.application.tasks.planned import PlannedView
from cloud.domain.community.access import Purpose
from cloud.domain.community.names import Names
from cloud.domain.community.place import PlaceKind
from cloud.domain.tasks.assignment import AssignmentState
from cloud.entrypoints.api.access import AskedEstate, Given, OnTheWall, estate_for
from cloud.entrypoints.web.board import running_clock
from cloud.entrypoints.web.filters import EVERY, asks_for_every
from cloud.entrypoints.web.page import member_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.sessions import keep_screen

NEXT: Final = 6
"""Rows below the loudest that fit on a wall screen without scrolling; the rest is counted."""

EVERY_S: Final = 10
"""How often the wall loads itself where no script keeps it fresh: an alarm is seen within ten seconds, and there is time to
press a button.
"""

COMING: Final = frozenset({AssignmentState.ACCEPTED, AssignmentState.ARRIVED, AssignmentState.DONE})
ONE_NEXT: Final = ("acknowledge", "start", "arrive", "finish", "close")


@dataclass(frozen=True, slots=True)
class Loudest:
    """The incident that fills the wall. `next`: the one thing to press; `floor`: where its place is one; `stand`: where its
    lift stands, where that matters.
    """

    task: TaskView
    calls: Sequence[CallView]
    officers: Sequence[OfficerView]
    words: Names | None
    floor: Names | None
    coming: Sequence[AssignmentView]
    silent: Sequence[AssignmentView]
    clock: ClockView | None
    next: str | None
    mutes: bool
    stand: LiftStand | None = None

    @property
    def revision(self) -> str:
        task = self.task
        parts = ",".join(f"{part.party.id}:{part.state}" for part in task.assignments)
        return f"{task.id}|{task.revision}|{task.severity}|{task.raises}|{task.muted_until}|{parts}|{self.stand.revision if self.stand else ''}"


@dataclass(frozen=True, slots=True)
class Calm:
    """What the shift should know while nothing rings."""

    handover: HandoverView | None
    exercises: Sequence[PlannedView]
    windows: Sequence[PlannedView]


@dataclass(frozen=True, slots=True)
class DutyRoom:
    """What the duty room's template shows: `loudest` or `calm`; of several estates neither handover nor maintenance."""

    view: DutyRoomView
    loudest: Loudest | None
    after: Sequence[TaskView]
    more: int
    alarms: Sequence[TaskView]
    calm: Calm | None


def loudest_of(view: DutyRoomView, stands: Mapping[str, LiftStand] = MappingProxyType({})) -> Loudest | None:
    if not view.ringing:
        return None
    task = view.ringing[0]
    return Loudest(
        task=task,
        calls=view.calls,
        officers=view.officers,
        words=task.read_out or view.words,
        floor=task.place.names if task.place.kind is PlaceKind.FLOOR else None,
        coming=[part for part in task.assignments if part.state in COMING],
        silent=[part for part in task.assignments if part.state not in COMING],
        clock=running_clock(task),
        next=next((action for action in ONE_NEXT if action in task.allowed), None),
        mutes="mute" in task.allowed,
        stand=stands.get(task.equipment.id),
    )


def room_estate_for(member: OnTheWall, estate: AskedEstate = None) -> str:
    """`all`: every estate of who works in several; a screen on a wall hangs in one."""
    if member.purpose is not Purpose.SCREEN and asks_for_every(estate, member.estates):
        return EVERY
    return estate_for(member, estate)


RoomEstate = Annotated[str, Depends(room_estate_for)]


def duty_room(pages: Pages) -> PageRouter:
    router = PageRouter()

    @router.get("/duty-room")
    def show(request: Request, services: Given, member: OnTheWall, estate: RoomEstate) -> HTMLResponse:
        every = estate == EVERY
        view = services.duty_room.over_estates(member) if every else services.duty_room(estate, member)
        own = view.board.estate.id
        page = replace(member_page(request, services, member, own), everywhere=every)
        planned = services.assurance.planned
        loudest = loudest_of(view, _stands(services, member, view.ringing[:1]))
        room = DutyRoom(
            view=view,
            loudest=loudest,
            after=view.ringing[1 : NEXT + 1],
            more=max(len(view.ringing) - 1 - NEXT, 0),
            alarms=[task for task in view.ringing if is_unanswered_alarm(task)],
            calm=None if loudest or every else _calm(services, member, own),
        )
        response = pages.respond(
            request,
            "duty_room.html",
            page.at("duty-room", view.board.seq),
            room=room,
            every_s=EVERY_S,
            exercises=planned.ahead_over(member) if every else planned.ahead(own, member),
        )
        if member.purpose is Purpose.SCREEN:
            keep_screen(request, response, services)
        return response

    return router


def _stands(services: Given, member: OnTheWall, loudest: Sequence[TaskView]) -> Mapping[str, LiftStand]:
    for task in loudest:
        return services.buildings.lifts.of_tasks(services.queries.register(task.estate, member), loudest)
    return {}


def _calm(services: Given, member: OnTheWall, estate: str) -> Calm:
    known = services.reach.handovers.listed(estate, member, party=member.member.party_id, limit=1).handovers
    planned = services.assurance.planned(estate, member)
    return Calm(
        handover=known[0] if known else None,
        exercises=[one for one in planned.exercises if one.state == "running"],
        windows=[one for one in planned.windows if one.state == "running"],
    )
