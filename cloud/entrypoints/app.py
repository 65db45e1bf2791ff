"""The web application: the interface, the live stream and the pages, made from the services it is given."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Final

from anyio import to_thread
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.routing import BaseRoute

from cloud.entrypoints import callbacks
from cloud.entrypoints.api import (
    alarm_quality,
    aside,
    ballots,
    calls,
    card_keys,
    channels,
    consultation,
    contacts,
    coverage,
    credit,
    dead_letters,
    deliveries,
    description,
    duties,
    enrolment,
    estate_exports,
    estates,
    exchange,
    exports,
    following,
    handovers,
    health,
    imports,
    incidents,
    joint,
    ledger,
    ledger_export,
    list_exports,
    me,
    members,
    nodes,
    occasions,
    personal,
    readings,
    reports,
    rosters,
    several_nodes,
    small_tasks,
    stand_down,
    tasks,
    topics,
    upkeep,
    verification,
    webhooks,
    welfare,
)
from cloud.entrypoints.api import (
    screens as screens_api,
)
from cloud.entrypoints.api.failures import answering, handle_failures
from cloud.entrypoints.api.openapi import describe
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.feeds import subscribed
from cloud.entrypoints.feeds.lasting import LastingApp
from cloud.entrypoints.feeds.tail import Feeds, ToldLedger
from cloud.entrypoints.looking_glass import LookingGlass
from cloud.entrypoints.once import Once
from cloud.entrypoints.open311 import discovery
from cloud.entrypoints.open311 import routes as open311
from cloud.entrypoints.pace import USUAL, Pace, Paced
from cloud.entrypoints.web import (
    consultation_deeds,
    deeds,
    guide_deeds,
    joint_deeds,
    node_deeds,
    patrols,
    planned,
    saved_views,
    stand_down_deeds,
    verification_deeds,
)
from cloud.entrypoints.web import (
    upkeep as upkeep_page,
)
from cloud.entrypoints.web.account import account
from cloud.entrypoints.web.at_the_label import at_the_label
from cloud.entrypoints.web.ballot_terms import ballot_terms
from cloud.entrypoints.web.beginnings import beginnings
from cloud.entrypoints.web.buildings import buildings
from cloud.entrypoints.web.channels import channels as channel_pages
from cloud.entrypoints.web.claims import claims
from cloud.entrypoints.web.closed import closed
from cloud.entrypoints.web.consultation import consultation as consultation_pages
from cloud.entrypoints.web.credit import credit as credit_page
from cloud.entrypoints.web.dead_letters import dead_letters as dead_letter_page
from cloud.entrypoints.web.demonstration import demonstration
from cloud.entrypoints.web.desk import desk
from cloud.entrypoints.web.documents import documents
from cloud.entrypoints.web.doors import ErrorPages, doors
from cloud.entrypoints.web.duties import duties as duty_page
from cloud.entrypoints.web.duty_matrix import duty_matrix
from cloud.entrypoints.web.duty_room import duty_room
from cloud.entrypoints.web.equipment import equipment as equipment_page
from cloud.entrypoints.web.follow import follow, own_reports
from cloud.entrypoints.web.guard import Guard
from cloud.entrypoints.web.guide import guide
from cloud.entrypoints.web.handovers import handovers as handover_pages
from cloud.entrypoints.web.home import home
from cloud.entrypoints.web.importing import importing
from cloud.entrypoints.web.labels import labels
from cloud.entrypoints.web.members import members as member_pages
from cloud.entrypoints.web.neighbour_deeds import neighbour_deeds
from cloud.entrypoints.web.neighbours import neighbours
from cloud.entrypoints.web.personal import personal as personal_page
from cloud.entrypoints.web.problems import problems
from cloud.entrypoints.web.public_ledger import public_ledger
from cloud.entrypoints.web.reached import reached
from cloud.entrypoints.web.registers import registers
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.revocations import revocations
from cloud.entrypoints.web.ringing import ringing
from cloud.entrypoints.web.rosters import rosters as roster_pages
from cloud.entrypoints.web.routes import routes
from cloud.entrypoints.web.rules import rules
from cloud.entrypoints.web.screens import screens
from cloud.entrypoints.web.second_factor import second_factor
from cloud.entrypoints.web.several_nodes import several_nodes as several_pages
from cloud.entrypoints.web.signing_in import signing_in
from cloud.entrypoints.web.slips import slips
from cloud.entrypoints.web.transparency import transparency
from cloud.entrypoints.web.webhooks import webhooks as webhook_page
from cloud.entrypoints.web.welfare import welfare as welfare_page

AT_ONCE: Final = 8
"""Questions to the storage answered at once, as many as it has connections: of the framework's own forty threads most would
only wait, and a thousand people who open the board together would leave 8 MiB more behind."""
WAITING_AT_ONCE: Final = 40
"""Where some of them wait for an engine of another house, so that nobody else's question waits behind these."""

_log = logging.getLogger(__name__)

DESCRIPTION: Final = """Incidents, tasks, readings and the ledger of residential estates.

Send an API token as `Authorization: Bearer …`. Errors are problem documents (RFC 9457) that say what was wrong and what
to do. `If-Match` with the revision seen (the ETag) refuses to act on a task that has changed since."""


def create_app(services: Services, *, workers: int = AT_ONCE, pace: Pace = USUAL) -> FastAPI:
    """Builds it all; nothing runs until the server starts it. `workers`: threads that answer questions."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = workers
        following = asyncio.create_task(services.feeds.run(ToldLedger(services.queries)), name="live feeds")
        following.add_done_callback(lambda task: _note_death(task, services.feeds))
        try:
            yield
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    pages = Pages()
    # Swagger's pages come from elsewhere, which our content policy rightly forbids; the document itself is a route.
    app = LastingApp(
        title="Tocsin",
        version="1",
        description=DESCRIPTION,
        # No router is included: what that would take says api.interface.
        routes=[*_interface_routes(), *_page_routes(pages)],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    respond = answering(ErrorPages(pages))
    handle_failures(app, respond)
    app.mount("/static", StaticFiles(directory=str(files("cloud.entrypoints.web") / "static")), name="static")
    app.add_middleware(Once, once=services.once)
    app.add_middleware(Paced, pace=pace, respond=respond)
    # Added last, it surrounds the others.
    app.add_middleware(Guard, https=services.secure_cookies, respond=respond)
    if services.demo is not None:
        app.add_middleware(LookingGlass, demo=services.demo, https=services.secure_cookies)
    describe(app)
    return app


def _note_death(task: asyncio.Task[None], feeds: Feeds) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.critical("the live streams have died; restart the service", exc_info=error)
        feeds.failed(f"the task that moves them died: {error}. Restart the service.")


def _interface_routes() -> Iterator[BaseRoute]:
    of_tasks = (incidents, following, tasks, aside, calls, joint, stand_down, verification, reports, occasions, upkeep)
    of_estates = (
        *(
            estates,
            duties,
            coverage,
            rosters,
            handovers,
            readings,
            ledger,
            ledger_export,
            exports,
            list_exports,
            estate_exports,
            imports,
            personal,
        ),
    )
    of_nodes = (nodes, several_nodes, card_keys, enrolment, alarm_quality, dead_letters)
    of_people = (
        me,
        welfare,
        members,
        screens_api,
        contacts,
        channels,
        webhooks,
        deliveries,
        credit,
        exchange,
        small_tasks,
    )
    of_owners = (topics, ballots, consultation)
    for part in (*of_tasks, *of_estates, *of_nodes, *of_people, *of_owners):
        yield from part.router.routes
    for router in (
        ledger_export.public,
        description.router,
        health.router,
        callbacks.router,
        subscribed.router,
        discovery.router,
        open311.router,
    ):
        yield from router.routes


def _page_routes(pages: Pages) -> Iterator[BaseRoute]:
    shown = (
        doors,
        signing_in,
        beginnings,
        account,
        screens,
        second_factor,
        welfare_page,
        reached,
        member_pages,
        routes,
        closed,
        ringing,
        home,
        duty_page,
        duty_matrix,
        roster_pages,
        handover_pages,
        claims,
        public_ledger,
        problems,
        registers,
        rules,
        documents,
        several_pages,
        dead_letter_page,
        channel_pages,
        webhook_page,
        consultation_pages,
        ballot_terms,
        neighbours,
        neighbour_deeds,
        credit_page,
        personal_page,
        revocations,
        planned.planned,
        patrols.patrols,
        duty_room,
        labels,
        slips,
        at_the_label,
        desk,
        follow,
        own_reports,
        transparency,
        buildings,
        equipment_page,
        guide,
        guide_deeds.guide_deeds,
        importing,
        demonstration,
    )
    for page in shown:
        yield from page(pages).routes
    of_tasks = (deeds, joint_deeds, stand_down_deeds, verification_deeds)
    for posted in (*of_tasks, consultation_deeds, node_deeds, patrols, planned, saved_views, upkeep_page):
        yield from posted.router.routes
