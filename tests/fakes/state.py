"""The cloud's database on SQLite, brought to the newest shape once and copied for every test that wants one of its own."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from cloud.adapters.sql import open_engine, upgrade


def fresh_state(path: Path) -> Engine:
    """A new database in that file, exactly as the migrations leave it: they took longer than most tests do."""
    assert not path.exists(), path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_migrated())
    return open_engine(f"sqlite:///{path}")


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory(prefix="tocsin-state-") as folder:
        path = Path(folder) / "state.db"
        engine = open_engine(f"sqlite:///{path}")
        upgrade(engine)
        engine.dispose()  # With the last connection the write-ahead log goes into the file.
        assert sorted(Path(folder).iterdir()) == [path]
        return path.read_bytes()
