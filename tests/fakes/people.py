"""Registers, notes and access keys in memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from cloud.application.records import Note
from cloud.domain.accounts.invitation import Invitation
from cloud.domain.accounts.throttle import Bucket
from cloud.domain.community.access import IDLE, AccessKey
from cloud.domain.community.names import Language
from cloud.domain.community.party import Member
from cloud.domain.duties.register import Estate, Register
from cloud.domain.records.personal import PersonalClass, PersonalRecord

if TYPE_CHECKING:
    from tests.fakes.units import Memory


class NoAccounts:
    """Nobody has an account in memory, nor was anybody asked in; tries are counted."""

    def __init__(self, buckets: dict[str, Bucket]) -> None:
        self._buckets = buckets

    def tries_key(self, now: datetime) -> bytes:  # noqa: ARG002 - the port's own
        return b"one key for all"

    def bucket(self, empty: Bucket) -> Bucket:
        return self._buckets.get(empty.source, empty)

    def save_bucket(self, bucket: Bucket) -> None:
        self._buckets[bucket.source] = bucket

    def hold(self) -> None:
        """Memory has one writer."""

    def first_run(self) -> None:
        """Nobody set anything up."""

    def remove(self, member_id: str) -> None:
        """There is none."""

    def invitations(self, estates: Collection[str]) -> Sequence[Invitation]:  # noqa: ARG002 - the port's own
        return ()

    def added_members(self, estate: str) -> Collection[str]:  # noqa: ARG002 - the port's own
        return ()


class FakeRegisters:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def find(self, estate: str) -> Register | None:
        known = self._memory.registers.get(estate)
        return known[0] if known else None

    def estates(self) -> Sequence[Estate]:
        return [register.estate for _, (register, _) in sorted(self._memory.registers.items())]

    def every(self) -> Sequence[Register]:
        return [register for _, (register, _) in sorted(self._memory.registers.items())]

    def member(self, member_id: str) -> Member | None:
        registers = [register for register, _ in self._memory.registers.values()]
        return next((r.members[member_id] for r in registers if member_id in r.members), None)

    def digest(self, estate: str) -> str | None:
        known = self._memory.registers.get(estate)
        return known[1] if known else None

    def store(self, register: Register, digest: str) -> None:
        chosen = self._memory.chosen_languages
        spoken = {name: replace(one, language=chosen.get(name, one.language)) for name, one in register.members.items()}
        self._memory.registers[register.estate.id] = (replace(register, members=spoken), digest)

    def choose_language(self, member_id: str, language: Language) -> None:
        self._memory.chosen_languages[member_id] = language
        for register, digest in list(self._memory.registers.values()):
            self.store(register, digest)


class FakeNotes:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def put(self, note: Note) -> None:
        self._memory.notes[note.id] = note
        estate = self._memory.incidents[note.incident_id].estate
        self._memory.side.personal[note.id] = PersonalRecord(
            note.id, estate, f"member:{note.member_id}", PersonalClass.NOTE, note.at, note.text, note.salt,
            note.incident_id,
        )  # fmt: skip

    def of_incident(self, incident_id: str) -> Sequence[Note]:
        found = []
        for _, note in sorted(self._memory.notes.items()):
            if note.incident_id == incident_id:
                words = self._memory.side.personal[note.id]
                found.append(replace(note, text=words.text, salt=words.salt, erased_at=words.erased_at))
        return found


class FakeAccessKeys:
    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def put(self, key: AccessKey) -> None:
        self._memory.keys[key.hash] = key

    def find(self, hash_: str) -> AccessKey | None:
        return self._memory.keys.get(hash_)

    def of_member(self, member_id: str) -> Sequence[AccessKey]:
        found = [key for key in self._memory.keys.values() if key.member_id == member_id]
        return sorted(found, key=lambda key: key.created_at)

    def save(self, key: AccessKey) -> None:
        self._memory.keys[key.hash] = key

    def seen(self, hash_: str, now: datetime) -> None:
        self._memory.keys[hash_] = replace(self._memory.keys[hash_], seen_at=now)

    def purge_links(self, before: datetime) -> int:
        ends = [k for k in self._memory.keys.values() if k.purpose in ("link", "session")]
        over = [
            k.hash
            for k in ends
            if (k.expires_at and k.expires_at < before) or (k.purpose == "session" and k.used_at < before - IDLE)
        ]
        for hash_ in over:
            del self._memory.keys[hash_]
        return len(over)
