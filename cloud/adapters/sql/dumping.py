"""PostgreSQL's own programs write its database to a file and read it back: pg_dump and pg_restore."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy import Engine, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from cloud.errors import Conflict, Invalid, Unavailable

_LOOK_S: Final = 0.2


def file_of(url: str) -> Path | None:
    """Where SQLite keeps the database; None for PostgreSQL."""
    parts = make_url(url)
    return Path(parts.database or "") if parts.drivername == "sqlite" else None


def revision_of(engine: Engine) -> str:
    """At which of the migrations a database is. Raises Invalid where it is none of ours."""
    try:
        with engine.connect() as connection:
            return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())
    except SQLAlchemyError as error:
        raise Invalid(
            f"{_shown(engine)} holds nothing of Tocsin's: {type(error).__name__}. Name the cloud's settings with --config, "
            "its data with --data."
        ) from error


def require_empty(engine: Engine) -> None:
    """Raises Conflict where the database has tables, Unavailable where it cannot be reached."""
    try:
        tables = inspect(engine).get_table_names()
    except SQLAlchemyError as error:
        raise Unavailable(f"{_shown(engine)} cannot be reached ({error}). Start it, or name another.") from error
    if tables:
        raise Conflict(
            f"{_shown(engine)} is not empty, and nothing in it is overwritten. Make a new one (createdb), and name it as "
            "`database` in the settings."
        )


def dump(url: str, to: Path, told: Callable[[int], None]) -> None:
    """One consistent view, whoever writes meanwhile. `told`: bytes written so far. Raises Unavailable, Invalid."""
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--file={to}"]
    _run("pg_dump", words, url, lambda: told(to.stat().st_size if to.exists() else 0))


def load(url: str, source: Path, told: Callable[[], None]) -> None:
    """Into an empty database, all of it or nothing. Raises as `dump` does."""
    words = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges", str(source)]
    _run("pg_restore", words, url, told)


def listed(source: Path) -> None:
    """Whether a dump can be read from its beginning to its table of contents. Raises Invalid."""
    _run("pg_restore", ["--list", str(source)], None, lambda: None)


def _run(program: str, words: list[str], url: str | None, told: Callable[[], None]) -> None:
    found = shutil.which(program)
    if found is None:
        raise Invalid(
            f"There is no {program} here, and PostgreSQL is copied by its own programs only. Install them, not older than the "
            "server: apt install postgresql-client."
        )
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    if url is not None:
        parts = make_url(url)
        if parts.password is not None:
            # Never among the words of a command: every user of the machine can read those.
            environment["PGPASSWORD"] = str(parts.password)
        plain = parts.set(drivername="postgresql")._replace(password=None)
        words = [f"--dbname={plain.render_as_string(hide_password=False)}", *words]
    with subprocess.Popen(  # noqa: S603 - a program of PostgreSQL's, with words of ours
        [found, *words], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        try:
            while process.poll() is None:
                told()
                time.sleep(_LOOK_S)
        except BaseException:
            process.terminate()
            raise
        said = (process.stderr.read() if process.stderr else b"").decode(errors="replace").strip()
    if process.returncode:
        raise Unavailable(f"{program} ended with code {process.returncode}: {said or 'it said nothing'}")


def _shown(engine: Engine) -> str:
    return f"The database {engine.url.render_as_string(hide_password=True)}"
