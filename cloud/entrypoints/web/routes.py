"""The pages people open: the board, an incident, the fleet."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Path, Query, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from cloud.application.asking.views import TaskView
from cloud.application.estates.sign_in import Identity
from cloud.domain.community.party import Role
from cloud.domain.duties.register import NODE_PREFIX
from cloud.domain.incidents.inhibition import DEAD_NODE
from cloud.domain.tasks.sight import private
from cloud.entrypoints.api.access import CurrentMember, EstateId, Given
from cloud.entrypoints.api.enrolment import ENROLS
from cloud.entrypoints.api.estates import reported
from cloud.entrypoints.api.neighbours import CurrentNeighbour, shared_estate_for
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.web.board import arrange
from cloud.entrypoints.web.chart import draw
from cloud.entrypoints.web.chosen import Chosen, Facet
from cloud.entrypoints.web.filters import EVERY, Filter, asks_for_every
from cloud.entrypoints.web.fleet import Condition, arranged, draining, fleet_row, speaking
from cloud.entrypoints.web.home import Cursor, show_home
from cloud.entrypoints.web.page import ThisPage, member_page
from cloud.entrypoints.web.page_router import PageRouter
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.signal import Signal
from cloud.entrypoints.web.story import tell

WIDE = 760.0
NARROW = 360.0
"""Charts are drawn twice: text in an SVG shrinks with it, and on a phone must still be read."""


def _lost_node(task: TaskView) -> str | None:
    """The node that the task is about, where it is that it is not heard."""
    return task.equipment.id.removeprefix(NODE_PREFIX) if task.hazard == DEAD_NODE else None


def board_estate_for(
    member: CurrentNeighbour,
    estate: Annotated[
        str | None, Query(max_length=64, description="`all`: every estate of who works in several.")
    ] = None,
) -> str:
    if member.member.role is not Role.RESIDENT and asks_for_every(estate, member.estates):
        return EVERY
    return shared_estate_for(member, estate)


BoardEstate = Annotated[str, Depends(board_estate_for)]


def routes(pages: Pages) -> PageRouter:
    router = PageRouter()
    _board(router, pages)
    _incident(router, pages)
    _fleet(router, pages)
    return router


def _board(router: PageRouter, pages: Pages) -> None:
    @router.get("/")
    def board(
        request: Request,
        services: Given,
        member: CurrentNeighbour,
        estate: BoardEstate,
        *,
        chosen: Chosen,
        flood: Facet = None,
        cursor: Cursor = None,
    ) -> HTMLResponse:
        """Where everybody begins: who works here at the board, a resident with their own reports and building."""
        if member.member.role is Role.RESIDENT:
            return show_home(request, services, pages, member, estate=estate, cursor=cursor)
        if estate == EVERY:
            return _everywhere(request, services, pages, member, replace(chosen, estate=EVERY, flood=flood))
        page = member_page(request, services, member, estate)
        view, saved = services.queries.board(estate, member), services.views.of(estate, member)
        chosen = replace(chosen, estate=estate if len(member.estates) > 1 else None, flood=flood)
        register = services.queries.register(estate, member)
        stands = services.buildings.lifts.of_tasks(register, view.tasks)
        arranged = arrange(view, register, chosen, saved, stands)
        sets_up = page.viewer is not None and page.viewer.sets_up
        unfinished = sets_up and services.setting_up.ask.unfinished(estate, member)
        shown = page.at("board", view.seq)
        if page.rings and not page.several:
            # They were read with the board.
            shown = replace(shown, ringing=lambda: arranged.alarms)
        ahead = services.assurance.planned.ahead(estate, member)
        return pages.respond(request, "board.html", shown, board=arranged, unfinished=unfinished, exercises=ahead,
            gone=services.accounts.screens.gone(member, estate),
        )  # fmt: skip


def _everywhere(request: Request, services: Services, pages: Pages, member: Identity, chosen: Filter) -> HTMLResponse:
    """All estates of a member as one board. What is one estate's alone stands on its own: saved views, where lifts stand."""
    view, registers = services.queries.over.board(member), services.queries.over.registers(member)
    page = replace(member_page(request, services, member, view.estate.id).at("board", view.seq), everywhere=True)
    board = arrange(view, registers, chosen)
    ahead = services.assurance.planned.ahead_over(member)
    return pages.respond(request, "board.html", page, board=board, unfinished=False, exercises=ahead, gone=())


def _incident(router: PageRouter, pages: Pages) -> None:
    @router.get("/incidents/{incident_id}")
    def incident(
        request: Request,
        services: Given,
        member: CurrentMember,
        incident_id: Annotated[str, Path(max_length=64)],
        *,
        taken: Annotated[str | None, Query(max_length=64)] = None,
    ) -> HTMLResponse:
        view = services.queries.incident(incident_id, member)
        page = member_page(request, services, member, view.task.estate)
        signal = Signal(services.readings, view.task.estate, page.zone, page.language)
        chart = signal.chart(view, page.now)
        drawings = {
            # The chart escapes every text that goes into it (tests/unit/cloud/web/test_chart.py).
            name: Markup(draw(chart, width)) if chart else None  # noqa: S704
            for name, width in (("wide", WIDE), ("narrow", NARROW))
        }
        shown = page.about(incident_id, view.seq)
        register = services.queries.register(view.task.estate, member)
        stands = services.buildings.lifts.of_tasks(register, [view.task])
        rows = {row.id: row.hazards for row in register.matrix.duties} | {view.duty_id: view.duty_hazards}
        stand = stands.get(view.task.equipment.id)
        return pages.respond(
            request, "incident.html", shown, incident=view, story=tell(view), drawings=drawings, stand=stand, rows_of=rows,
            lost_node=_lost_node(view.task), taken=taken,
            to_phone=services.welfare.whom_to_phone(view.task.id, member) if private(view.task.hazard) else (),
        )  # fmt: skip


def _fleet(router: PageRouter, pages: Pages) -> None:
    @router.get("/fleet")
    def fleet(
        request: Request,
        services: Given,
        member: CurrentMember,
        page: ThisPage,
        estate: EstateId,
        *,
        state: Condition | None = None,
        named: Annotated[str, Query(max_length=128)] = "",
    ) -> HTMLResponse:
        seq = services.queries.ledger_head(estate, member).seq
        enrols = member.member.role in ENROLS
        credentials = services.enrolling.credentials(estate, member) if enrols else []
        known, old = speaking(credentials), draining(credentials)
        rows = [
            fleet_row(report, known.get(report.node.id), draining=old[report.node.id])
            for report in reported(services, estate, services.queries.nodes(estate, member))
        ]
        tools = services.nodes.tools(estate, member)
        card_key = services.card_keys.ask(estate, member) if enrols else None
        shown = page.at("fleet", seq)
        view = arranged(rows, state, named, estate if len(member.estates) > 1 else None)
        return pages.respond(request, "fleet.html", shown, fleet=view, enrols=enrols, tools=tools, card_key=card_key)
