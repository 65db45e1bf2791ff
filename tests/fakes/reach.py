"""Rosters, contacts and handovers in memory."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from cloud.domain.community.contacts import Contact
from cloud.domain.community.names import Names
from cloud.domain.community.roster import Roster
from cloud.domain.duties.register import Register
from cloud.domain.records.handover import Handover
from cloud.errors import Unavailable


class FakeRosters:
    def __init__(self, registers: dict[str, tuple[Register, str]]) -> None:
        self._registers = registers

    def _put(self, estate: str, rosters: dict[str, Roster]) -> None:
        register, digest = self._registers[estate]
        kept = tuple(rosters[name] for name in sorted(rosters))
        self._registers[estate] = (replace(register, rosters=kept, _by_closeness={}), digest)

    def save(self, roster: Roster) -> None:
        known = {one.id: one for one in self._registers[roster.estate][0].rosters}
        self._put(roster.estate, {**known, roster.id: roster})

    def remove(self, estate: str, roster_id: str) -> None:
        known = {one.id: one for one in self._registers[estate][0].rosters if one.id != roster_id}
        self._put(estate, known)


class FakeContacts:
    def __init__(self, contacts: dict[str, list[Contact]]) -> None:
        self._contacts = contacts

    def hold(self) -> None:
        """Memory has one writer."""

    def of(self, member_id: str) -> Sequence[Contact]:
        return sorted(self._contacts.get(member_id, []), key=lambda one: (one.preference, one.channel, one.address))

    def among(self, member_ids: Collection[str]) -> Mapping[str, Sequence[Contact]]:
        return {member: found for member in member_ids if (found := self.of(member))}

    def replace(self, member_id: str, given: Sequence[Contact]) -> None:
        self._contacts[member_id] = list(given)


class FakeHandovers:
    def __init__(self, handovers: dict[str, Handover]) -> None:
        self._handovers = handovers

    def get(self, handover_id: str) -> Handover | None:
        return self._handovers.get(handover_id)

    def of(
        self,
        estate: str,
        *,
        parties: Collection[str] | None = None,
        limit: int = 50,
        before: tuple[datetime, str] | None = None,
    ) -> Sequence[Handover]:
        found = [
            h for h in self._handovers.values() if h.estate == estate and (parties is None or h.party_id in parties)
        ]
        found = [one for one in found if before is None or (one.drawn_at, one.id) < before]
        return sorted(found, key=lambda one: (one.drawn_at, one.id), reverse=True)[:limit]

    def save(self, handover: Handover) -> None:
        self._handovers[handover.id] = handover


@dataclass
class Letterbox:
    """Where codes arrive; `jam` makes it refuse."""

    arrived: list[tuple[Contact, Names]] = field(default_factory=list)
    jammed: bool = False

    def jam(self) -> None:
        self.jammed = True

    def send_code(self, contact: Contact, words: Names) -> None:
        if self.jammed:
            raise Unavailable("The channel did not take it.")
        self.arrived.append((contact, words))

    def read(self) -> str:
        """The code in the last letter."""
        return read_code(self.arrived[-1][1].en)


def read_code(text: str) -> str:
    """The code in a message, as its reader finds it."""
    found = re.search(r"\d{6}", text)
    assert found is not None, text
    return found.group()
