"""What of an event concerns a person, and what may stay of it when its time is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from cloud.errors import Invalid

_ACCESS: Final = {"access.granted", "access.denied"}
_KNOWN: Final = {"listed", "controller", "controller-denied"}
"""Reasons for which somebody keeps a list that says whose card it is, though the cloud has only its keyed hash."""


class Privacy(StrEnum):
    """How closely an event leads to a person."""

    IDENTIFIED = "identified"
    """It bears the mark of a card that somebody's list gives a name."""
    PSEUDONYMOUS = "pseudonymous"
    """Somebody passed a door at that moment: with an unknown card, by the exit button, or no longer known with which."""


def privacy_of(kind: str, body: Mapping[str, Any]) -> Privacy | None:
    """None where an event concerns nobody in particular."""
    if kind not in _ACCESS:
        return None
    known = body.get("credential") is not None and body.get("reason") in _KNOWN
    return Privacy.IDENTIFIED if known else Privacy.PSEUDONYMOUS


def unnamed(body: Mapping[str, Any]) -> dict[str, Any]:
    """Without the card's mark: which door, when, and what was decided."""
    return {name: value for name, value in body.items() if name != "credential"}


@dataclass(frozen=True, slots=True)
class Periods:
    """How long personal data are kept, from when they came about. `letters`: the bytes of messages that nobody could read,
    which may hold anything.

    Raises Invalid where a longer period is needed for what is less personal.
    """

    identified: timedelta = timedelta(days=30)
    pseudonymous: timedelta = timedelta(days=180)
    letters: timedelta = timedelta(days=30)

    def __post_init__(self) -> None:
        if not timedelta() < self.identified <= self.pseudonymous:
            raise Invalid(
                f"Identified access events are kept for {self.identified}, pseudonymous ones for {self.pseudonymous}: keep "
                "what names a person no longer than what does not."
            )


@dataclass(frozen=True, slots=True)
class AccessCount:
    """What stays of access events: how many of one kind there were at a door on one day (UTC)."""

    equipment: str
    day: str
    kind: str
    count: int


def day_of(moment: datetime) -> str:
    return moment.date().isoformat()
