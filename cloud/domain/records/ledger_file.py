"""The ledger as a file that any machine can check: JSON Lines, a header and then the entries, each in its one spelling."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Final

from cloud.domain.records.ledger import GENESIS, Entry, Head
from cloud.domain.records.ledger_chain import canonical, digest_of

FORMAT: Final = "tocsin-ledger/1"

_FIELDS: Final = frozenset(
    ("estate", "seq", "kind", "at", "actor", "incident_id", "subject", "causation_id", "data", "previous", "hash")
)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself. `previous`: the hash of the entry before `first`, the genesis where it is the first."""

    estate: str
    first: int
    last: int
    previous: str
    head: str
    exported_at: str
    format: str = FORMAT

    @property
    def begins_at(self) -> Head:
        return Head(self.first - 1, self.previous)

    @property
    def ends_at(self) -> Head:
        return Head(self.last, self.head)


class Unreadable(ValueError):  # noqa: N818 - what is wrong with a line
    """A line that is no header or entry, or not in the one spelling."""


def header_of(estate: str, begins_at: Head, ends_at: Head, now: datetime) -> Header:
    return Header(
        estate, begins_at.seq + 1, ends_at.seq, begins_at.hash, ends_at.hash,
        now.astimezone(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip


def header_line(header: Header) -> str:
    return _spelled(asdict(header))


def entry_line(entry: Entry) -> str:
    """The bytes that are hashed, and the hash beside them: what is not in this spelling has been altered."""
    return _spelled({**json.loads(canonical(entry)), "hash": entry.hash})


def lines(header: Header, entries: Iterable[Entry]) -> Iterator[str]:
    """The whole file, line by line, each with its end."""
    yield header_line(header) + "\n"
    for entry in entries:
        yield entry_line(entry) + "\n"


def read_header(line: str) -> Header:
    body = _object(line)
    if body.get("format") != FORMAT:
        raise Unreadable(f"its first line is no header of {FORMAT}")
    try:
        header = Header(**body)
        sound = all(isinstance(value, int) for value in (header.first, header.last)) and header.first >= 1
    except TypeError:
        sound = False
    if not sound or header_line(header) != line:
        raise Unreadable("its header is not spelled as an export spells it")
    if header.first == 1 and header.previous != GENESIS:
        raise Unreadable("its header says that something came before the first entry")
    return header


def read_entry(line: str) -> Entry:
    body = _object(line)
    if body.keys() != _FIELDS:
        raise Unreadable(f"it has not exactly the fields of an entry ({', '.join(sorted(_FIELDS ^ body.keys()))})")
    if isinstance(body["seq"], bool) or not isinstance(body["seq"], int) or not isinstance(body["data"], dict):
        raise Unreadable("its seq is no number or its data no object")
    try:
        at = datetime.fromisoformat(body["at"])
        entry = Entry(**{**body, "at": at.astimezone(UTC)})
        sound = at.tzinfo is not None and entry_line(entry) == line
    except (TypeError, ValueError, OverflowError):
        sound = False
    if not sound:
        raise Unreadable("it is not spelled as an export spells it")
    return entry


def fits_itself(entry: Entry) -> bool:
    """Whether its content gives the hash that stands in it."""
    return digest_of(entry) == entry.hash


def _object(line: str) -> dict[str, Any]:
    try:
        body = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Unreadable("it is no JSON") from error
    if not isinstance(body, dict):
        raise Unreadable("it is no JSON object")
    return body


def _spelled(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
