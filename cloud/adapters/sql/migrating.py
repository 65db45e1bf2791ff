"""Brings a database to the newest shape, from wherever it is.

Alembic is imported when there is something to bring: it takes 10 MiB, and a cloud that starts again has nothing to bring.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import resources
from itertools import count
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from cloud.adapters.sql.tables import metadata
from cloud.errors import Unavailable

if TYPE_CHECKING:
    from alembic.config import Config


@cache
def newest() -> str:
    """The revision that this version of Tocsin makes: each migration's file is named after its own."""
    folder = resources.files("cloud.migrations").joinpath("versions")
    return max(file.name.partition("_")[0] for file in folder.iterdir() if file.name[:1].isdigit())


Told = Callable[[int, int], None]
"""How many migrations have run, of how many that were missing."""


def configuration(connection: Connection | None, applied: Callable[..., None] | None = None) -> Config:
    """Alembic's configuration, made here so that no file of settings can go astray. `applied`: called after each migration."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "cloud:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    config.attributes["applied"] = () if applied is None else (applied,)
    return config


def upgrade(engine: Engine, revision: str = "head", told: Told | None = None) -> None:
    """Run the migrations that are missing, in one transaction. Raises Unavailable; then nothing has changed."""
    if revision == "head" and _is_newest(engine):
        return
    from alembic import command
    from alembic.script.revision import RevisionError
    from alembic.util.exc import CommandError

    try:
        with engine.begin() as connection:
            command.upgrade(configuration(connection, _counting(connection, revision, told)), revision)
    except (CommandError, RevisionError) as error:
        # Whoever counts what is missing meets the second kind.
        raise Unavailable(
            f"The database was written by another version of Tocsin ({error}). Start that version or a newer one."
        ) from error
    except SQLAlchemyError as error:
        raise Unavailable(
            f"The database could not be brought up to date ({error}). Check its path and disk."
        ) from error


def _counting(connection: Connection, revision: str, told: Told | None) -> Callable[..., None] | None:
    """What tells after each migration how many of those that are missing have run."""
    if told is None:
        return None
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    now = MigrationContext.configure(connection).get_current_heads()
    script = ScriptDirectory.from_config(configuration(connection))
    total = len(list(script.iterate_revisions(revision, now or "base")))
    told(0, total)
    counted = count(1)
    return lambda **_: told(next(counted), total)


def _is_newest(engine: Engine) -> bool:
    try:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    except DBAPIError:
        return False  # A new database has no such table; one that is out of reach is told of below.
    return list(found) == [newest()]
