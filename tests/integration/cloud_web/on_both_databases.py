"""A house on SQLite and the same on a real PostgreSQL: for what several decide at one moment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.cloud_web.house import House, built_in

__all__ = ["a_database", "house"]


@pytest.fixture(params=["sqlite", "postgresql"])
def house(request, tmp_path) -> Iterator[House]:
    engine = request.getfixturevalue("a_database") if request.param == "postgresql" else None
    with built_in(tmp_path, engine=engine) as house:
        yield house


@pytest.fixture
def a_database(postgresql_server):
    with postgresql_server.database() as engine:
        yield engine
