"""How many connections and large bodies there are at once: who opens thousands loses their own, and the database and the broker
keep their files.

A process that has no file left accepts nobody, opens no database and reaches no broker, and bodies wait on the disk on which the
database is: what is at stake then is not a page.
"""

from __future__ import annotations

import resource
from dataclasses import dataclass, field
from typing import Final, Protocol

from cloud.domain.accounts.throttle import whose

FILES: Final = 8192
"""As many as a process asks for; where the system says 1024 by default, a thousand people who follow would use them up."""
OWN: Final = 256
"""Kept for the database, the broker, what is sent outward and what is read from the disk."""
LARGE: Final = 64 * 1024
"""Bytes beyond which a body counts as large: what is no photo and no file of an estate is smaller."""
LARGE_AT_ONCE: Final = 24
"""Of 32 MiB each at the most, whoever sends them; a megabyte of each stands in memory."""
_AT_ONCE: Final = 8
"""One in so many of all may be let in before anybody is looked at: the event loop takes all that wait at one moment."""


@dataclass(frozen=True, slots=True)
class Room:
    """`most`: connections there may be; `at_once`: how many of them may wait at the door."""

    most: int
    at_once: int


def files_wanted() -> int:
    """Raises the limit as far as the system lets us. What it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            return soft
        return wanted
    return FILES if soft == resource.RLIM_INFINITY else min(FILES, soft)


def room_in(files: int) -> Room:
    """Whoever is let in at one moment and shut out again holds a file until the next: hence twice."""
    at_once = max(8, files // _AT_ONCE)
    return Room(max(8, files - min(OWN, files // 4) - 2 * at_once), at_once)


class Guest(Protocol):
    def shut_out(self) -> None:
        """At once, whatever was being said."""
        ...


@dataclass(slots=True)
class _Of:
    """Whose connections stand here: those that have not said all of what they want, and the others; the oldest first. `large`: of
    both, those whose body is.
    """

    silent: dict[Guest, None] = field(default_factory=dict)
    busy: dict[Guest, None] = field(default_factory=dict)
    large: dict[Guest, None] = field(default_factory=dict)


class Crowd:
    """From the event loop only. Where there are too many, the silent go first: of whoever has most of them the one that is silent
    longest. Where all have asked for something, whoever has most loses the last.
    """

    def __init__(self, most: int, large: int = LARGE_AT_ONCE) -> None:
        self._most, self._most_large = most, large
        self._count = 0
        self._of: dict[str, _Of] = {}

    def __len__(self) -> int:
        return self._count

    def came(self, guest: Guest, address: str) -> None:
        self._of.setdefault(whose(address), _Of()).silent[guest] = None
        self._count += 1
        if self._count > self._most:
            self._shut_out(*self._superfluous(guest))

    def grew(self, guest: Guest, address: str) -> None:
        """Its body is large. Where too many are, whoever sends most of them loses the one that has been coming longest."""
        mine = self._of.get(whose(address))
        if mine is None or guest in mine.large:
            return
        mine.large[guest] = None
        if sum(len(one.large) for one in self._of.values()) > self._most_large:
            sender, theirs = max(self._of.items(), key=lambda item: len(item[1].large))
            coming = next((one for one in theirs.large if one in theirs.silent), None)
            self._shut_out(*((guest, address) if coming is None else (coming, sender)))

    def left(self, guest: Guest, address: str) -> None:
        """Nobody leaves twice."""
        mine = self._of.get(whose(address))
        if mine is None or (guest not in mine.silent and guest not in mine.busy):
            return
        mine.silent.pop(guest, None)
        mine.busy.pop(guest, None)
        mine.large.pop(guest, None)
        self._count -= 1
        if not mine.silent and not mine.busy:
            del self._of[whose(address)]

    def asks(self, guest: Guest, address: str) -> None:
        mine = self._of.get(whose(address))
        if mine is not None and guest in mine.silent:
            del mine.silent[guest]
            mine.busy[guest] = None

    def waits(self, guest: Guest, address: str) -> None:
        """It has been answered."""
        mine = self._of.get(whose(address))
        if mine is not None and guest in mine.busy:
            del mine.busy[guest]
            mine.large.pop(guest, None)
            mine.silent[guest] = None

    def _shut_out(self, guest: Guest, address: str) -> None:
        self.left(guest, address)
        guest.shut_out()

    def _superfluous(self, newest: Guest) -> tuple[Guest, str]:
        address, mine = max(self._of.items(), key=lambda item: len(item[1].silent))
        oldest = next(iter(mine.silent))
        if oldest is not newest:
            return oldest, address
        address, mine = max(self._of.items(), key=lambda item: len(item[1].silent) + len(item[1].busy))
        return (newest if newest in mine.silent else next(reversed(mine.busy))), address
