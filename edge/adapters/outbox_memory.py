"""What a store remembers beside its batches: rules, what interpreters learned, commands, and when it was last alive."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from edge.application.ports import Entries, RuleMemory
from schemas.batch import ClockState

COMMANDS_REMEMBERED: Final = 1000
"""A command expires within an hour and is for one boot: nobody repeats one that lies so far back."""

_HANDED_ON: Final = frozenset(("alive.boot", "alive.mono", "alive.wall", "trusted.wall"))
"""Of what a store says of itself, what is true of the node and not of the file."""


_SALVAGED: Final = "salvaged"
"""What became of a damaged predecessor, until an event that says so is kept in the store."""


class StoreMemory:
    """Plain statements; the transaction around them is the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def said(self, key: str) -> str | None:
        """What the store says of itself under a key."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def say(self, key: str, value: str) -> None:
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def keep(self, entries: Entries) -> None:
        """What rules and interpreters must know after a restart, and that the agent was alive."""
        self.adopt_rules((rule.rule, rule.boot, rule.state, rule.active) for rule in entries.rules)
        self._connection.executemany("DELETE FROM rule WHERE rule = ?", ((name,) for name in entries.forgotten_rules))
        self._connection.executemany(
            "INSERT OR REPLACE INTO memory VALUES (?, ?, ?)",
            ((item, name, value) for item, known in entries.memory.items() for name, value in known.items()),
        )
        self.say("alive.boot", entries.boot)
        self.say("alive.mono", f"{entries.mono:.3f}")
        self.say("alive.wall", f"{entries.wall:.3f}")
        if entries.clock is ClockState.SYNCHRONISED:
            self.say("trusted.wall", f"{entries.wall:.3f}")
        if any(event.kind == "node.store-salvaged" for event in entries.events):
            self._connection.execute("DELETE FROM meta WHERE key = ?", (_SALVAGED,))

    @property
    def salvaged(self) -> str | None:
        """What is still to be said of a damaged predecessor: at least once, whenever the power goes."""
        return self.said(_SALVAGED)

    @salvaged.setter
    def salvaged(self, what: str) -> None:
        self.say(_SALVAGED, what)

    def next_connection(self) -> int:
        number = int(self.said("connection") or 0) + 1
        self.say("connection", str(number))
        return number

    def rules(self) -> list[RuleMemory]:
        return [RuleMemory(*row) for row in self._connection.execute("SELECT rule, boot, state, active FROM rule")]

    def learned(self) -> dict[str, dict[str, float]]:
        found: dict[str, dict[str, float]] = {}
        for equipment, name, value in self._connection.execute("SELECT equipment, name, value FROM memory"):
            found.setdefault(equipment, {})[name] = value
        return found

    def answered(self, command: str) -> str | None:
        row = self._connection.execute("SELECT receipt FROM command WHERE id = ?", (command,)).fetchone()
        return None if row is None else str(row[0])

    def answer(self, command: str, receipt: str) -> None:
        self._connection.execute(
            "INSERT INTO command (id, receipt) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET receipt = excluded.receipt",
            (command, receipt),
        )
        self._connection.execute(
            "DELETE FROM command WHERE place <= (SELECT MAX(place) FROM command) - ?", (COMMANDS_REMEMBERED,)
        )

    def adopt_rules(self, rules: Iterable[Sequence[Any]]) -> None:
        self._connection.executemany("INSERT OR REPLACE INTO rule VALUES (?, ?, ?, ?)", rules)

    def adopt_from(self, other: sqlite3.Connection) -> None:
        """All that another store remembers of the node, in place of what is remembered here of the same."""
        rules = other.execute("SELECT rule, boot, state, active FROM rule").fetchall()
        if rules:
            # Rules that are no more are not in it.
            self._connection.execute("DELETE FROM rule")
            self.adopt_rules(rules)
        self._connection.executemany(
            "INSERT OR REPLACE INTO memory VALUES (?, ?, ?)", other.execute("SELECT equipment, name, value FROM memory")
        )
        for command, receipt in other.execute("SELECT id, receipt FROM command ORDER BY place").fetchall():
            self.answer(command, receipt)
        said = dict(other.execute("SELECT key, value FROM meta").fetchall())
        for key in said.keys() & _HANDED_ON:
            self.say(key, said[key])
        self.say("connection", str(max(int(self.said("connection") or 0), int(said.get("connection", 0)))))


def remembered_in(path: Path) -> sqlite3.Connection | None:
    """A store that cannot be written, opened to read what it remembers; None where there is nothing to be read.

    A store that was closed in order is whole without its log. One that was not is read with its log, where it has an index.
    """
    if not path.exists():
        return None
    log = path.with_name(path.name + "-wal")
    whole = not log.exists() or log.stat().st_size == 0
    connection = None
    with contextlib.suppress(sqlite3.Error):
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if whole else ''}", uri=True, isolation_level=None
        )
        if connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",):
            connection.execute("SELECT 1 FROM rule, memory, command, meta LIMIT 1")
            return connection
    if connection is not None:
        connection.close()
    return None
