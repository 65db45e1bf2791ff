"""Recorded signals through a board's ADC: every real number once, and nothing that is not one."""

from __future__ import annotations

import asyncio
import csv
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from firmware_sim.board import Board
from firmware_sim.errors import RecordingError
from firmware_sim.mcp3008 import CHANNELS, REFERENCE_VOLTS

_NUMBER: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_DATE: Final = re.compile(r"\d{1,2}[./ -]+[A-Za-zÄÖÜäöü]{3,}|[A-Za-z]{3,}[./ -]+\d+|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")
_SEPARATORS: Final = ";,\t|"
_EXAMPLES: Final = 5
_MIN_SLEEP_S: Final = 0.005


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the recording on an ADC channel: `at_zero` at 0 V, `at_full` at 3.3 V, as in a node's configuration."""

    name: str
    channel: int
    at_zero: float
    at_full: float

    @classmethod
    def parse(cls, text: str) -> Column:
        """From `NAME=CHANNEL,ZERO,FULL`, for example `vibration=0,0,100`."""
        name, _, rest = text.rpartition("=")
        parts = rest.split(",")
        if not name or len(parts) != 3 or not all(_NUMBER.fullmatch(part.strip()) for part in parts):  # noqa: PLR2004 - channel, zero, full
            raise RecordingError(f"--column {text}: expected NAME=CHANNEL,ZERO,FULL, for example vibration=0,0,100")
        channel, at_zero, at_full = (float(part) for part in parts)
        if channel not in range(CHANNELS) or at_zero == at_full:
            raise RecordingError(
                f"--column {text}: the channel is 0 to {CHANNELS - 1}, and ZERO and FULL differ; "
                "for example vibration=0,0,100"
            )
        return cls(name, int(channel), at_zero, at_full)

    def volts(self, value: float) -> float:
        return (value - self.at_zero) / (self.at_full - self.at_zero) * REFERENCE_VOLTS


@dataclass(frozen=True, slots=True)
class RefusedCell:
    """`line` as an editor counts it, the header being line 1."""

    line: int
    column: str
    cell: str
    reason: str


@dataclass(slots=True)
class ReplayReport:
    """`refused` by column and reason; `clipped` values were real but beyond what the channel can show."""

    rows: int = 0
    fed: Counter[str] = field(default_factory=Counter)
    clipped: Counter[str] = field(default_factory=Counter)
    refused: dict[str, Counter[str]] = field(default_factory=dict)
    examples: list[RefusedCell] = field(default_factory=list)

    def refuse(self, cell: RefusedCell) -> None:
        reasons = self.refused.setdefault(cell.column, Counter())
        reasons[cell.reason] += 1
        if reasons[cell.reason] <= _EXAMPLES:
            self.examples.append(cell)

    @property
    def refused_cells(self) -> int:
        return sum(sum(reasons.values()) for reasons in self.refused.values())

    def as_dict(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "fed": dict(self.fed),
            "clipped": dict(self.clipped),
            "refused": {column: dict(reasons) for column, reasons in self.refused.items()},
            "examples": [
                {"line": cell.line, "column": cell.column, "cell": cell.cell, "reason": cell.reason}
                for cell in self.examples
            ],
            "where_refused": "the ADC kept the last real value; nothing was interpolated",
        }


def why_refused(cell: str) -> str | None:
    """Why a cell is no reading; None for a finite number. A decimal comma is not guessed at."""
    cell = cell.strip()
    if not cell:
        return "empty"
    if _NUMBER.fullmatch(cell):
        return None if abs(float(cell)) != float("inf") else "not finite"
    if cell.lower().lstrip("+-") in {"nan", "inf", "infinity"}:
        return "not finite"
    return "a date, as a spreadsheet makes of numbers" if _DATE.search(cell) else "not a number"


class Replay:
    """Feeds one recording to one board, a row at a time. `advance` is pure of clocks; `play` paces it."""

    def __init__(self, path: Path, columns: Sequence[Column], board: Board) -> None:
        self._columns = columns
        self._board = board
        self._path = path
        self.report = ReplayReport()
        self.total_rows = 0
        self._separator, header = self._read_header()
        self.header = header
        missing = [column.name for column in columns if column.name not in header]
        if missing:
            raise RecordingError(f"{path}: no column {missing[0]!r}; the file has {', '.join(map(repr, header))}")
        self._places = {column: header.index(column.name) for column in columns}
        self._rows = self._read_rows()

    def rows(self) -> Iterator[list[str]]:
        """The cells of each row that `advance` has not yet played."""
        return (cells for _line, cells in self._rows)

    def advance(self) -> bool:
        """Put the next row on the channels; False at the end of the file."""
        row = next(self._rows, None)
        if row is None:
            return False
        line, cells = row
        self.report.rows += 1
        for column in self._columns:
            place = self._places[column]
            self._feed(column, line, cells[place] if place < len(cells) else "")
        return True

    async def play(
        self, *, rows_per_second: float, speed: float = 1.0, progress: Callable[[int], None] = lambda _rows: None
    ) -> ReplayReport:
        """Advance at the recording's own rate times `speed`, to the end."""
        started = time.monotonic()
        more = True
        while more:
            due = int((time.monotonic() - started) * rows_per_second * speed) + 1
            while more and self.report.rows < due:
                more = self.advance()
            progress(self.report.rows)
            await asyncio.sleep(max(1.0 / (rows_per_second * speed), _MIN_SLEEP_S))
        return self.report

    def _feed(self, column: Column, line: int, cell: str) -> None:
        reason = why_refused(cell)
        if reason is not None:
            self.report.refuse(RefusedCell(line, column.name, cell, reason))
            return
        volts = column.volts(float(cell))
        self.report.clipped[column.name] += not 0.0 <= volts <= REFERENCE_VOLTS
        self.report.fed[column.name] += 1
        self._board.set_voltage(column.channel, volts)

    def _read_header(self) -> tuple[str, list[str]]:
        try:
            with self._path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
                first = file.readline()
                self.total_rows = sum(1 for line in file if line.strip())
        except OSError as error:
            raise RecordingError(f"{self._path}: the recording cannot be read ({error.strerror})") from error
        if not first.strip():
            raise RecordingError(f"{self._path}: the recording is empty; its first line names the columns")
        separator = max(_SEPARATORS, key=first.count)
        return separator, [name.strip() for name in next(csv.reader([first], delimiter=separator))]

    def _read_rows(self) -> Iterator[tuple[int, list[str]]]:
        with self._path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            # A NUL or an endless field is one bad row, whose cells are refused as empty; the next is read.
            reader = csv.reader(file, delimiter=self._separator)
            next(reader)
            while True:
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    yield reader.line_num, []
                    continue
                if row:
                    yield reader.line_num, row

    def close(self) -> None:
        """Let go of the file."""
        close = getattr(self._rows, "close", None)
        if close is not None:
            close()
