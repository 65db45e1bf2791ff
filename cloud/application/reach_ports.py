"""What the use cases of people's reach need from outside: contacts, rosters, handovers, and somebody to send a code."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster
from cloud.domain.records.handover import Handover


class Rosters(Protocol):
    """Writes them; they are read as part of the register."""

    def save(self, roster: Roster) -> None: ...

    def remove(self, estate: str, roster_id: str) -> None: ...


class Contacts(Protocol):
    """Personal data: nothing of it stands anywhere else."""

    def hold(self) -> None:
        """Nobody else changes any of them until this unit of work ends. Whoever puts others in their place, or counts tries at a
        code, does this first.
        """
        ...

    def of(self, member_id: str) -> Sequence[Contact]:
        """In order of preference."""
        ...

    def among(self, member_ids: Collection[str]) -> Mapping[str, Sequence[Contact]]:
        """Those of several members at once, each in order of preference; who has none is absent."""
        ...

    def replace(self, member_id: str, given: Sequence[Contact]) -> None: ...


class Handovers(Protocol):
    def get(self, handover_id: str) -> Handover | None: ...

    def of(
        self,
        estate: str,
        *,
        parties: Collection[str] | None = None,
        limit: int = 50,
        before: tuple[datetime, str] | None = None,
    ) -> Sequence[Handover]:
        """Newest first, those that follow (drawn at, id) `before`; of these parties only, where they are given."""
        ...

    def save(self, handover: Handover) -> None: ...


class CodeSender(Protocol):
    """Brings a code to a channel, so that whoever reads it there can prove that it is theirs."""

    def send_code(self, contact: Contact, words: Names) -> None:
        """Raises cloud.errors.Unavailable when the channel did not take it."""
        ...
