"""`tocsin db`: the database brought up to date, everything a cloud keeps backed up while it runs, and put back."""

from __future__ import annotations

import json
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cloud.commands.progress import progress, stoppable
from cloud.commands.speaking import AsJson, Config, Data, plain_errors, settings_from

if TYPE_CHECKING:
    from cloud.adapters.backup import Contents

app = typer.Typer(
    help="The database: bring it up to date, back it up while the cloud runs, restore it. 数据库：升级、运行中备份、恢复。",
    no_args_is_help=True,
)


@app.command("upgrade")
def upgrade(config: Config = None, data: Data = None, *, as_json: AsJson = False) -> None:
    """Bring the database to the newest shape. 升级数据库.

    `tocsin cloud run` does so too when it starts; this is for doing it beforehand. Take a backup first. All migrations that are
    missing run in one transaction: where one fails nothing has changed.
    """
    from cloud.adapters.sql.migrating import newest
    from cloud.state import open_state

    with plain_errors(), progress(of="migrations", quiet=as_json) as told:
        settings = settings_from(config, data)
        open_state(settings, told=partial(told, "bringing the database up to date")).close()
        if as_json:
            typer.echo(json.dumps({"revision": newest()}))
        else:
            typer.echo(f"The database is up to date, at revision {newest()}.")


@app.command("backup")
def backup(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder to make. It must not exist: nothing is overwritten.")
    ],
    *,
    without_keys: Annotated[
        bool, typer.Option("--without-keys", help="Leave out the keys, for who keeps a copy of them elsewhere.")
    ] = False,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Copy everything a cloud keeps into a folder, while it runs or not, and check the copy. 备份（无需停机）.

    Database, readings, photos, outboxes that wait to be imported, and the keys: the node authority's, those that seal card keys,
    second factors and what is secret of channels. Databases are copied as they were at one moment; writers are not held up. Then
    each copy is checked: every page, every ledger from its first entry to its head, and the digest of every file, read back. Only then does the folder
    get its name; one that ends in `.part` was never finished.

    SQLite is copied by this program. A PostgreSQL database is dumped by its own `pg_dump`, which must be installed and not older
    than the server.

    Whoever has the folder can speak as the authority of the nodes, and compute which card a hash stands for: keep it as you keep
    keys. With --without-keys they are left out, and a restore leaves those alone that are in place: then keep a copy of
    DATA/authority apart, once. The settings file and the broker's own folder are not in it.
    """
    from cloud.adapters.backup import back_up
    from cloud.adapters.clock import SystemClock

    begun = time.monotonic()
    with (
        plain_errors(),
        stoppable(f"No backup was made; there is no {folder}."),
        progress(of="bytes", quiet=as_json) as told,
    ):
        settings = settings_from(config, data)
        found = back_up(settings, folder, clock=SystemClock(), told=told, keys=not without_keys)
    if as_json:
        typer.echo(json.dumps({**_told(folder, found), "seconds": round(time.monotonic() - begun, 3)}))
        return
    typer.echo(f"Backed up and checked: {folder}, {_size(found.bytes)} in {len(found.files)} files.")
    for one in found.ledgers:
        typer.echo(f"  {one.estate}: the ledger fits up to {one.head}")


@app.command("restore")
def restore(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `tocsin db backup` wrote.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Where data is there already: keep it aside, in DATA/before-…")
    ] = False,
    as_json: AsJson = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Put a backup in place, checked byte by byte before anything is changed. 从备份恢复.

    No cloud may run on the data directory it goes to; into another directory it can be restored beside one that runs, to look at
    it or to rehearse. Afterwards the database is brought up to date, and every ledger must reach what the backup says.

    What came after the backup is gone: nodes send again only what was never acknowledged. Accounts, tokens and revocations are
    as they were then: revoke again whom you have shut out since. Clocks of open tasks went on meanwhile: start the cloud when
    people may be called.

    A PostgreSQL database is loaded by its own `pg_restore`, into a database that must be empty: make a new one.
    """
    from cloud.adapters.backup import restore as put_back
    from cloud.adapters.clock import SystemClock

    with (
        plain_errors(),
        stoppable("Give the same command again; what was there before is untouched, or in DATA/before-…"),
        progress(of="bytes", quiet=as_json) as told,
    ):
        settings = settings_from(config, data)
        found, aside = put_back(settings, folder, replace=replace, clock=SystemClock(), told=told)
    if as_json:
        where = {"data": str(settings.data), "replaced": str(aside) if aside else None}
        typer.echo(json.dumps({**_told(folder, found), **where}))
        return
    typer.echo(f"Restored into {settings.data}: everything as it was at {found.made_at:%Y-%m-%d %H:%M:%S}Z.")
    for one in found.ledgers:
        typer.echo(f"  {one.estate}: the ledger fits and reaches {one.head}")
    if aside is not None:
        typer.echo(f"What was there before is in {aside}: remove it when you need it no more.")


def _told(folder: Path, found: Contents) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "made_at": found.made_at.isoformat(),
        "tocsin": found.tocsin,
        "database": found.database,
        "revision": found.revision,
        "files": len(found.files),
        "keys": found.keys,
        "bytes": found.bytes,
        "ledgers": [{"estate": one.estate, "head": one.head} for one in found.ledgers],
    }


def _size(count: int) -> str:
    mib = count / 2**20
    return f"{mib / 1024:.1f} GiB" if mib >= 1024 else f"{mib:.1f} MiB"  # noqa: PLR2004 - MiB of a GiB
