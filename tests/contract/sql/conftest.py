"""One suite for every place the cloud's state may live: memory, SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from cloud.adapters.sql import SqlUnitsOfWork
from tests.fakes.clocks import RecordingAnnouncer
from tests.fakes.state import fresh_state
from tests.fakes.units import FakeUnitsOfWork


@pytest.fixture
def announcer() -> RecordingAnnouncer:
    return RecordingAnnouncer()


@pytest.fixture
def engine(tmp_path):
    engine = fresh_state(tmp_path / "state.db")
    yield engine
    engine.dispose()


@pytest.fixture
def server(postgresql_server):
    """A fresh database on a real PostgreSQL."""
    with postgresql_server.database() as engine:
        yield engine


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def units(request, announcer):
    if request.param == "memory":
        return FakeUnitsOfWork(announcer)
    name = "engine" if request.param == "sqlite" else "server"
    return SqlUnitsOfWork(request.getfixturevalue(name), announcer)
