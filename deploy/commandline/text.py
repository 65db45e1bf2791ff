"""A page of the manual for a terminal, or plain where it goes elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from deploy.commandline.pages import Page, Pairs

_INDENT, _COLUMN, _WIDE = 4, 26, 2


def as_text(page: Page, *, width: int = 80, bold: bool = False) -> str:
    """No line is wider than `width`, unless one word of it is; a Chinese character takes two columns."""
    return "\n".join(_Sheet(width, bold=bold).lines(page)) + "\n"


def columns(text: str) -> int:
    return sum(_WIDE if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def wrapped(text: str, width: int) -> Iterator[str]:
    line, used = "", 0
    for word in text.split():
        wide = columns(word)
        if line and used + 1 + wide > width:
            yield line
            line, used = word, wide
        else:
            line, used = (f"{line} {word}", used + 1 + wide) if line else (word, wide)
    yield line


def broken(command: str, width: int = 72) -> list[str]:
    """A command on as many lines as it needs, as a shell takes it: broken before options."""
    first, *parts = re.split(r" (?=--?[a-z]|> |[a-z]+=)", command)
    lines = [first]
    for part in parts:
        # Two columns are kept for the sign that the command goes on.
        if columns(f"{lines[-1]} {part}") + 2 > width:
            lines.append(f"    {part}")
        else:
            lines[-1] += f" {part}"
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


def folded(document: str, width: int = 74) -> list[str]:
    """JSON by example, in lines of that width; what is folded is set in."""
    lines: list[str] = []
    for line in document.splitlines():
        lead = len(line) - len(line.lstrip())
        first, *rest = wrapped(line, width - lead - 2)
        lines += [" " * lead + first, *(" " * (lead + 2) + one for one in rest)]
    return lines


class _Sheet:
    def __init__(self, width: int, *, bold: bool) -> None:
        self._width, self._bold = width, bold

    def lines(self, page: Page) -> Iterator[str]:
        yield from self._section("Name", [f"{page.name} - {page.about}"])
        yield from self._section("Synopsis", [f"{page.name} {page.usage}"])
        yield from self._section("Description", page.paragraphs)
        yield from self._pairs("Arguments", page.arguments)
        yield from self._pairs("Options", page.options)
        if page.commands:
            yield self._strong("COMMANDS")
            for heading, pairs in page.commands:
                if heading:
                    yield " " * (_INDENT // 2) + self._strong(heading)
                yield from self._table(pairs)
            yield ""
        if page.examples:
            yield self._strong("EXAMPLES")
            for command, what in page.examples:
                if what:
                    yield from self._paragraph(what)
                yield from (" " * 2 * _INDENT + line for line in broken(command, self._width - 2 * _INDENT))
            yield ""
        if page.json:
            yield self._strong("JSON")
            yield from (" " * _INDENT + line for line in folded(page.json, self._width - _INDENT))
            yield ""
        yield from self._pairs("Exit codes", page.exits)
        yield from self._pairs("Environment", page.environment)
        yield from self._pairs("Files", page.files)
        if page.see:
            yield from self._section("See also", [", ".join(f"`{one}`" for one in page.see)], last=True)

    def _section(self, title: str, paragraphs: Sequence[str], *, last: bool = False) -> Iterator[str]:
        if not paragraphs:
            return
        yield self._strong(title.upper())
        for number, one in enumerate(paragraphs):
            if number:
                yield ""
            yield from self._paragraph(one)
        if not last:
            yield ""

    def _paragraph(self, text: str) -> Iterator[str]:
        for line in wrapped(text.replace("`", ""), self._width - _INDENT):
            yield " " * _INDENT + line

    def _pairs(self, title: str, pairs: Pairs) -> Iterator[str]:
        if pairs:
            yield self._strong(title.upper())
            yield from self._table(pairs)
            yield ""

    def _table(self, pairs: Pairs) -> Iterator[str]:
        aside = min(max(columns(name) for name, _ in pairs) + 2, _COLUMN)
        for name, text in pairs:
            lines = list(wrapped(text.replace("`", ""), self._width - _INDENT - aside))
            if columns(name) + 2 > aside:
                yield " " * _INDENT + name
            else:
                yield f"{' ' * _INDENT}{name}{' ' * (aside - columns(name))}{lines.pop(0)}".rstrip()
            yield from (" " * (_INDENT + aside) + line for line in lines if line)

    def _strong(self, text: str) -> str:
        return f"\033[1m{text}\033[0m" if self._bold else text
