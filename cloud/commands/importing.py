"""`tocsin cloud import-outbox`: the card of a dead node, stored by this process or handed to the cloud that runs."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import typer

from cloud.commands.speaking import FAILED
from cloud.settings import CloudSettings

LOOK_S: Final = 0.2
PATIENCE_S: Final = 60.0
"""Without any progress for so long, the cloud that holds the readings is not taking it now."""


def import_outbox(
    settings: CloudSettings, lines: Iterable[str], node: str | None, again: Callable[[], Iterable[str]]
) -> dict[str, Any]:
    """Stores it, and gives what became of it. `again`: the lines anew, for a running cloud. Raises as an import does."""
    from cloud.bootstrap import import_outbox as store
    from cloud.errors import ReadingsHeld

    try:
        done = store(settings, lines, node)
    except ReadingsHeld:
        return _hand_over(settings, again(), node)
    return _counts(vars(done))


def _hand_over(settings: CloudSettings, lines: Iterable[str], node: str | None) -> dict[str, Any]:
    from cloud.entrypoints.ingest.importing import named

    address, rest = named(lines, node)
    folder = settings.imports_path
    folder.mkdir(mode=0o700, exist_ok=True)
    name = f"{int(time.time())}-{uuid.uuid4().hex[:8]}"
    path, fresh = folder / f"{name}.jsonl", folder / f".{name}.part"
    with fresh.open("w", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines(line if line.endswith("\n") else f"{line}\n" for line in rest)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    typer.echo(f"A cloud runs on this data: it takes the outbox of {address} besides what nodes send.", err=True)
    return _follow(path)


def _follow(path: Path) -> dict[str, Any]:
    told_in = path.with_suffix(".json")
    last: dict[str, Any] = {}
    quiet_since = time.monotonic()
    while True:
        told = json.loads(told_in.read_text(encoding="utf-8")) if told_in.exists() else {}
        if told != last:
            last, quiet_since = told, time.monotonic()
            if told.get("state") == "taking":
                typer.echo(f"  {told['stored']} batches stored, {told['known']} were there already", err=True)
        if told.get("state") in ("done", "refused"):
            # The cloud says so, and then removes the file.
            told_in.unlink()
            if told["state"] == "done":
                return _counts(told)
            typer.echo(told["why"], err=True)
            raise typer.Exit(FAILED)
        if time.monotonic() - quiet_since > PATIENCE_S:
            typer.echo(
                f"The cloud has not gone on with it for {PATIENCE_S:.0f} s; /readyz and its log say why. {path} stays where it "
                "is and is taken as soon as that is over, also after a restart.",
                err=True,
            )
            raise typer.Exit(FAILED)
        time.sleep(LOOK_S)


def _counts(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: told[key] for key in ("node", "stored", "known", "refused", "conflicts")}


def sentence(done: Mapping[str, Any]) -> str:
    """The same for people."""
    return (
        f"{done['node']}: {done['stored']} batches stored, {done['known']} were there already, {done['refused']} refused (see the"
        f" dead letters), {done['conflicts']} under numbers that meant other batches."
    )
