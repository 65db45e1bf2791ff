"""Calendars that go out and come in as files: what is needed of whoever reads and writes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cloud.domain.community.names import Names
from cloud.domain.community.on_duty import Spell
from cloud.domain.community.roster import Override, Shift
from cloud.domain.duties.register import Register


@dataclass(frozen=True, slots=True)
class CalendarRead:
    """What a calendar says: single events as overrides, recurring ones as shifts."""

    overrides: tuple[Override, ...]
    shifts: tuple[Shift, ...]


class CalendarReader(Protocol):
    def read(self, content: bytes, register: Register, party_id: str) -> CalendarRead:
        """Raises cloud.errors.Invalid, which names each line and what to do about it; then nothing is taken."""
        ...


@dataclass(frozen=True, slots=True)
class Edition:
    """What is published, and which edition of it. `key` makes the events' ids last; `revision` grows with every change, where
    the calendar is of one roster.
    """

    key: str
    title: Names
    revision: int | None = None
    changed_at: datetime | None = None


class CalendarWriter(Protocol):
    def write(self, edition: Edition, spells: Iterable[Spell], register: Register, now: datetime) -> bytes:
        """One event for each spell in which somebody is on duty."""
        ...


class CalendarFiles(CalendarReader, CalendarWriter, Protocol):
    """Both ways."""
