"""The web application: the interface, the live stream and the pages, made from the services it is given."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from importlib.resources import files
from typing import Any, Final

from anyio import to_thread
from fastapi import APIRouter, FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.staticfiles import StaticFiles
from pydantic.json_schema import models_json_schema

from cloud.entrypoints import callbacks
from cloud.entrypoints.api import (
    aside,
    ballots,
    card_keys,
    consultation,
    contacts,
    coverage,
    credit,
    deliveries,
    duties,
    enrolment,
    estates,
    exchange,
    handovers,
    health,
    incidents,
    joint,
    ledger,
    ledger_export,
    nodes,
    occasions,
    personal,
    readings,
    reports,
    rosters,
    small_tasks,
    tasks,
    topics,
    verification,
    webhooks,
)
from cloud.entrypoints.api.access import CurrentMember
from cloud.entrypoints.api.failures import handle_failures
from cloud.entrypoints.api.problems import Problem, documented
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.feeds.lasting import LastingApp
from cloud.entrypoints.feeds.tail import Feeds, ToldLedger
from cloud.entrypoints.web import consultation_deeds, deeds, joint_deeds, node_deeds, planned, verification_deeds
from cloud.entrypoints.web.claims import claims
from cloud.entrypoints.web.consultation import consultation as consultation_pages
from cloud.entrypoints.web.doors import ErrorPages, doors
from cloud.entrypoints.web.duties import duties as duty_page
from cloud.entrypoints.web.guard import Guard
from cloud.entrypoints.web.public_ledger import public_ledger
from cloud.entrypoints.web.registers import registers
from cloud.entrypoints.web.rendering import Pages
from cloud.entrypoints.web.revocations import revocations
from cloud.entrypoints.web.routes import routes

AT_ONCE: Final = 8
"""Questions to the storage answered at once, as many as it has connections: of the framework's own forty threads most would
only wait, and a thousand people who open the board together would leave 8 MiB more behind."""
WAITING_AT_ONCE: Final = 40
"""Where some of them wait for an engine of another house, so that nobody else's question waits behind these."""

PREFIX: Final = "/api/v1"

_log = logging.getLogger(__name__)

DESCRIPTION: Final = """Incidents, tasks, readings and the ledger of residential estates.

Send an API token as `Authorization: Bearer …`. Errors are problem documents (RFC 9457) that say what was wrong and what
to do. `If-Match` with the revision seen (the ETag) refuses to act on a task that has changed since."""


def create_app(services: Services, *, workers: int = AT_ONCE) -> FastAPI:
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

    # Swagger's pages come from elsewhere, which our content policy rightly forbids; the document itself is a route.
    app = LastingApp(
        title="Tocsin",
        version="1",
        description=DESCRIPTION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.services = services
    pages = Pages()
    handle_failures(app, ErrorPages(pages))
    app.include_router(_interface(app))
    app.include_router(health.router)
    app.include_router(callbacks.router)
    app.include_router(doors(pages))
    app.include_router(routes(pages))
    app.include_router(duty_page(pages))
    app.include_router(claims(pages))
    app.include_router(public_ledger(pages))
    app.include_router(registers(pages))
    app.include_router(consultation_pages(pages))
    app.include_router(revocations(pages))
    app.include_router(planned.planned(pages))
    app.include_router(planned.deeds)
    app.include_router(deeds.router)
    app.include_router(consultation_deeds.router)
    app.include_router(joint_deeds.router)
    app.include_router(node_deeds.router)
    app.include_router(verification_deeds.router)
    app.mount("/static", StaticFiles(directory=str(files("cloud.entrypoints.web") / "static")), name="static")
    app.add_middleware(Guard, https=services.secure_cookies)
    _describe_problems(app)
    _work_out_routes(app)
    return app


def _work_out_routes(app: FastAPI) -> None:
    """Now rather than with the first request, as the framework would: on the loop it holds up everybody for half a second,
    and for many where other threads are busy.
    """
    for _ in iter_route_contexts(app.routes):
        pass


def _note_death(task: asyncio.Task[None], feeds: Feeds) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        _log.critical("the live streams have died; restart the service", exc_info=error)
        feeds.failed(f"the task that moves them died: {error}. Restart the service.")


def _interface(app: FastAPI) -> APIRouter:
    refused = documented(
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        HTTPStatus.UNPROCESSABLE_ENTITY,
        HTTPStatus.SERVICE_UNAVAILABLE,
    )
    interface = APIRouter(prefix=PREFIX, responses=refused)
    of_tasks = (incidents, tasks, aside, joint, verification, reports, occasions)
    of_estates = (estates, duties, coverage, rosters, handovers, readings, ledger, ledger_export, personal)
    of_nodes = (nodes, card_keys, enrolment)
    of_people = (contacts, webhooks, deliveries, credit, exchange, small_tasks)
    of_owners = (topics, ballots, consultation)
    for part in (*of_tasks, *of_estates, *of_nodes, *of_people, *of_owners):
        interface.include_router(part.router)
    interface.include_router(ledger_export.public)

    @interface.get("/openapi.json", include_in_schema=False)
    def describe(member: CurrentMember) -> dict[str, Any]:  # noqa: ARG001 - asked for to be let in
        return app.openapi()

    return interface


def _describe_problems(app: FastAPI) -> None:
    """Puts the problem document, to which all documented errors refer, among the schemas of the OpenAPI document."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        document = plain()
        _, schemas = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
        document.setdefault("components", {}).setdefault("schemas", {}).update(schemas["$defs"])
        return document

    app.openapi = described  # type: ignore[method-assign] # FastAPI's documented way to extend the document
