"""The registers an inspector asks for (台账): which entries of the ledger belong into which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final

from cloud.domain.records.ledger import Entry, Kind


class Book(StrEnum):
    """A register by its name in the address."""

    CONTROL_ROOM = "control-room"
    PATROL = "patrol"
    MAINTENANCE = "maintenance"
    HANDOVER = "handover"


NOT_PRINTED: Final = frozenset(
    {
        Kind.NOTIFIED,
        Kind.REMINDED,
        Kind.LOOK_ASKED,
        Kind.ALERT_HIDDEN,
        Kind.ALERT_SHOWN,
        Kind.INCIDENT_OPENED,
        Kind.INCIDENT_QUIET,
        Kind.PERSONAL_READ,
    }
)
"""What the program does by itself beside what happens; it stands in the ledger, and a register is read by people."""

_EXERCISES: Final = frozenset({Kind.COMMAND_ASKED, Kind.COMMAND_ANSWERED})
_UPKEEP: Final = frozenset(
    {
        Kind.NODE_ENROLLED,
        Kind.BOARD_REPLACED,
        Kind.NODE_REVOKED,
        Kind.CONFIGURATION_ISSUED,
        Kind.CONFIGURATION_APPLIED,
        Kind.CONFIGURATION_NOT_APPLIED,
    }
)
_TEST_ALARM: Final = "test-alarm"
_PATROL: Final = "patrol"


def _is_test(entry: Entry) -> bool:
    return entry.kind in _EXERCISES and entry.data.get("action") == _TEST_ALARM


def _control_room(entry: Entry, hazard: str) -> bool:
    fire = hazard.startswith("fire.") or hazard == "access.release-failed"
    return fire or entry.kind.startswith("shift.") or _is_test(entry)


def _patrol(entry: Entry, hazard: str) -> bool:
    found = hazard in {"fire.exit-obstructed", "lift.inspection-due"}
    own = entry.kind.startswith(("patrol.", "inspection."))
    # What neighbours walked counts once another has confirmed it; before that it is somebody's word.
    theirs = entry.kind == Kind.SMALL_TASK_CONFIRMED and entry.data.get("act") == _PATROL
    return found or own or theirs or _is_test(entry)


def _maintenance(entry: Entry, hazard: str) -> bool:
    kept_up = hazard.startswith(("lift.", "fire.detector-", "point.", "node."))
    return kept_up or entry.kind in _UPKEEP or entry.kind.startswith("maintenance.")


def _handover(entry: Entry, _hazard: str) -> bool:
    return entry.kind.startswith("shift.")


_BELONGS: Final[Mapping[Book, Callable[[Entry, str], bool]]] = {
    Book.CONTROL_ROOM: _control_room,
    Book.PATROL: _patrol,
    Book.MAINTENANCE: _maintenance,
    Book.HANDOVER: _handover,
}


def belongs(book: Book, entry: Entry, hazard: str | None) -> bool:
    """Whether the entry is a line of that register. `hazard`: its incident's. Kinds that this version does not know are
    judged by their name.
    """
    return entry.kind not in NOT_PRINTED and _BELONGS[book](entry, hazard or str(entry.data.get("hazard", "")))


def details(entry: Entry) -> list[tuple[str, str]]:
    """What an entry says in full, for kinds whose sentence does not: key and value, nested ones on one line."""
    return [(key.replace("_", " "), _said(value)) for key, value in sorted(entry.data.items()) if _said(value)]


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {said}" for key, one in value.items() if (said := _said(one)))
    if isinstance(value, list):
        return "; ".join(said for one in value if (said := _said(one)))
    return "" if value is None else str(value)
