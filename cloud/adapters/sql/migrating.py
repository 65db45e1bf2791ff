"""Brings a database to the newest shape, from wherever it is."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from cloud.adapters.sql.tables import metadata
from cloud.errors import Unavailable


def configuration(connection: Connection) -> Config:
    """Alembic's configuration, made here so that no file of settings can go astray."""
    config = Config()
    config.set_main_option("script_location", "cloud:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    config.attributes["metadata"] = metadata
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Run the migrations that are missing, in one transaction. Raises Unavailable; then nothing has changed."""
    try:
        with engine.begin() as connection:
            command.upgrade(configuration(connection), revision)
    except CommandError as error:
        raise Unavailable(
            f"The database was written by another version of Tocsin ({error}). Start that version or a newer one."
        ) from error
    except SQLAlchemyError as error:
        raise Unavailable(
            f"The database could not be brought up to date ({error}). Check its path and disk."
        ) from error
