"""Through what members are reached, without their addresses: kinds of channels, and which of them are proven."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from cloud.domain.community.contacts import Contact, ordered
from cloud.domain.community.party import Member

CONSOLE: Final = "console"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to a member. A proven one (`verified`) is relied upon; any other is tried all the same."""

    kind: str
    verified: bool


class Answering(StrEnum):
    """How surely somebody is reached: through a proven channel, through one that nobody has proven, or not at all."""

    SURE = "sure"
    WEAK = "weak"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Channels:
    """The channels of members, in the order in which they are tried. `console`: whoever is called stands on the screen of
    whoever started the program, and that counts as an answer - in a run for trying out, nowhere else.
    """

    known: Mapping[str, tuple[Channel, ...]] = field(default_factory=dict)
    console: bool = False

    @classmethod
    def of_contacts(cls, contacts: Mapping[str, Sequence[Contact]], *, console: bool = False) -> Channels:
        kinds = {
            member: tuple(dict.fromkeys(Channel(one.channel, one.relied_upon) for one in ordered(given)))
            for member, given in contacts.items()
        }
        return cls(kinds, console)

    def of(self, member_id: str) -> tuple[Channel, ...]:
        shown = (Channel(CONSOLE, verified=True),) if self.console else ()
        return (*self.known.get(member_id, ()), *shown)

    def answering(self, members: Iterable[Member]) -> Answering:
        """How surely any of them is reached."""
        found = [channel for member in members for channel in self.of(member.id)]
        if any(channel.verified for channel in found):
            return Answering.SURE
        return Answering.WEAK if found else Answering.NOBODY
