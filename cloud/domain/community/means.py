"""Through what this program can reach anybody at all: the one rule of which of a member's addresses are ways to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cloud.domain.community.contacts import Contact, ordered
from cloud.domain.community.reaching import CONSOLE

_ALWAYS: Final = datetime.min.replace(tzinfo=UTC)
"""Whoever has said that the console answers needs no code to prove it."""


@dataclass(frozen=True, slots=True)
class Means:
    """`kinds`: the channels that are set up, None for any. `console`: whether a line on the screen of whoever started the
    program counts as reaching a member who has no other way - in a run for trying out, nowhere else. `rings`: the channels
    that wake who sleeps.
    """

    kinds: frozenset[str] | None = None
    console: bool = False
    rings: frozenset[str] = frozenset()

    def __call__(self) -> Means:
        """What to ask where they never change: elsewhere channels are set up while the program runs."""
        return self

    def ways(self, member_id: str, contacts: Iterable[Contact]) -> tuple[Contact, ...]:
        """What may reach the member, as it is tried: an address on a channel that is not set up never is."""
        usable = tuple(one for one in ordered(contacts) if self.kinds is None or one.channel in self.kinds)
        if usable or not self.console:
            return usable
        return (Contact(member_id, CONSOLE, "", verified_at=_ALWAYS),)


ANY: Final = Means()
