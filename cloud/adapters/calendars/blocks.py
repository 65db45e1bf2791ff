"""A calendar file cut into its events, with the line on which each thing stands, before any library sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from cloud.errors import Invalid

MAX_BYTES: Final = 256 * 1024
MAX_EVENTS: Final = 500
MAX_LINE: Final = 8000
MAX_DEPTH: Final = 8
_NAME: Final = re.compile(r"[A-Za-z0-9-]{1,60}(?=[;:])")
_EVENT: Final = ["VCALENDAR", "VEVENT"]


@dataclass
class Block:
    """One VEVENT as it stands in the file: its lines, and on which line each property is."""

    line: int
    lines: list[str] = field(default_factory=list)
    where: dict[str, int] = field(default_factory=dict)

    def keep(self, number: int, line: str) -> None:
        self.lines.append(line)
        if (name := _NAME.match(line)) is not None:
            self.where.setdefault(name[0].upper(), number)

    def at(self, name: str) -> int:
        return self.where.get(name, self.line)

    @property
    def text(self) -> str:
        return "\r\n".join(("BEGIN:VEVENT", *self.lines, "END:VEVENT", ""))


def blocks(content: bytes) -> Iterator[Block]:
    """The events of a file, everything else left out: time zones and alarms of its own among it. Raises Invalid when it
    is no calendar or larger than is taken.
    """
    lines = _lines(content)
    count, inside, block = 0, list[str](), Block(0)
    for number, line in enumerate(lines, 1):
        word = line.strip().upper()
        if word.startswith("BEGIN:"):
            inside.append(word.removeprefix("BEGIN:"))
            if inside == _EVENT:
                count, block = count + 1, Block(number)
            _check_bounds(number, line, count, len(inside))
        elif word.startswith("END:"):
            whole = inside == _EVENT
            if not inside or inside.pop() != word.removeprefix("END:"):
                raise Invalid("The calendar was not taken.", [f"line {number}: {word[:40]} ends what was not begun"])
            if whole:
                yield block
        elif inside == _EVENT and line:
            _check_bounds(number, line, count, len(inside))
            block.keep(number, line)
    if inside:
        raise Invalid("The calendar was not taken.", [f"line {len(lines)}: END:{inside[-1][:40]} is missing"])


def _lines(content: bytes) -> list[str]:
    if len(content) > MAX_BYTES:
        raise Invalid("The calendar is too large.", [f"send at most {MAX_BYTES // 1024} KiB at once"])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("The calendar is no text.", [f"byte {error.start}: save the file as UTF-8"]) from None
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip().upper() != "BEGIN:VCALENDAR":
        raise Invalid("This is no calendar.", ["line 1: an iCalendar file begins with BEGIN:VCALENDAR"])
    return lines


def _check_bounds(number: int, line: str, events: int, depth: int) -> None:
    if len(line) > MAX_LINE:
        raise Invalid("The calendar was not taken.", [f"line {number}: longer than {MAX_LINE} characters; fold it"])
    if events > MAX_EVENTS or depth > MAX_DEPTH:
        raise Invalid(
            "The calendar was not taken.",
            [f"line {number}: more than {MAX_EVENTS} events, or nested deeper than {MAX_DEPTH}; divide it"],
        )
