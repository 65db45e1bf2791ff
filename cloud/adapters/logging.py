"""Logs, set up in one place: lines for people at a terminal, JSON for machines; on standard error."""

from __future__ import annotations

import logging
import sys
from typing import Any, Final, Literal, TextIO

import structlog

from cloud.adapters.story import STORY

Format = Literal["console", "json"]
Level = Literal["debug", "info", "warning", "error"]

_QUIET: Final = (
    "uvicorn.access", "alembic", "sqlalchemy.engine", "paho", "asyncio",
    "httpx", "httpcore", "urllib3", "requests", "apprise", "python_multipart", "multipart", "authlib",
)  # fmt: skip
"""They tell of each request or statement, addresses with the secrets of links and providers, headers with cookies among it;
their warnings are still heard.
"""


def set_up(form: Format = "console", level: Level = "info", *, to: TextIO | None = None) -> None:
    """Our loggers and those of the libraries end in one stream, one line each: `to`, or standard error. Called by each
    `main`: by the service's as its settings say, by a command's for warnings alone.
    """
    stream = to or sys.stderr
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(form, stream.isatty()))
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # One line for each entry of the ledger: for machines that search them, not for people at a terminal.
    logging.getLogger(STORY).setLevel(level.upper() if form == "json" else logging.WARNING)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def _rendering(form: Format, coloured: bool) -> list[Any]:
    # Plain tracebacks: the pretty ones show local variables, and with them secrets.
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if form == "json":
        return [strip, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [strip, structlog.dev.ConsoleRenderer(colors=coloured, exception_formatter=structlog.dev.plain_traceback)]
