"""Reads CSV as people save it: from any spreadsheet, in UTF-8 or GB 18030, and says of what is wrong in which cell it stands."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import PurePath
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cloud.adapters.estate_file.tables import COLUMNS, COMPUTED, DOCUMENTS, HEADINGS, NEEDED, column_of, document_of
from cloud.domain.community.faults import Fault, fault, in_file
from cloud.domain.community.value_faults import value_fault
from cloud.errors import Invalid
from schemas.base import DocumentModel

_DELIMITERS: Final = ",;\t"
MOST_ROWS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Row:
    """A row as its document, and the line (from 1) at which it begins."""

    line: int
    document: DocumentModel


@dataclass(frozen=True, slots=True)
class Table:
    """What one file holds. `name` is one of COLUMNS."""

    file: str
    name: str
    rows: tuple[Row, ...]


def read_table(file: str, content: bytes) -> Table:
    """Raises Invalid, which names file, line and column of everything that is wrong."""
    lines = list(lines_in(file, content))
    if not lines:
        raise Invalid(f"{file} is empty.", [in_file(fault("no-heads"), file, 1)])
    (first, heads), body = lines[0], lines[1:]
    columns = [HEADINGS.get(head.strip(), head.strip().lower()) for head in heads]
    name = _table(file, columns)
    problems = list(head_problems(file, COLUMNS[name], NEEDED[name], columns, first))
    rows: list[Row] = []
    if not problems:
        for line, cells in body:
            try:
                rows.append(Row(line, _document(file, name, columns, line, cells)))
            except Invalid as error:
                problems += error.problems
    if problems:
        raise Invalid(f"{file} is not as expected; nothing was taken.", problems)
    return Table(file, name, tuple(rows))


def lines_in(file: str, content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line at which it begins; remarks (#) and empty ones are passed over. Raises Invalid."""
    return _lines(file, _text(file, content))


def _text(file: str, content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid(f"{file} is no text.", [in_file(fault("no-csv-text"), file)])


def _lines(file: str, text: str) -> Iterator[tuple[int, list[str]]]:
    head = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for count, cells in enumerate(reader):
            if count > MOST_ROWS:
                raise Invalid(f"{file} is too long.", [in_file(fault("too-long", most=MOST_ROWS), file)])
            if any(cell.strip() for cell in cells) and not cells[0].lstrip().startswith("#"):
                yield begins, [_plain(cell) for cell in cells]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise Invalid(f"{file} is no CSV.", [in_file(fault("not-csv", what=error), file, reader.line_num)]) from error


def _plain(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from computing the cell."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(COMPUTED) else text


def _table(file: str, columns: Sequence[str]) -> str:
    stem = PurePath(file.replace("\\", "/")).stem.lower()
    for name in COLUMNS:
        if (
            stem == name
            or stem.startswith((f"{name}-", f"{name}_", f"{name} ", f"{name}."))
            or stem.endswith(f"-{name}")
        ):
            return name
    fitting = [name for name in COLUMNS if set(columns) <= set(COLUMNS[name]) and set(NEEDED[name]) <= set(columns)]
    if len(fitting) == 1:
        return fitting[0]
    known = ", ".join(f"{name}.csv" for name in COLUMNS)
    raise Invalid(f"{file}: nobody knows what it holds.", [in_file(fault("file-name", known=known), file)])


def head_problems(
    file: str, known_columns: Sequence[str], needed: Sequence[str], columns: Sequence[str], line: int
) -> Iterator[str]:
    """What is wrong with the heads of a table that may have the one and must have the other columns."""
    known = ", ".join(known_columns)
    for column in needed:
        if column not in columns:
            yield in_file(fault("column-missing", known=known), file, line, column)
    for number, column in enumerate(columns):
        if column not in known_columns and column:
            yield in_file(fault("column-unknown", known=known), file, line, column)
        elif column in columns[:number] and column:
            yield in_file(fault("column-twice"), file, line, column)


def _document(file: str, name: str, columns: Sequence[str], line: int, cells: Sequence[str]) -> DocumentModel:
    beyond = [cell for column, cell in zip(["", *columns], ["", *cells], strict=False) if not column and cell]
    if beyond or any(cells[len(columns) :]):
        raise Invalid("", [in_file(fault("no-heading"), file, line, len(columns) + 1)])
    said: Mapping[str, str] = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
    try:
        return DOCUMENTS[name].model_validate(document_of(name, said))
    except ValidationError as error:
        raise Invalid(
            "",
            [
                in_file(cell_fault(wrong), file, line, column_of(wrong["loc"]))
                for wrong in error.errors(include_url=False)
            ],
        ) from error


def cell_fault(wrong: ErrorDetails) -> Fault:
    """What is wrong with one cell."""
    return fault("fill-in") if wrong["type"] == "missing" else value_fault(wrong)
