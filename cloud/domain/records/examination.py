"""Checks an exported ledger from its lines alone, and says which entry is the first that does not fit, why, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cloud.domain.records.ledger import GENESIS, Entry, Head
from cloud.domain.records.ledger_file import Header, Unreadable, fits_itself, read_entry, read_header


class Fault(StrEnum):
    """What is wrong with the first entry that does not fit."""

    TAMPERED = "tampered"
    REPLACED = "replaced"
    MISSING = "missing"
    REORDERED = "reordered"
    DUPLICATED = "duplicated"
    FOREIGN = "foreign"
    TRUNCATED = "truncated"
    EXCESS = "excess"
    HEADER = "header"
    HEAD = "head"


REMEDIES: Final = {
    Fault.TAMPERED: "Export again and compare that entry; if the new file says the same, the database was altered: keep"
    " both files, and restore the last backup whose export fits a published head.",
    Fault.REPLACED: "Somebody wrote a whole entry anew. Compare the heads in the Atom feed from before it, keep the file as"
    " evidence, and restore the last backup that fits them.",
    Fault.MISSING: "Export again; if it is still missing, it was deleted from the database: restore the last backup"
    " whose export fits a published head.",
    Fault.REORDERED: "Export again: a ledger is written in the order of its numbers, and no tool may sort it.",
    Fault.DUPLICATED: "Export again: files that overlap must not be joined; export the whole range at once.",
    Fault.FOREIGN: "Check one estate at a time: this line belongs to another one.",
    Fault.TRUNCATED: "The file was cut off or copied before it was whole. Export or copy it again.",
    Fault.EXCESS: "The file goes on after the entry its header ends with: export again.",
    Fault.HEADER: "Give a file that `tocsin ledger export` wrote, unchanged.",
    Fault.HEAD: "Ask where the head was published, and compare others in the feed; if they contradict the file, the chain"
    " was rewritten after that head. Keep the file and the feed as evidence.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """The first entry that does not fit: its number in the chain, its line in the file (the header is line 1), and why."""

    seq: int
    line: int
    fault: Fault
    reason: str

    @property
    def remedy(self) -> str:
        return REMEDIES[self.fault]


@dataclass(frozen=True, slots=True)
class Examined:
    """`finding` None: everything fits. `checked` entries from `header.first`; `head` is where the chain ends."""

    header: Header | None
    checked: int
    head: Head
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class PublishedAs:
    """A head that somebody noted. `seq` None: only its hash is known, and it must occur."""

    hash: str
    seq: int | None = None


def examine(
    lines: Iterable[str], published: PublishedAs | None = None, step: Callable[[int, Header], None] | None = None
) -> Examined:
    """Reads every line once, in order. `step` is told after each entry how many there were."""
    numbered = enumerate((line.removesuffix("\n") for line in lines), start=1)
    try:
        header = read_header(next(numbered, (1, ""))[1])
    except Unreadable as error:
        return Examined(None, 0, Head(), Finding(0, 1, Fault.HEADER, f"the file cannot be checked: {error}"))
    walk = _Walk(header, published)
    for number, line in numbered:
        finding = walk.take(number, line)
        if finding is not None:
            return Examined(header, walk.checked, walk.last, _told_apart(finding, numbered))
        if step is not None:
            step(walk.checked, header)
    return Examined(header, walk.checked, walk.last, walk.end())


class _Walk:
    """Follows the chain entry by entry."""

    def __init__(self, header: Header, published: PublishedAs | None) -> None:
        self._header, self._published = header, published
        self.last, self.checked = header.begins_at, 0
        self._met = published is None

    def take(self, number: int, line: str) -> Finding | None:
        expected = self.last.seq + 1
        try:
            entry = read_entry(line)
        except Unreadable as error:
            return Finding(expected, number, Fault.TAMPERED, f"entry {expected} was altered: {error}")
        if not fits_itself(entry):
            return Finding(
                expected, number, Fault.TAMPERED, f"entry {expected} was altered: its content does not give its hash"
            )
        finding = self._place(entry, expected, number)
        if finding is None:
            self.last, self.checked = Head(entry.seq, entry.hash), self.checked + 1
            finding = self._compare(number)
        return finding

    def _place(self, entry: Entry, expected: int, number: int) -> Finding | None:
        header = self._header
        if entry.estate != header.estate:
            reason = f"entry {expected} belongs to estate {entry.estate!r}, not {header.estate!r}"
            return Finding(expected, number, Fault.FOREIGN, reason)
        if entry.seq < expected:
            again = entry.seq >= header.first
            reason = f"entry {entry.seq} stands here again, where {expected} should"
            return Finding(entry.seq, number, Fault.DUPLICATED if again else Fault.EXCESS, reason)
        if expected > header.last:
            return Finding(expected, number, Fault.EXCESS, f"the header ends with {header.last}, the file does not")
        if entry.seq > expected:
            reason = f"entry {expected} is not there: {entry.seq} follows {self.last.seq}"
            return Finding(expected, number, Fault.MISSING, reason)
        if entry.previous != self.last.hash:
            before = f"{self.last.seq} or {expected}" if self.checked else f"{expected} or the header"
            reason = f"entry {expected} does not continue the chain: {before} was written anew"
            return Finding(expected, number, Fault.REPLACED, reason)
        return None

    def _compare(self, number: int) -> Finding | None:
        known = self._published
        if known is None or self._met:
            return None
        if known.seq is None:
            self._met = self.last.hash == known.hash
        elif known.seq == self.last.seq:
            self._met = True
            if known.hash != self.last.hash:
                reason = f"entry {known.seq} has the hash {self.last.hash}, published was {known.hash}"
                return Finding(known.seq, number, Fault.HEAD, reason)
        return None

    def end(self) -> Finding | None:
        """What only shows when everything was read."""
        header, line = self._header, self.checked + 1
        if self.last.seq < header.last:
            reason = (
                f"the file ends with {self.last.seq}, its header with {header.last}: {self.last.seq + 1} is missing"
            )
            return Finding(self.last.seq + 1, line, Fault.TRUNCATED, reason)
        if self.last != header.ends_at:
            reason = f"entry {self.last.seq} has the hash {self.last.hash}, the header says {header.head}"
            return Finding(self.last.seq, line, Fault.REPLACED, reason)
        return None if self._met else self._head_not_there(line)

    def _head_not_there(self, line: int) -> Finding:
        known = self._published
        assert known is not None
        if known.seq is None:
            reason = f"no entry from {self._header.first} to {self._header.last} has the published hash {known.hash}"
            return Finding(self.last.seq, line, Fault.HEAD, reason)
        if known.seq < self._header.first:
            reason = f"the file begins with {self._header.first}, after the head {known.seq}: export from the beginning"
            return Finding(known.seq, 1, Fault.HEAD, reason)
        reason = f"{known.seq} entries were published, the file ends with {self.last.seq}"
        return Finding(self.last.seq + 1, line, Fault.TRUNCATED, reason)


def _told_apart(finding: Finding, rest: Iterator[tuple[int, str]]) -> Finding:
    """What is missing here may stand further on: then nothing is missing, and the order is wrong."""
    if finding.fault is not Fault.MISSING:
        return finding
    for number, line in rest:
        try:
            entry = read_entry(line)
        except Unreadable:
            continue
        if entry.seq == finding.seq and fits_itself(entry):
            reason = f"entry {finding.seq} is out of order: it stands in line {number}, not in line {finding.line}"
            return Finding(finding.seq, finding.line, Fault.REORDERED, reason)
    return finding


def published_as(text: str) -> PublishedAs:
    """`SEQ:HASH` or `HASH`, as the public page and the feed print it. Raises ValueError."""
    seq, colon, hash_ = text.strip().rpartition(":")
    hash_ = hash_.lower()
    if len(hash_) != len(GENESIS) or not set(hash_) <= set("0123456789abcdef") or (colon and not seq.isdecimal()):
        raise ValueError(f"{text!r} is no head: give SEQ:HASH, such as 1024:{'ab' * 32}, or the hash alone")
    return PublishedAs(hash_, int(seq) if colon else None)
