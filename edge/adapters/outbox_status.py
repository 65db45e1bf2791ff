"""What waits in an outbox, read without disturbing the agent that may hold it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edge.errors import OutboxError

SEQ = "seq."


def numbered_of(path: Path) -> dict[str, int]:
    """The last sequence number given in each stream: how many batches this outbox has ever sealed."""
    rows = _read(path, "SELECT key, value FROM meta WHERE key GLOB ?", f"{SEQ}*")
    return {str(key).removeprefix(SEQ): int(value) for key, value in rows}


def identity_of(path: Path) -> str | None:
    """The UUID of the store that numbers batches; None where there is none yet."""
    if not path.exists():
        return None
    rows = _read(path, "SELECT value FROM meta WHERE key = ?", "identity")
    return str(rows[0][0]) if rows else None


def waiting_of(path: Path, up_to: Mapping[str, int]) -> int:
    """How many batches numbered up to `up_to` (by stream) are not acknowledged yet."""
    return sum(
        int(_read(path, "SELECT COUNT(*) FROM batch WHERE stream = ? AND seq <= ?", stream, last)[0][0])
        for stream, last in up_to.items()
    )


def _read(path: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute(query, values).fetchall()
    except sqlite3.Error as error:
        raise OutboxError(f"{path} cannot be read: {error}") from error


def outbox_status_of(path: Path, quota_bytes: int) -> dict[str, Any]:
    """What waits, by stream, and which alarms stand. Raises OutboxError where there is no outbox, or it cannot be read."""
    if not path.exists():
        raise OutboxError(f"{path} does not exist yet; the agent makes it at its first start")
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            identity = connection.execute("SELECT value FROM meta WHERE key = 'identity'").fetchone()
            rows = connection.execute(
                "SELECT stream, COUNT(*), SUM(records), MIN(seq), MAX(seq), SUM(size) FROM batch GROUP BY stream"
            ).fetchall()
            active = connection.execute("SELECT rule FROM rule WHERE active IS NOT NULL").fetchall()
    except sqlite3.Error as error:
        raise OutboxError(
            f"{path} cannot be read: {error}; the agent checks and salvages it at its next start"
        ) from error
    names = ("stream", "batches", "records", "first", "last", "bytes")
    return {
        "outbox": identity[0] if identity else None,
        "used_bytes": sum(size for *_, size in rows),
        "quota_bytes": quota_bytes,
        "waiting": [dict(zip(names, row, strict=True)) for row in rows],
        "alarms": [rule for (rule,) in active],
    }


def told(status: Mapping[str, Any]) -> str:
    """The same for people."""
    used, quota = status["used_bytes"] / 1e6, status["quota_bytes"] / 1e6
    lines = [f"outbox {status['outbox'] or '?'}: {used:.2f} of {quota:.0f} MB used"]
    lines += [
        f"  {one['stream']}: {one['batches']} batches, {one['records']} records not acknowledged (seq {one['first']} to {one['last']})"
        for one in status["waiting"]
    ] or ["  nothing waits: the cloud has acknowledged everything"]
    lines += [f"  alarm standing: {rule}" for rule in status["alarms"]]
    return "\n".join(lines)
