"""Through what members are reached, without their addresses: kinds of channels, and which of them are proven."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from cloud.domain.community.contacts import Contact
from cloud.domain.community.party import Member
from cloud.domain.community.reaching import CONSOLE, way_to


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to a member. A proven one (`verified`) is relied upon; any other is tried all the same."""

    kind: str
    verified: bool


class Answering(StrEnum):
    """How surely somebody is reached: through a proven channel, through one that nobody has proven, only when their quiet
    hours are over or with what is gathered for them, or not at all.
    """

    SURE = "sure"
    WEAK = "weak"
    LATER = "later"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Channels:
    """The channels of members, in the order in which they are tried; `ways`: the same with addresses and quiet hours, for
    judging a moment. `console`: whoever has none stands on the screen of whoever started the program, and that counts.
    """

    known: Mapping[str, tuple[Channel, ...]] = field(default_factory=dict)
    console: bool = False
    ways: Mapping[str, tuple[Contact, ...]] = field(default_factory=dict)

    @classmethod
    def of_ways(cls, ways: Mapping[str, Sequence[Contact]]) -> Channels:
        """What `Means.ways` says of every member."""
        kinds = {
            member: tuple(dict.fromkeys(Channel(one.channel, one.relied_upon) for one in given))
            for member, given in ways.items()
        }
        return cls(kinds, ways={member: tuple(given) for member, given in ways.items()})

    def of(self, member_id: str) -> tuple[Channel, ...]:
        shown = (Channel(CONSOLE, verified=True),) if self.console else ()
        return self.known.get(member_id, ()) or shown

    def answering(self, members: Iterable[Member]) -> Answering:
        """How surely any of them is reached, whatever the hour."""
        found = [channel for member in members for channel in self.of(member.id)]
        if any(channel.verified for channel in found):
            return Answering.SURE
        return Answering.WEAK if found else Answering.NOBODY

    def answering_at(self, members: Iterable[Member], local: datetime, *, urgent: bool, told: bool) -> Answering:
        """The same at that moment in the estate's time zone, by the way that a message would take then: `urgent` ones know
        no quiet hours; what is merely `told` may be gathered.
        """
        found = [self._at(member, local, urgent=urgent, told=told) for member in members]
        return min(found, key=list(Answering).index, default=Answering.NOBODY)

    def _at(self, member: Member, local: datetime, *, urgent: bool, told: bool) -> Answering:
        contacts = self.ways.get(member.id)
        if contacts is None:
            return self.answering([member])
        way = way_to(contacts, (), local, urgent=urgent, told=told, waited=False)
        if way.contact is not None:
            return Answering.SURE if way.contact.relied_upon else Answering.WEAK
        return Answering.LATER if way.until is not None else Answering.NOBODY
