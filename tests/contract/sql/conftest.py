"""One suite for every place the cloud's state may live: memory and SQLite (PostgreSQL where a server is named)."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import text

from cloud.adapters.sql import SqlUnitsOfWork, open_engine, upgrade
from tests.fakes.clocks import RecordingAnnouncer
from tests.fakes.units import FakeUnitsOfWork


@pytest.fixture
def announcer() -> RecordingAnnouncer:
    return RecordingAnnouncer()


@pytest.fixture
def engine(tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'state.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def server():
    """An empty database on the PostgreSQL server that TOCSIN_TEST_POSTGRESQL names (postgresql+psycopg://…)."""
    engine = open_engine(os.environ["TOCSIN_TEST_POSTGRESQL"])
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["memory", "sqlite", *(["postgresql"] if "TOCSIN_TEST_POSTGRESQL" in os.environ else [])])
def units(request, announcer):
    if request.param == "memory":
        return FakeUnitsOfWork(announcer)
    name = "engine" if request.param == "sqlite" else "server"
    return SqlUnitsOfWork(request.getfixturevalue(name), announcer)
