"""Records on the pages of a damaged SQLite file and of its log, read without header, schema or tree.

As the file format document says it (sqlite.org/fileformat2.html, 1.6 and 2.1; 4.1 for the log). Whether a record is one
that belongs to us is for the caller to judge: a page may be old, and what it names may lie elsewhere by now.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

_MAGIC: Final = b"SQLite format 3\0"
_PAGE_BYTES: Final = 4096
"""What SQLite takes unless told otherwise, and we never tell it."""
_FIRST_PAGE_HEADER: Final = 100
_LOG_HEADER, _FRAME_HEADER = 32, 24
_TABLE_LEAF, _INDEX_LEAF, _INDEX_INNER = 13, 10, 2
_CELLS_AT: Final = {_TABLE_LEAF: 8, _INDEX_LEAF: 8, _INDEX_INNER: 12}
_LONGEST_RECORD: Final = 1_000_000
_INTEGER_BYTES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_FLOAT, _ZERO, _ONE, _FIRST_BLOB = 7, 8, 9, 12


class Cell(NamedTuple):
    """A record where it lies: `here` bytes of its `size` on the page itself, from `at` on. `rowid`: None in a table without
    them. `beyond`: the page on which it goes on; 0 where it does not.
    """

    image: int
    rowid: int | None
    size: int
    at: int
    here: int
    beyond: int


class DatabasePages:
    """All images of pages that there are: those of the file, then those of its log, the older first."""

    def __init__(self, path: Path) -> None:
        """Raises OSError."""
        self._file = _mapped(path)
        self._log = _mapped(path.with_name(path.name + "-wal"))
        self._size = self._page_size()
        self._in_file = -(-len(self._file) // self._size)
        frames = range(_LOG_HEADER, len(self._log) - _FRAME_HEADER - self._size + 1, _FRAME_HEADER + self._size)
        self._frames = [(at + _FRAME_HEADER, self._number(at)) for at in frames if self._is_of_this_log(at)]
        self._newest = {number: at for at, number in self._frames}

    def free(self) -> set[int]:
        """Pages that the file has given up: what lies on them was deleted. Nothing where the first page does not say."""
        first = self._newest_page(1)
        if first[:16] != _MAGIC:
            return set()
        found: set[int] = set()
        trunk = int.from_bytes(first[32:36], "big")
        while trunk and trunk not in found and len(page := self._newest_page(trunk)) == self._size:
            found.add(trunk)
            trunk, count = struct.unpack_from(">II", page)
            found.update(struct.unpack_from(f">{min(count, self._size // 4 - 2)}I", page, 8))
        return found

    def head(self, cell: Cell) -> bytes:
        """What of the record lies on the page itself."""
        return self._image(cell.image)[cell.at : cell.at + cell.here]

    def cells(self, *, tables: bool) -> Iterator[Cell]:
        """Every record of every table with row ids (`tables`), or of every one without and of every index."""
        free = self.free()
        for image in range(self._in_file + len(self._frames)):
            number = image + 1 if image < self._in_file else self._frames[image - self._in_file][1]
            if number in free:
                continue
            page = self._image(image)
            start = _FIRST_PAGE_HEADER if page[:16] == _MAGIC else 0
            kind = page[start] if len(page) == self._size else 0
            if kind in _CELLS_AT and (kind == _TABLE_LEAF) is tables:
                yield from self._cells_of(image, page, start, kind)

    def record(self, cell: Cell) -> Iterator[list[Any]]:
        """What the cell may hold: read on in the newest pages, then in those of the file alone, where these differ."""
        seen = set()
        for newest in (True, False) if cell.beyond and self._newest else (False,):
            whole = self.head(cell) + self._beyond(cell, newest=newest)
            if len(whole) == cell.size and whole not in seen:
                seen.add(whole)
                found = values(whole)
                if found is not None:
                    yield found

    def _cells_of(self, image: int, page: bytes, start: int, kind: int) -> Iterator[Cell]:
        (count,) = struct.unpack_from(">H", page, start + 3)
        pointers = start + _CELLS_AT[kind]
        if pointers + 2 * count > self._size:
            return
        for pointer in struct.unpack_from(f">{count}H", page, pointers):
            try:
                size, at = _varint(page, pointer + (4 if kind == _INDEX_INNER else 0))
                rowid, at = _varint(page, at) if kind == _TABLE_LEAF else (None, at)
            except IndexError:
                continue
            here = self._local(size, table=kind == _TABLE_LEAF)
            end = at + here + (4 if here < size else 0)
            if 0 < size <= _LONGEST_RECORD and pointer >= pointers + 2 * count and end <= self._size:
                beyond = int.from_bytes(page[at + here : end], "big")
                yield Cell(image, rowid, size, at, here, beyond)

    def _local(self, size: int, *, table: bool) -> int:
        """How much of a record lies on the page itself."""
        most = self._size - 35 if table else (self._size - 12) * 64 // 255 - 23
        if size <= most:
            return size
        least = (self._size - 12) * 32 // 255 - 23
        wanted = least + (size - least) % (self._size - 4)
        return wanted if wanted <= most else least

    def _beyond(self, cell: Cell, *, newest: bool) -> bytes:
        parts: list[bytes] = []
        number, left = cell.beyond, cell.size - cell.here
        while number and left > 0:
            page = self._newest_page(number) if newest else self._image(number - 1)
            if len(page) < self._size:
                break
            (number,) = struct.unpack_from(">I", page)
            parts.append(page[4 : 4 + left])
            left -= len(parts[-1])
        return b"".join(parts)

    def _newest_page(self, number: int) -> bytes:
        at = self._newest.get(number)
        return self._image(number - 1) if at is None else self._log[at : at + self._size]

    def _image(self, image: int) -> bytes:
        if image < self._in_file:
            return self._file[image * self._size : (image + 1) * self._size]
        if image - self._in_file >= len(self._frames):
            return b""
        at, _ = self._frames[image - self._in_file]
        return self._log[at : at + self._size]

    def _page_size(self) -> int:
        said = []
        if self._file[:16] == _MAGIC:
            said.append(int.from_bytes(self._file[16:18], "big"))
        if len(self._log) >= _LOG_HEADER:
            said.append(int.from_bytes(self._log[8:12], "big"))
        return next((size for size in said if size in {1 << bits for bits in range(9, 16)}), _PAGE_BYTES)

    def _number(self, at: int) -> int:
        return int.from_bytes(self._log[at : at + 4], "big")

    def _is_of_this_log(self, at: int) -> bool:
        """A log is used again from its beginning; what lies behind is of its former life and has other salts."""
        return self._log[at + 8 : at + 16] == self._log[16:24]


def _mapped(path: Path) -> bytes | mmap.mmap:
    """Not read into memory: an outbox is larger than what a node has to spare."""
    if not path.exists() or path.stat().st_size == 0:
        return b""
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def values(record: bytes) -> list[Any] | None:
    """The columns of a record; None where it is none. An integer stands for a whole number in a column of reals."""
    try:
        header, at = _varint(record, 0)
        kinds = []
        while at < header:
            kind, at = _varint(record, at)
            kinds.append(kind)
        found: list[Any] = []
        for kind in kinds:
            value, at = _column(record, at, kind)
            found.append(value)
    except (IndexError, ValueError, struct.error):
        return None
    return found if at == len(record) else None


def _column(record: bytes, at: int, kind: int) -> tuple[Any, int]:
    if kind == 0:
        return None, at
    if kind in _INTEGER_BYTES:
        end = at + _INTEGER_BYTES[kind]
        return int.from_bytes(record[at:end], "big", signed=True), end
    if kind == _FLOAT:
        return struct.unpack_from(">d", record, at)[0], at + 8
    if kind in (_ZERO, _ONE):
        return kind - _ZERO, at
    if kind < _FIRST_BLOB:
        raise ValueError(f"no column is of type {kind}")
    end = at + (kind - _FIRST_BLOB) // 2
    raw = record[at:end]
    return (raw.decode() if kind % 2 else raw), end


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """A number of up to nine bytes, and where it ends. Raises IndexError."""
    number = 0
    for index in range(at, at + 8):
        number = number << 7 | raw[index] & 0x7F
        if raw[index] < 0x80:  # noqa: PLR2004 - the bit that says there is more
            return number, index + 1
    return number << 8 | raw[at + 8], at + 9
