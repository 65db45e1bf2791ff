"""The web application: the interface, the live stream and the pages, made from the services it is given."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Final

from anyio import to_thread
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from cloud.entrypoints.api.failures import answering, handle_failures
from cloud.entrypoints.api.openapi import describe
from cloud.entrypoints.api.services import Services
from cloud.entrypoints.feeds.lasting import LastingApp
from cloud.entrypoints.feeds.tail import Feeds, ToldLedger
from cloud.entrypoints.interface_routes import interface_routes
from cloud.entrypoints.looking_glass import LookingGlass
from cloud.entrypoints.once import Once
from cloud.entrypoints.pace import USUAL, Pace, Paced
from cloud.entrypoints.page_routes import page_routes
from cloud.entrypoints.web.doors import ErrorPages
from cloud.entrypoints.web.guard import Guard
from cloud.entrypoints.web.rendering import Pages

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
        routes=[*interface_routes(), *page_routes(pages)],
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
