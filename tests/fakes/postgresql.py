"""A PostgreSQL of the tests' own: on a socket in a folder, thrown away afterwards, never on a port."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, make_url, text

from cloud.adapters.sql import open_engine, upgrade

NAMED = "TOCSIN_TEST_POSTGRESQL"
_USER = "postgres"
_MEMORY, _ENOUGH = Path("/dev/shm"), 2**30
_OPTIONS = (
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=128MB",
    "max_connections=200",
)
"""What it keeps is thrown away with it, so it takes no care of outliving a power cut."""


def found() -> bool:
    """Whether there is one to test on: a server that is named, or the programs to start one."""
    return NAMED in os.environ or _folder() is not None


def _folder() -> Path | None:
    """Where Debian keeps the programs of the newest version, or wherever they are found."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: float(one.parts[-3]))
    here = shutil.which("initdb")
    initdb = debian[-1] if debian else Path(here).resolve() if here else None
    return initdb.parent if initdb else None


class Server:
    """Databases on one server, each a copy of one that has been brought to the newest shape."""

    def __init__(self, url: str) -> None:
        self._url, self._numbers = make_url(url), count(1)
        self._name = f"tocsin_test_{os.getpid()}"
        self._run(f"CREATE DATABASE {self._name}_template")
        template = open_engine(self._of(f"{self._name}_template"))
        upgrade(template)
        # Below 15 it is the only way; from there the other one writes every page into the log as well.
        self._how = "STRATEGY FILE_COPY" if (template.dialect.server_version_info or ()) >= (15,) else ""
        template.dispose()

    def _of(self, database: str) -> str:
        return self._url.set(database=database).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        engine = open_engine(self._url.render_as_string(hide_password=False))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(statement))
        engine.dispose()

    def create(self, name: str, like: str | None = None) -> Engine:
        """A database in the newest shape, or as that other one is; nobody may be connected to that meanwhile."""
        template = f"{self._name}_{like or 'template'}"
        # A test that failed has left its own behind.
        self._run(f"DROP DATABASE IF EXISTS {self._name}_{name} WITH (FORCE)")
        self._run(f"CREATE DATABASE {self._name}_{name} TEMPLATE {template} {self._how}")
        return open_engine(self._of(f"{self._name}_{name}"))

    def mourn(self, name: str) -> None:
        """Until the server has noticed that everybody who was connected is dead: their rows are locked until then, and who takes
        what nobody holds would pass them by and leave them for its next round.
        """
        self._run(
            "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
            f" WHERE datname = '{self._name}_{name}' AND backend_type = 'client backend'"
        )

    def drop(self, name: str) -> None:
        self._run(f"DROP DATABASE {self._name}_{name} WITH (FORCE)")

    @contextmanager
    def database(self) -> Iterator[Engine]:
        """A fresh one."""
        name = str(next(self._numbers))
        engine = self.create(name)
        try:
            yield engine
        finally:
            engine.dispose()
            self.drop(name)

    def close(self) -> None:
        self._run(f"DROP DATABASE {self._name}_template")


def place() -> Path | None:
    """Where to put its folder: in memory where there is room, because a database is three hundred small files, and on a
    disk it takes a second to make each test its own. None: wherever temporary files go.
    """
    return _MEMORY if _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free >= _ENOUGH else None


@contextmanager
def started(folder: Path) -> Iterator[Server]:
    """The server that is named, or one of our own in that folder."""
    if NAMED in os.environ:
        server = Server(os.environ[NAMED])
        yield server
        server.close()
        return
    programs = _folder()
    assert programs is not None, "there is no PostgreSQL here"
    # PostgreSQL refuses to run as root; Debian's package brings a user for it, who must reach the folder.
    as_user = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
    data = folder / "data"
    data.mkdir()
    if as_user:
        for part in (data, *data.parents):
            if part.stat().st_uid == 0 and part != Path("/") and not part.stat().st_mode & 0o001:
                part.chmod(part.stat().st_mode | 0o001)
        shutil.chown(data, _USER)
        shutil.chown(folder, _USER)

    def run(*words: object) -> None:
        subprocess.run([*as_user, *map(str, words)], check=True, capture_output=True, cwd="/")

    run(programs / "initdb", "-D", data, "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync")
    options = " ".join(f"-c {one}" for one in (*_OPTIONS, "listen_addresses=''", f"unix_socket_directories='{folder}'"))
    run(programs / "pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start")
    try:
        yield Server(f"postgresql+psycopg://{_USER}@/postgres?host={folder}")
    finally:
        run(programs / "pg_ctl", "-D", data, "-m", "immediate", "stop")
