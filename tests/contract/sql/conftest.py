"""One suite for every place the cloud's state may live: memory and SQLite (PostgreSQL where a server is named)."""

from __future__ import annotations

import pytest

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


@pytest.fixture(params=["memory", "sqlite"])
def units(request, announcer):
    if request.param == "memory":
        return FakeUnitsOfWork(announcer)
    return SqlUnitsOfWork(request.getfixturevalue("engine"), announcer)
