"""The same on PostgreSQL, by its own programs."""

from __future__ import annotations

import pytest

from cloud.adapters.backup import back_up, restore
from cloud.adapters.clock import SystemClock
from cloud.adapters.sql import SqlUnitsOfWork
from cloud.errors import Conflict, Invalid
from cloud.settings import load_settings
from tests.fakes.scene import Scene


def untold(*_said):
    pass


def settings_on(engine, data):
    return load_settings(data=data, database=engine.url.render_as_string(hide_password=False))


@pytest.fixture
def source(postgresql_server, tmp_path):
    with postgresql_server.database() as engine:
        scene = Scene(SqlUnitsOfWork(engine))
        scene.rings("access.forced-open", "b1/door")
        scene.act.note(scene.only_task().id, "guard", "the tenant of 903 let somebody in")
        engine.dispose()
        yield settings_on(engine, tmp_path / "data"), engine


def test_it_is_dumped_and_loaded_into_an_empty_database_only(source, postgresql_server, tmp_path):
    settings, engine = source
    found = back_up(settings, tmp_path / "backup", clock=SystemClock(), told=untold)
    assert found.database == "postgresql"
    assert (tmp_path / "backup" / "state.dump").stat().st_mode & 0o077 == 0
    with pytest.raises(Conflict, match="not empty"):
        restore(settings, tmp_path / "backup", replace=True, clock=SystemClock(), told=untold)
    with postgresql_server.database() as other:
        with other.begin() as connection:
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        other.dispose()
        there = settings_on(other, tmp_path / "elsewhere")
        restore(there, tmp_path / "backup", replace=False, clock=SystemClock(), told=untold)
        with SqlUnitsOfWork(other).reading() as restored, SqlUnitsOfWork(engine).reading() as first:
            head = restored.ledger.head("example")
            assert head == first.ledger.head("example")
            assert (head.seq, head.hash) == (found.ledgers[0].seq, found.ledgers[0].hash)
        other.dispose()
    assert not (there.data / "state.dump").exists()


def test_without_its_programs_it_says_which_to_install(source, tmp_path, monkeypatch):
    settings, _ = source
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Invalid, match=r"no pg_dump here.*apt install postgresql-client"):
        back_up(settings, tmp_path / "backup", clock=SystemClock(), told=untold)
    assert not (tmp_path / "backup").exists()
